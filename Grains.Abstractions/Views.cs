namespace FinanceIntegrations.Grains.Abstractions;

/// <summary>An answer, or a refusal that was to be expected. Exceptions are for bugs and dead infrastructure.</summary>
[GenerateSerializer, Immutable, Alias("fi.Reply`1")]
public sealed record Reply<T>
    where T : class
{
    [Id(0)] public T? Value { get; init; }
    [Id(1)] public Refusal? Refusal { get; init; }

    public static implicit operator Reply<T>(T value) => new() { Value = value };

    public static implicit operator Reply<T>(Refusal refusal) => new() { Refusal = refusal };
}

/// <param name="Code">Stable snake_case: <c>not_found</c>, <c>state_invalid</c>, <c>authorization_expired</c>, <c>not_due</c>, <c>provider_error</c>…</param>
/// <param name="Message">A sentence for a person.</param>
[GenerateSerializer, Immutable, Alias("fi.Refusal")]
public sealed record Refusal([property: Id(0)] string Code, [property: Id(1)] string Message)
{
    /// <summary>The class of the provider's error, where one caused the refusal.</summary>
    [Id(2)] public string? ErrorClass { get; init; }
    [Id(3)] public TimeSpan? RetryAfter { get; init; }
}

/// <summary>The health document.</summary>
[GenerateSerializer, Immutable, Alias("fi.IntegrationStatus")]
public sealed record IntegrationStatusView
{
    [Id(0)] public required Guid IntegrationId { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public required string Provider { get; init; }
    [Id(3)] public required string Status { get; init; }
    [Id(4)] public required string StatusReason { get; init; }

    /// <summary>0.0–1.0.</summary>
    [Id(5)] public required double HealthScore { get; init; }

    /// <summary><c>healthy</c> · <c>degraded</c> · <c>unhealthy</c>.</summary>
    [Id(6)] public required string Health { get; init; }
    [Id(7)] public required IReadOnlyList<HealthLossView> HealthLosses { get; init; }
    [Id(8)] public DateTimeOffset? LastSyncAt { get; init; }
    [Id(9)] public DateTimeOffset? LastSuccessAt { get; init; }
    [Id(10)] public DateTimeOffset? NextSyncAt { get; init; }
    [Id(11)] public required int SyncFrequencyMinutes { get; init; }
    [Id(12)] public RunView? CurrentRun { get; init; }
    [Id(13)] public required TokenView Token { get; init; }
    [Id(14)] public required BreakerView CircuitBreaker { get; init; }

    /// <summary>Of recent operations, 0.0–1.0, weighted to the recent.</summary>
    [Id(15)] public required double SuccessRate { get; init; }
    [Id(16)] public ProblemView? LastProblem { get; init; }
    [Id(17)] public string? ExternalAccountId { get; init; }
    [Id(18)] public bool IsActive { get; init; }

    /// <summary>The last run that came to an end.</summary>
    [Id(19)] public LastRunView? LastRun { get; init; }

    /// <summary>Open items of the attention list.</summary>
    [Id(20)] public int OpenAttentionItems { get; init; }

    /// <summary>What is older than the first sync's window; null: there is none.</summary>
    [Id(21)] public HistoryView? History { get; init; }

    /// <summary>The provider's own trouble that the last problem is part of; null: none is known.</summary>
    [Id(22)] public ProviderIncidentView? ProviderIncident { get; init; }

    /// <summary>A call budget that is nearly used up; null: none was when the last run ended.</summary>
    [Id(23)] public ScarceBudgetView? Budget { get; init; }

    /// <summary>Payments that payers' banks contest; null: the provider shows none.</summary>
    [Id(24)] public DisputesView? Disputes { get; init; }
}

/// <param name="Open">Not decided yet.</param>
/// <param name="NeedsResponse">Those of them that need a response.</param>
/// <param name="AtStake">The money of the open ones, per currency.</param>
/// <param name="NextDueAt">The nearest last moment for evidence.</param>
[GenerateSerializer, Immutable, Alias("fi.Disputes")]
public sealed record DisputesView(
    [property: Id(0)] long Open,
    [property: Id(1)] long NeedsResponse,
    [property: Id(2)] IReadOnlyList<MoneyView> AtStake,
    [property: Id(3)] DateTimeOffset? NextDueAt);

[GenerateSerializer, Immutable, Alias("fi.Money")]
public sealed record MoneyView([property: Id(0)] string Currency, [property: Id(1)] decimal Amount);

/// <param name="Status"><c>succeeded</c> · <c>partial</c> · <c>failed</c>.</param>
/// <param name="Reasons">Why it is no plain success.</param>
[GenerateSerializer, Immutable, Alias("fi.LastRun")]
public sealed record LastRunView(
    [property: Id(0)] Guid RunId,
    [property: Id(1)] string Status,
    [property: Id(2)] IReadOnlyList<RunReasonView> Reasons,
    [property: Id(3)] DateTimeOffset EndedAt);

/// <param name="Code"><c>stream_failed</c> · <c>rows_parked</c> · <c>total_disagrees</c> · <c>implausible_zero</c> · <c>implausible_fall</c>.</param>
/// <param name="Stream">Null: the run as a whole.</param>
[GenerateSerializer, Immutable, Alias("fi.RunReason")]
public sealed record RunReasonView([property: Id(0)] string Code, [property: Id(1)] string? Stream, [property: Id(2)] string Message);

/// <param name="Left">Of <paramref name="Limit"/> calls in any <paramref name="PerSeconds"/> seconds.</param>
[GenerateSerializer, Immutable, Alias("fi.ScarceBudget")]
public sealed record ScarceBudgetView(
    [property: Id(0)] int Left, [property: Id(1)] int Limit, [property: Id(2)] double PerSeconds, [property: Id(3)] DateTimeOffset RefillsAt);

/// <param name="State"><c>reading</c> · <c>waiting</c>: something else goes first · <c>complete</c>.</param>
/// <param name="Percent">0–100: the mean of the streams; one whose provider gives no measure counts when it is read.</param>
/// <param name="DueAt">When it goes on, at the earliest.</param>
[GenerateSerializer, Immutable, Alias("fi.History")]
public sealed record HistoryView(
    [property: Id(0)] string State,
    [property: Id(1)] double Percent,
    [property: Id(2)] DateTimeOffset? DueAt,
    [property: Id(3)] DateTimeOffset? CompletedAt);

/// <param name="Affected">The most connections that failed alike at one time.</param>
[GenerateSerializer, Immutable, Alias("fi.ProviderIncident")]
public sealed record ProviderIncidentView(
    [property: Id(0)] string ErrorClass, [property: Id(1)] DateTimeOffset Since, [property: Id(2)] int Affected);

[GenerateSerializer, Immutable, Alias("fi.HealthLoss")]
public sealed record HealthLossView([property: Id(0)] double Points, [property: Id(1)] string Cause, [property: Id(2)] string Advice);

[GenerateSerializer, Immutable, Alias("fi.Run")]
public sealed record RunView([property: Id(0)] Guid RunId, [property: Id(1)] string Trigger, [property: Id(2)] DateTimeOffset StartedAt);

/// <param name="State"><c>none</c> · <c>valid</c> · <c>due</c> · <c>expired</c>.</param>
[GenerateSerializer, Immutable, Alias("fi.Token")]
public sealed record TokenView(
    [property: Id(0)] string State,
    [property: Id(1)] DateTimeOffset? ExpiresAt,
    [property: Id(2)] DateTimeOffset? ConsentEndsAt,
    [property: Id(3)] string? Scope,
    [property: Id(4)] DateTimeOffset? ObtainedAt);

/// <param name="State"><c>closed</c> · <c>open</c> · <c>half_open</c>.</param>
[GenerateSerializer, Immutable, Alias("fi.Breaker")]
public sealed record BreakerView([property: Id(0)] string State, [property: Id(1)] int Failures, [property: Id(2)] DateTimeOffset? OpenUntil)
{
    /// <summary>The run that asks whether the provider is well again; null where none does.</summary>
    [Id(3)] public Guid? ProbeRunId { get; init; }
}

[GenerateSerializer, Immutable, Alias("fi.Problem")]
public sealed record ProblemView(
    [property: Id(0)] string Class, [property: Id(1)] string Code, [property: Id(2)] string Message, [property: Id(3)] DateTimeOffset At);

[GenerateSerializer, Immutable, Alias("fi.Authorization")]
public sealed record AuthorizationView([property: Id(0)] string AuthorizationUrl, [property: Id(1)] DateTimeOffset ExpiresAt);

[GenerateSerializer, Immutable, Alias("fi.Refresh")]
public sealed record RefreshView([property: Id(0)] bool Refreshed, [property: Id(1)] DateTimeOffset? ExpiresAt);

/// <param name="Revoked">The provider confirmed that the consent is gone; false: it could not be reached or refused.</param>
[GenerateSerializer, Immutable, Alias("fi.Deletion")]
public sealed record DeletionView([property: Id(0)] bool Revoked, [property: Id(1)] string Message);

[GenerateSerializer, Immutable, Alias("fi.SyncTicket")]
public sealed record SyncTicket
{
    [Id(0)] public required Guid RunId { get; init; }
    [Id(1)] public bool AlreadyRunning { get; init; }
}

[GenerateSerializer, Immutable, Alias("fi.ConnectionTest")]
public sealed record ConnectionTestView([property: Id(0)] bool Success, [property: Id(1)] IReadOnlyList<ConnectionCheckView> Checks);

[GenerateSerializer, Immutable, Alias("fi.ConnectionCheck")]
public sealed record ConnectionCheckView(
    [property: Id(0)] string Name,
    [property: Id(1)] bool Success,
    [property: Id(2)] string Message,
    [property: Id(3)] double ElapsedMilliseconds,
    [property: Id(4)] string? ErrorClass,
    [property: Id(5)] string? ErrorCode);

/// <param name="RunId">The run that the choice has started; null: it starts none.</param>
[GenerateSerializer, Immutable, Alias("fi.Settled")]
public sealed record SettledView([property: Id(0)] Guid? RunId);

/// <param name="Mapped">Rows that fit now and are parked no longer.</param>
/// <param name="StillParked">Rows that were looked at and still do not fit.</param>
/// <param name="Next">Where to go on; null: every row was looked at.</param>
[GenerateSerializer, Immutable, Alias("fi.Remap")]
public sealed record RemapView([property: Id(0)] long Mapped, [property: Id(1)] long StillParked, [property: Id(2)] long? Next);
