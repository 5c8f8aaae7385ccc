namespace FinanceIntegrations.Domain.Attention;

/// <summary>
/// Something that only a person can decide. One item is open per integration and <see cref="Key"/>: raised again while it is open, it is
/// brought up to date; raised again after it was settled, it is a new one. Holds nothing secret or personal.
/// </summary>
public sealed record AttentionItem
{
    public Guid Id { get; init; }

    /// <summary>What it is about, within the integration: the kind, and where one kind may stand several times, its subject: <c>rows_parked:payouts</c>.</summary>
    public string Key { get; init; } = "";

    /// <summary>One of <see cref="AttentionKinds"/>.</summary>
    public string Kind { get; init; } = "";

    public string? Stream { get; init; }

    /// <summary>A sentence for a person.</summary>
    public string WhatHappened { get; init; } = "";

    /// <summary>What it costs to leave it alone: a sentence for a person.</summary>
    public string AtStake { get; init; } = "";

    /// <summary>What the person may answer; at least one.</summary>
    public IReadOnlyList<AttentionChoice> Choices { get; init; } = [];

    /// <summary>By when; null: no date.</summary>
    public DateTimeOffset? DueAt { get; init; }

    public DateTimeOffset RaisedAt { get; init; }
}

/// <param name="Code">Stable snake_case; what <c>resolve</c> takes.</param>
/// <param name="Label">What it does, for a person.</param>
public sealed record AttentionChoice(string Code, string Label);

/// <summary>The end of an open item: somebody's choice, or <see cref="BySystem"/> where the reason went away by itself.</summary>
public sealed record AttentionSettlement
{
    public const string BySystem = "system";

    /// <summary>Of <see cref="AttentionItem"/>.</summary>
    public string Key { get; init; } = "";

    /// <summary>One of the item's choices, or <c>gone</c>.</summary>
    public string Choice { get; init; } = "";

    /// <summary>The user (<c>sub</c>) who decided.</summary>
    public string By { get; init; } = BySystem;

    public string? Note { get; init; }

    public DateTimeOffset At { get; init; }
}

/// <summary>Stable codes: they stand in rows, answers and keys.</summary>
public static class AttentionKinds
{
    /// <summary>The user has to authorize again.</summary>
    public const string ConsentNeeded = "consent_needed";

    /// <summary>Consent or refresh token run out on a known day.</summary>
    public const string ConsentEndsSoon = "consent_ends_soon";

    /// <summary>Rows did not fit and wait in <c>parked_rows</c>.</summary>
    public const string RowsParked = "rows_parked";

    /// <summary>What was read is implausible, or disagrees with a total of the provider's.</summary>
    public const string DataSuspicious = "data_suspicious";

    /// <summary>A paid payout does not come to what its entries add up to.</summary>
    public const string PayoutMismatch = "payout_mismatch";

    /// <summary>A payout that was ordered here did not arrive.</summary>
    public const string PayoutFailed = "payout_failed";

    /// <summary>A run has read some streams and not this one.</summary>
    public const string StreamFailed = "stream_failed";

    /// <summary>Several runs in a row have failed.</summary>
    public const string RepeatedFailure = "repeated_failure";

    /// <summary>A call that changes something was sent, and nobody knows what became of it.</summary>
    public const string OutcomeUnknown = "outcome_unknown";

    /// <summary>A dispute needs a response by a known day.</summary>
    public const string DisputeDue = "dispute_due";
}

/// <summary>Choices that several kinds share: stable codes, and what the grain does for each.</summary>
public static class AttentionChoices
{
    public static readonly AttentionChoice Remap = new("remap", "Map the parked rows again, from what was kept. The provider is not called.");
    public static readonly AttentionChoice Retry = new("retry", "Sync now.");
    public static readonly AttentionChoice FullRead = new("full_read", "Read everything again.");
    public static readonly AttentionChoice Accept = new("accept", "What was read is right: mark deleted what the provider no longer shows.");
    public static readonly AttentionChoice AcceptPayout = new("accept", "It is right as it is: this difference is not laid before anybody again.");
    public static readonly AttentionChoice Dismiss = new("dismiss", "Leave it as it is.");

    /// <summary>Not done by a call: the user goes through the provider's consent page.</summary>
    public static readonly AttentionChoice Authorize = new("authorize", "Authorize the connection again.");

    /// <summary>The choice of a settlement by the system.</summary>
    public const string Gone = "gone";
}
