using FinanceIntegrations.Domain.Attention;
using FinanceIntegrations.Domain.Auditing;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Sync;

namespace FinanceIntegrations.Domain.Integrations;

/// <summary>What must happen in tables together with a change of the state. The statement that stores the state applies it.</summary>
public sealed record Outbox
{
    public IReadOnlyList<LogLine> Logs { get; init; } = [];

    /// <summary>A run to be opened in <c>sync_runs</c>; refused there, and with it the whole write, while another is open.</summary>
    public RunInProgress? RunStarted { get; init; }

    public RunEnd? RunEnded { get; init; }

    /// <summary>Webhook deliveries whose effect is this change.</summary>
    public IReadOnlyList<long> DeliveriesDone { get; init; } = [];

    /// <summary>Items for a person. One that is open under the same key is brought up to date.</summary>
    public IReadOnlyList<AttentionItem> AttentionRaised { get; init; } = [];

    /// <summary>Items that are settled by this change; none where no item is open under the key.</summary>
    public IReadOnlyList<AttentionSettlement> AttentionSettled { get; init; } = [];

    /// <summary>Writes as they stand now, by their id.</summary>
    public IReadOnlyList<OperationRow> Operations { get; init; } = [];

    /// <summary>Who did what by this change, in order.</summary>
    public IReadOnlyList<AuditEntry> Audit { get; init; } = [];
}

/// <param name="Event">Stable snake_case: <c>sync_succeeded</c>, <c>status_changed</c>.</param>
/// <param name="Level"><c>info</c> · <c>warning</c> · <c>error</c>.</param>
public sealed record LogLine(Guid Id, DateTimeOffset At, string Level, string Event, string Message);

public sealed record RunEnd
{
    public Guid Id { get; init; }

    /// <summary><c>succeeded</c> · <c>partial</c> · <c>failed</c> · <c>cancelled</c>.</summary>
    public string Status { get; init; } = "";

    public long SyncedRecords { get; init; }

    public string Message { get; init; } = "";

    public IReadOnlyList<StreamOutcome> Streams { get; init; } = [];

    /// <summary>Why it is not simply a success; empty where it is.</summary>
    public IReadOnlyList<RunReason> Reasons { get; init; } = [];

    /// <summary>What the run has looked at and found in order: doubts of earlier runs that it dispels.</summary>
    public IReadOnlyList<Doubt> Cleared { get; init; } = [];

    /// <summary>The payouts behind the reason <c>entries_disagree</c>; at most <see cref="Trust.MostPayoutItems"/>.</summary>
    [System.Text.Json.Serialization.JsonIgnore] public IReadOnlyList<PayoutFinding> Payouts { get; init; } = [];

    public DateTimeOffset EndedAt { get; init; }

    /// <summary>When the first of the streams is due by its own frequency; null: at every run.</summary>
    [System.Text.Json.Serialization.JsonIgnore] public DateTimeOffset? FirstStreamDue { get; init; }

    /// <summary>The scarcest of the account's call budgets, when the run ended; null: there is enough.</summary>
    [System.Text.Json.Serialization.JsonIgnore] public ScarceBudget? Scarce { get; init; }
}

/// <summary>A reason to doubt a run's data.</summary>
/// <param name="Code">Stable snake_case: <c>stream_failed</c>, <c>rows_parked</c>, <c>total_disagrees</c>, <c>implausible_zero</c>, <c>implausible_fall</c>, <c>entries_disagree</c>.</param>
/// <param name="Stream">Null: the run as a whole.</param>
/// <param name="Message">A sentence for a person.</param>
public sealed record RunReason(string Code, string? Stream, string Message);

/// <summary>What a run did in one stream.</summary>
public sealed record StreamOutcome
{
    public string Stream { get; init; } = "";

    /// <summary><c>succeeded</c> · <c>partial</c> · <c>failed</c> · <c>skipped</c> · <c>paused</c>: history that goes on later.</summary>
    public string Status { get; init; } = "";

    /// <summary><c>delta</c> · <c>recent</c> · <c>full</c> · <c>history</c>; null where it was not read.</summary>
    public string? Mode { get; init; }

    /// <summary>Of history: how much of it is read, 0–100; null where the provider gives no measure.</summary>
    public double? Percent { get; init; }

    /// <summary>Of a skipped stream: <c>stream_switched_off</c>, <c>not_due</c>, <c>nothing_due</c>: of what it follows, <c>provider_in_trouble</c>.</summary>
    public string? SkippedBecause { get; init; }

    /// <summary>Rows that the provider showed.</summary>
    public long Seen { get; init; }

    /// <summary>Rows that were new or had changed.</summary>
    public long Written { get; init; }

    /// <summary>Those of them that had changed.</summary>
    public long Changed { get; init; }

    /// <summary>Rows that were left as they are: we hold them so, or newer.</summary>
    public long Skipped { get; init; }

    /// <summary>Rows that do not fit; kept in <c>parked_rows</c>.</summary>
    public long Parked { get; init; }

    /// <summary>Rows that the provider no longer shows, marked deleted.</summary>
    public long Deleted { get; init; }

    public long Pages { get; init; }

    /// <summary>Calls to the provider, those that failed included.</summary>
    public long Calls { get; init; }

    public long Bytes { get; init; }

    public string? ErrorClass { get; init; }

    public string? ErrorCode { get; init; }

    public string? ErrorMessage { get; init; }
}
