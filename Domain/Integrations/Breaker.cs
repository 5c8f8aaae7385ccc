namespace FinanceIntegrations.Domain.Integrations;

/// <summary>One integration's circuit breaker: a value and its transitions. Time and the probe's id are arguments.</summary>
/// <param name="Failures">Consecutive failures.</param>
/// <param name="OpenUntil">Null: closed. Past: half-open, one probe may go.</param>
/// <param name="Probe">The run that probes. It is the open run, so it outlives its silo: the run is resumed under the same id, and still is the probe.</param>
public sealed record Breaker(int Failures = 0, DateTimeOffset? OpenUntil = null, Guid? Probe = null)
{
    public bool Allows(DateTimeOffset now) => OpenUntil is not { } until || (now >= until && Probe is null);

    public Breaker Started(Guid run) => OpenUntil is null ? this : this with { Probe = run };

    public Breaker Succeeded() => new();

    public Breaker Failed(DateTimeOffset now, BreakerPolicy policy) => Failures + 1 < policy.Threshold
        ? new(Failures + 1)
        : new(Failures + 1, now + policy.Cooldown(Failures + 1 - policy.Threshold));

    public string Describe(DateTimeOffset now) => OpenUntil is not { } until ? "closed" : now < until ? "open" : "half_open";
}

/// <param name="Threshold">Failures that open it, at least 1.</param>
/// <param name="BaseCooldown">First time open; doubles with each further failure.</param>
/// <param name="MaxCooldown">Longest time open.</param>
public sealed record BreakerPolicy(int Threshold, TimeSpan BaseCooldown, TimeSpan MaxCooldown)
{
    public static readonly BreakerPolicy Default = new(5, TimeSpan.FromSeconds(30), TimeSpan.FromHours(1));

    /// <param name="beyond">Failures since it first opened, from 0.</param>
    public TimeSpan Cooldown(int beyond) =>
        beyond >= 30 || BaseCooldown.Ticks > MaxCooldown.Ticks >> beyond ? MaxCooldown : BaseCooldown * (1L << beyond);
}
