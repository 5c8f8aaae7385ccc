using FinanceIntegrations.Domain.Incidents;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Grains.Abstractions;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>The health document of a stored state.</summary>
internal static class StatusView
{
    public static IntegrationStatusView Of(IntegrationState state, double? historyShare, DateTimeOffset now, ProviderIncident? incident = null)
    {
        var health = HealthScore.Of(state, now, incident);
        return new()
        {
            IntegrationId = state.Id,
            Name = state.Name,
            Provider = state.Provider,
            Status = Words.Of(state.Status),
            StatusReason = state.StatusReason,
            IsActive = state.Enabled,
            ExternalAccountId = state.ExternalAccountId,
            HealthScore = health.Score,
            Health = health.Grade,
            HealthLosses = [.. health.Losses.Select(l => new HealthLossView(l.Points, l.Cause, l.Advice))],
            SuccessRate = state.Health.Rate,
            LastSyncAt = state.LastSyncAt,
            LastSuccessAt = state.LastSuccessAt,
            NextSyncAt = state.NextSyncAt,
            SyncFrequencyMinutes = state.SyncFrequencyMinutes,
            CurrentRun = state.Run is { } run ? new(run.Id, run.Trigger, run.StartedAt) : null,
            Token = TokenOf(state, now),
            CircuitBreaker = new(state.Breaker.Describe(now), state.Breaker.Failures, state.Breaker.OpenUntil) { ProbeRunId = state.Breaker.Probe },
            History = HistoryOf(state, historyShare),
            LastProblem = state.LastProblem is { } p ? new(p.Class, p.Code, p.Message, p.At) : null,
            ProviderIncident = incident is null ? null : new(incident.ErrorClass, incident.Since, incident.Affected),
            Budget = state.Scarce is { } scarce && scarce.RefillsAt > now ? new(scarce.Left, scarce.Calls, scarce.Per.TotalSeconds, scarce.RefillsAt) : null,
            LastRun = state.LastRun is { } last
                ? new(last.Id, last.Status, [.. last.Reasons.Select(r => new RunReasonView(r.Code, r.Stream, r.Message))], last.EndedAt)
                : null,
        };
    }

    private static HistoryView? HistoryOf(IntegrationState state, double? share)
    {
        if (state.History is not { } history) return null;
        if (history.DueAt is null) return new("complete", 100, null, history.CompletedAt);
        var percent = Math.Round(100 * Math.Max(share ?? 0, history.Progress), 1);
        return new(state.Run is { IsHistory: true } ? "reading" : "waiting", percent, history.DueAt, null);
    }

    private static TokenView TokenOf(IntegrationState state, DateTimeOffset now)
    {
        if (state.Tokens is not { } tokens) return new("none", null, null, null, null);
        var word = tokens.ExpiresAt <= now ? "expired" : TokenPolicy.IsDue(tokens, now) ? "due" : "valid";
        return new(word, tokens.ExpiresAt, tokens.RefreshExpiresAt, tokens.Scope, tokens.ObtainedAt);
    }
}
