using System.Text.Json.Serialization;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Sync;

namespace FinanceIntegrations.Domain.Integrations;

[JsonConverter(typeof(JsonStringEnumConverter<IntegrationType>))]
public enum IntegrationType
{
    [JsonStringEnumMemberName("bank")] Bank,
    [JsonStringEnumMemberName("accounting")] Accounting,
    [JsonStringEnumMemberName("payment_processor")] PaymentProcessor,
    [JsonStringEnumMemberName("tax_authority")] TaxAuthority,
    [JsonStringEnumMemberName("custom")] Custom,
}

[JsonConverter(typeof(JsonStringEnumConverter<IntegrationStatus>))]
public enum IntegrationStatus
{
    /// <summary>Created and not yet connected, or switched off. Nothing is called.</summary>
    [JsonStringEnumMemberName("inactive")] Inactive,

    [JsonStringEnumMemberName("active")] Active,

    /// <summary>Needs repair, or waits out a failure; retried by itself.</summary>
    [JsonStringEnumMemberName("error")] Error,

    /// <summary>Only the user can help: authorize again. Nothing is called.</summary>
    [JsonStringEnumMemberName("expired")] Expired,
}

/// <summary>Everything that one integration's grain owns. Immutable; changed only by <see cref="Lifecycle"/>. Stored as JSON, under 16 KB.</summary>
public sealed record IntegrationState
{
    public int Schema { get; init; } = 1;

    public Guid Id { get; init; }

    /// <summary>The user (<c>sub</c>) whose it is.</summary>
    public string Owner { get; init; } = "";

    public string Name { get; init; } = "";

    public IntegrationType Type { get; init; }

    public string Provider { get; init; } = "";

    [JsonPropertyName("oauth_provider")] public string? OAuthProvider { get; init; }

    /// <summary>The caller's settings and notes: opaque JSON objects, kept as text.</summary>
    public string Config { get; init; } = "{}";

    public string Metadata { get; init; } = "{}";

    public int SyncFrequencyMinutes { get; init; } = 60;

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public IntegrationStatus Status { get; init; }

    /// <summary>Stable snake_case code of why the status is what it is.</summary>
    public string StatusReason { get; init; } = "not_connected";

    /// <summary>The user's switch. False: nothing is called, nothing is lost.</summary>
    public bool Enabled { get; init; } = true;

    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>What it has brought in is to be erased, or was. Set with the deletion, for ever.</summary>
    public bool Purge { get; init; }

    /// <summary>When nothing of it was left. Null with <see cref="Purge"/>: rows may still be there, and the grain wakes until none is.</summary>
    public DateTimeOffset? PurgedAt { get; init; }

    public string? ExternalAccountId { get; init; }

    public TokenSet? Tokens { get; init; }

    public PendingAuthorization? Authorization { get; init; }

    public RefreshIntent? Refresh { get; init; }

    /// <summary>Refreshes in a row that brought no tokens.</summary>
    public int RefreshFailures { get; init; }

    public DateTimeOffset? LastSyncAt { get; init; }

    public DateTimeOffset? LastSuccessAt { get; init; }

    public DateTimeOffset? NextSyncAt { get; init; }

    /// <summary>Failed runs since the last good one: the exponent of the schedule's backoff.</summary>
    public int FailedRuns { get; init; }

    /// <summary>The run that is under way, in the database too; survives the process.</summary>
    public RunInProgress? Run { get; init; }

    /// <summary>Streams that webhooks asked to be read and that no run has begun to read since.</summary>
    /// <remarks>A state from before there were such wishes has none; the deserializer then gives null.</remarks>
    public IReadOnlyList<string> StreamsAsked { get; init => field = value ?? []; } = [];

    /// <summary>History behind the first sync's window; null: none was found.</summary>
    public HistoryState? History { get; init; }

    public Breaker Breaker { get; init; } = new();

    public HealthWindow Health { get; init; } = new();

    /// <summary>As it was when the state was last stored, for lists; time alone may have lowered it since.</summary>
    public double HealthScore { get; init; } = 1;

    public Problem? LastProblem { get; init; }

    /// <summary>The last run that came to an end, and why it was no plain success.</summary>
    public RunSummary? LastRun { get; init; }

    /// <summary>Writes to the provider whose end is not known yet.</summary>
    /// <remarks>Absent in older states: see <see cref="StreamsAsked"/>.</remarks>
    public IReadOnlyList<OpenWrite> Writes { get; init => field = value ?? []; } = [];

    /// <summary>When somebody may have to be told next that a dispute needs a response; null: none waits for one, as far as was seen last.</summary>
    public DateTimeOffset? DisputesLookAt { get; init; }

    /// <summary>The scarcest of the account's call budgets when the last run ended; null: there was enough.</summary>
    public ScarceBudget? Scarce { get; init; }

