using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;

namespace FinanceIntegrations.Domain.Integrations;

/// <summary>History behind the first sync's window: read in the background by runs of its own, which give way to everything else.</summary>
public static partial class Lifecycle
{
    /// <summary>What a run has found out about the history that is left.</summary>
    public static IntegrationState HistoryFound(IntegrationState state, HistoryReading reading, DateTimeOffset now)
    {
        if (reading.Left == 0 && state.History is null or { DueAt: null }) return state;   // there never was any, or it is read
        var history = (state.History ?? new()) with { Progress = reading.Progress };
        return reading.Left > 0
            ? state with { History = history with { DueAt = history.DueAt ?? now, CompletedAt = null } }
            : (state with { History = history with { DueAt = null, FailedRuns = 0, CompletedAt = now } })
                .Log(now, "info", "history_read", "History is read back to its beginning.");
    }

    /// <summary>May a run begin now that reads history? Not while anything else is due, or nothing can be read.</summary>
    public static bool MayReadHistory(IntegrationState state, DateTimeOffset now) =>
        HistoryDueAt(state) <= now && !(state.NextSyncAt <= now) && !MayReadAsked(state, now) && RefusesRun(state, force: true, now) is null;

    /// <summary>The end of a run over history. It says nothing of what is due, and what is due says nothing of it.</summary>
    /// <param name="chance">[0, 1), for the wait after a failure.</param>
    public static IntegrationState HistoryRunEnded(IntegrationState state, RunEnd end, ProviderError? worst, RunPolicies policies, double chance) =>
        end.Status == "cancelled" ? RunCancelled(state, end) : Attended(AfterHistoryRun(state, end, worst, policies, chance), end, policies.Trust);

    private static IntegrationState AfterHistoryRun(IntegrationState state, RunEnd end, ProviderError? worst, RunPolicies policies, double chance)
    {
        var now = end.EndedAt;
        var history = state.History ?? new();
        var next = state with
        {
            Run = null,
            UpdatedAt = now,
            Outbox = state.Outbox with { RunEnded = end },
        };
        if (worst is null && end.Streams.Count == 0) return next with { Breaker = state.Breaker with { Probe = null } };   // it gave way before it had begun
        next = next with { Health = state.Health.Record(worst is null) };
        if (worst is null) return next with { Breaker = state.Breaker.Succeeded(), History = history with { FailedRuns = 0, DueAt = now } };
        var failed = history.FailedRuns + 1;
        next = (next with
        {
            Breaker = worst.ProviderInTrouble ? state.Breaker.Failed(now, policies.Breaker) : state.Breaker with { Probe = null },
            History = history with { FailedRuns = failed, DueAt = policies.Schedule.AfterFailure(now, failed, worst.RetryAfter, chance) },
            LastProblem = ProblemOf(worst, now),
        }).Log(now, "warning", "history_failed", end.Message);
        if (!state.Enabled || state.Tokens is null || state.Status == IntegrationStatus.Expired) return next;   // switched off or left meanwhile
        if (!worst.NeedsUser) return next;
        // A sync shows whether the consent stands: it comes at once, and reads what was refused here.
        var refused = end.Streams.Where(stream => stream.ErrorClass is not null).Select(stream => stream.Stream);
        return next with { NextSyncAt = next.NextSyncAt > now ? now : next.NextSyncAt, StreamsAsked = [.. next.StreamsAsked.Union(refused)] };
    }

    private static DateTimeOffset? HistoryDueAt(IntegrationState state) =>
        state is { Status: IntegrationStatus.Active, History.DueAt: { } due } ? due : null;
}
