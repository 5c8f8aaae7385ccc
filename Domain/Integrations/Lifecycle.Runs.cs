using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;

namespace FinanceIntegrations.Domain.Integrations;

/// <summary>The state machine's other half: sync runs.</summary>
public static partial class Lifecycle
{
    public const string ProviderIsOff = "provider_switched_off";

    /// <summary>May a run start now? Null: yes. Otherwise the stable code of why not.</summary>
    public static string? RefusesRun(IntegrationState state, bool force, DateTimeOffset now) => state switch
    {
        { Exists: false } => "not_found",
        { Enabled: false } => "switched_off",
        { Status: IntegrationStatus.Expired } => "authorization_expired",
        { Tokens: null } => "not_connected",
        _ when !state.Breaker.Allows(now) => "circuit_open",
        _ when !force && state.NextSyncAt is { } due && due > now => "not_due",
        _ => null,
    };

    /// <summary>May a person's look-up be sent now? A breaker that is not closed lets nothing through but a run's probe.</summary>
    public static string? RefusesLook(IntegrationState state, DateTimeOffset now) =>
        RefusesRun(state, force: true, now) ?? (state.Breaker.OpenUntil is null ? null : "circuit_open");

    /// <summary>The operator has switched the provider off: nothing is called, nothing is lost, and what is due stays due.</summary>
    public static IntegrationState ProviderSwitchedOff(IntegrationState state, DateTimeOffset now) =>
        state.Status is IntegrationStatus.Active or IntegrationStatus.Error
            ? To(state, IntegrationStatus.Inactive, ProviderIsOff, now)
            : state;

    public static IntegrationState RunStarted(IntegrationState state, RunInProgress run) => state with
    {
        Run = run.IsWhole ? run with { Asked = state.StreamsAsked } : run,
        StreamsAsked = run.IsHistory ? state.StreamsAsked : run.IsWhole ? [] : [.. state.StreamsAsked.Except(run.Streams)],
        Breaker = state.Breaker.Started(run.Id),
        UpdatedAt = run.StartedAt,
        Outbox = state.Outbox with { RunStarted = run },
    };

    /// <summary>A webhook says that these streams have news: noted until a run begins that reads them.</summary>
    public static IntegrationState StreamsAsked(IntegrationState state, IEnumerable<string> streams, DateTimeOffset now) =>
        state with { StreamsAsked = [.. state.StreamsAsked.Union(streams)], UpdatedAt = now };

    /// <summary>The open run reads all streams from now on: somebody asked for a whole sync while only some streams were being read.</summary>
    public static IntegrationState RunWidened(IntegrationState state, DateTimeOffset now) =>
        state with { Run = state.Run! with { Streams = [], Asked = state.Run.Streams }, UpdatedAt = now };

    /// <summary>May a run begin now that reads the streams that webhooks asked for? Not before a failed run's retry, which reads them too.</summary>
    public static bool MayReadAsked(IntegrationState state, DateTimeOffset now) =>
        state is { StreamsAsked.Count: > 0, FailedRuns: 0 } && RefusesRun(state, force: true, now) is null;