    /// <summary>What runs have found to doubt, and none has dispelled since.</summary>
    /// <remarks>Absent in older states: see <see cref="StreamsAsked"/>.</remarks>
    public IReadOnlyList<Doubt> Doubts { get; init => field = value ?? []; } = [];

    /// <summary>Written to tables by the very statement that stores this state; empty again afterwards.</summary>
    public Outbox Outbox { get; init; } = new();

    [JsonIgnore] public bool PurgePending => Purge && PurgedAt is null;

    [JsonIgnore] public bool Exists => Owner.Length > 0 && DeletedAt is null;
}

/// <summary>Tokens, encrypted. The plain text never stands in a state.</summary>
public sealed record TokenSet
{
    public string AccessToken { get; init; } = "";

    public string? RefreshToken { get; init; }

    /// <summary>Null: does not expire.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>End of the refresh token or of the consent, whichever is sooner; null: not known to end.</summary>
    public DateTimeOffset? RefreshExpiresAt { get; init; }

    /// <summary>When they are refreshed next: chosen when they were sealed, later after a failure. Null: never by themselves.</summary>
    public DateTimeOffset? RefreshAt { get; init; }

    /// <summary>When somebody is told next that <see cref="RefreshExpiresAt"/> comes near; null: not again.</summary>
    public DateTimeOffset? WarnAt { get; init; }

    /// <summary>Since then it is unknown whether the provider has rotated the refresh token: it was sent, and no answer came.</summary>
    public DateTimeOffset? UnansweredSince { get; init; }

    public string? Scope { get; init; }

    public bool? LiveMode { get; init; }

    public DateTimeOffset ObtainedAt { get; init; }
}

/// <summary>An authorization that was begun. Its nonce is burned by the first callback, good or bad.</summary>
public sealed record PendingAuthorization
{
    public string Nonce { get; init; } = "";

    /// <summary>PKCE code verifier, encrypted; null where the provider has no PKCE.</summary>
    public string? CodeVerifier { get; init; }

    public string RedirectUri { get; init; } = "";

    public DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>Committed before a refresh is sent: a crash in between is then known, not guessed.</summary>
public sealed record RefreshIntent
{
    public Guid Attempt { get; init; }

    /// <summary>The activation that makes the call, with its silo.</summary>
    public string Owner { get; init; } = "";

    /// <summary>Of the refresh token that is sent: the beginning of its SHA-256, in hexadecimal.</summary>
    public string Fingerprint { get; init; } = "";

    public DateTimeOffset BegunAt { get; init; }

    /// <summary>Until then whoever finds the intent takes it for one under way.</summary>
    public DateTimeOffset Deadline { get; init; }
}

public sealed record RunInProgress
{
    public Guid Id { get; init; }

    public string Trigger { get; init; } = "";

    public bool Full { get; init; }

    /// <summary>The streams that it reads; empty, or absent as in older states: all.</summary>
    public IReadOnlyList<string> Streams { get; init => field = value ?? []; } = [];

    /// <summary>Of a run over all streams: those that somebody asked for. It reads them though they are not due by their own frequency.</summary>
    /// <remarks>Absent in older states.</remarks>
    public IReadOnlyList<string> Asked { get; init => field = value ?? []; } = [];

    [JsonIgnore] public bool IsWhole => Streams.Count == 0 && !IsHistory;

    /// <summary>It reads what lies behind the first sync's window, and gives way to every other run.</summary>
    [JsonIgnore] public bool IsHistory => Trigger == HistoryTrigger;

    public const string HistoryTrigger = "backfill";

    /// <summary>
    /// How urgent its calls are. Reading everything again is nobody's wait, whoever asked for it; a first sync may be long, and must not use up
    /// what is kept for people who wait.
    /// </summary>
    [JsonIgnore]
    public Lane Lane => (Full, Trigger) switch
    {
        (true, _) or (_, "backfill") => Lane.Backfill,
        (_, "user") => Lane.Person,
        (_, "webhook") => Lane.Webhook,
        _ => Lane.Schedule,
    };

    public DateTimeOffset StartedAt { get; init; }
}

/// <summary>A run that has ended, as the health document shows it.</summary>
public sealed record RunSummary
{
    public Guid Id { get; init; }

    public string Status { get; init; } = "";

    public IReadOnlyList<RunReason> Reasons { get; init => field = value ?? []; } = [];

    public DateTimeOffset EndedAt { get; init; }
}

/// <summary>How far the background's reading of history is.</summary>
public sealed record HistoryState
{
    /// <summary>When a run over it may begin; null: it is read.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Failed runs over it since the last good one.</summary>
    public int FailedRuns { get; init; }

    /// <summary>0–1, as of the last run's end.</summary>
    public double Progress { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }
}

/// <summary>The last thing that went wrong, as it is shown.</summary>
public sealed record Problem
{
    public string Class { get; init; } = "";

    public string Code { get; init; } = "";

    public string Message { get; init; } = "";

    public DateTimeOffset At { get; init; }
}