    /// <summary>When the next run should begin by itself; null: not before the user has done something.</summary>
    public static DateTimeOffset? NextRunAt(IntegrationState state, DateTimeOffset now) => state switch
    {
        _ when MayReadAsked(state, now) => now,
        { NextSyncAt: { } due, Run: not { IsHistory: true } } when HistoryDueAt(state) is { } history && history < due => Later(history, state.Breaker.OpenUntil),
        { NextSyncAt: { } due, Breaker.OpenUntil: { } until } when until > due => until,
        _ => state.NextSyncAt,
    };

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset? other) => other > one ? other.Value : one;

    /// <summary>A run's end: breaker, health, status and next due time follow from its worst error, items for a person from its reasons.</summary>
    /// <param name="chance">[0, 1), for the jitter.</param>
    public static IntegrationState RunEnded(
        IntegrationState state, RunEnd end, ProviderError? worst, RunPolicies policies, double chance) =>
        end.Status == "cancelled" ? RunCancelled(state, end) : Attended(AfterRun(state, end, worst, policies, chance), end, policies.Trust);

    /// <summary>
    /// A run that read some streams and not others shows that the connection works: it stays active and says what is missing. The retry
    /// comes by backoff, and never later than the schedule, which the other streams go by. A consent has ended where every stream is refused: one
    /// alone may lack a permission of its own.
    /// </summary>
    private static IntegrationState AfterRun(IntegrationState state, RunEnd end, ProviderError? worst, RunPolicies policies, double chance)
    {
        var now = end.EndedAt;
        var good = worst is null;
        var some = !good && end.Status == "partial";
        var whole = state.Run is not { IsWhole: false };
        var idle = end.Streams.Count > 0 && end.Streams.All(stream => stream.SkippedBecause is not null);   // it has called nobody, and shows nothing
        var failedRuns = good ? 0 : state.FailedRuns + 1;
        var next = state with
        {
            Run = null,
            Breaker = (good || some) && !idle ? state.Breaker.Succeeded()
                : worst is { ProviderInTrouble: true } ? state.Breaker.Failed(now, policies.Breaker) : state.Breaker with { Probe = null },
            Health = idle ? state.Health : state.Health.Record(good),
            UpdatedAt = now,
            Outbox = state.Outbox with { RunEnded = end },
        };
        next = next.Log(now, end.Status == "succeeded" ? "info" : "warning", "sync_" + end.Status, end.Message);
        if (good && !whole) return next;   // some streams say nothing of the others: what is due and what is wrong stays so
        next = next with
        {
            LastSyncAt = whole ? now : state.LastSyncAt,
            LastSuccessAt = good && !idle ? now : state.LastSuccessAt,
            FailedRuns = failedRuns,
            LastProblem = !good ? ProblemOf(worst!, now) : idle ? state.LastProblem : null,
            StreamsAsked = good ? state.StreamsAsked : Unread(state),   // the retry reads all that is due, and these, in its time
        };
        if (!state.Enabled || state.Tokens is null || state.Status == IntegrationStatus.Expired) return next;   // switched off or left meanwhile
        var period = policies.Schedule.AfterSuccess(now, state.SyncFrequencyMinutes, chance, end.FirstStreamDue);
        if (good) return To(next with { NextSyncAt = period }, IntegrationStatus.Active, end.Reasons is [var doubt, ..] ? doubt.Code : "synced", now);
        if (worst!.NeedsUser && whole && !some)
        {
            string[] left = [.. end.Streams.Where(stream => stream.SkippedBecause == "not_due").Select(stream => stream.Stream)];
            if (left is []) return Expired(next, worst.Code, now);
            next = next with { StreamsAsked = [.. next.StreamsAsked.Union(left)] };   // the retry reads these too, and decides
        }
        var due = policies.Schedule.AfterFailure(now, failedRuns, worst.RetryAfter, chance);
        if (some)
        {
            var asked = now + (worst.RetryAfter ?? TimeSpan.Zero);
            return To(next with { NextSyncAt = due <= period ? due : period > asked ? period : asked }, IntegrationStatus.Active, Trust.StreamFailed, now);
        }
        if (next.Breaker.OpenUntil is { } until && due < until) due = until;
        return To(next with { NextSyncAt = due }, IntegrationStatus.Error, worst.Code, now);
    }

    /// <summary>What was asked for, and the run that took it upon itself may not have read.</summary>
    private static IReadOnlyList<string> Unread(IntegrationState state) =>
        state.Run is { IsHistory: false } run ? [.. state.StreamsAsked.Union(run.Streams).Union(run.Asked)] : state.StreamsAsked;

    /// <summary>Neither a success nor a failure: it has shown nothing of the provider. A probe leaves the way free for another.</summary>
    private static IntegrationState RunCancelled(IntegrationState state, RunEnd end) => (state with
    {
        Run = null,
        StreamsAsked = Unread(state),
        Breaker = state.Breaker with { Probe = null },
        UpdatedAt = end.EndedAt,
        Outbox = state.Outbox with { RunEnded = end },
    }).Log(end.EndedAt, "info", "sync_cancelled", end.Message);
}

/// <summary>What the end of a run is judged by.</summary>
public sealed record RunPolicies(BreakerPolicy Breaker, SyncSchedule Schedule, TrustPolicy Trust)
{
    public static readonly RunPolicies Default = new(BreakerPolicy.Default, SyncSchedule.Default, TrustPolicy.Default);
}
