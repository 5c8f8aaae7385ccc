using System.Globalization;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Incidents;

namespace FinanceIntegrations.Domain.Integrations;

/// <summary>Success of recent operations, weighted to the recent: each outcome weighs a fifth more than the one before.</summary>
/// <param name="Rate">0–1.</param>
/// <param name="Samples">Outcomes seen, for those who want to know what the rate rests on.</param>
public sealed record HealthWindow(double Rate = 1.0, long Samples = 0)
{
    private const double Weight = 0.2;

    public HealthWindow Record(bool success) =>
        new(Math.Clamp(Rate + (Weight * ((success ? 1.0 : 0.0) - Rate)), 0.0, 1.0), Samples + 1);
}

/// <summary>How well a connection does: 0.0–1.0, and why not 1.0.</summary>
public sealed record HealthReport(double Score, IReadOnlyList<HealthLoss> Losses)
{
    /// <summary><c>healthy</c> ≥ 0.8 · <c>degraded</c> ≥ 0.5 · <c>unhealthy</c>.</summary>
    public string Grade => Score >= 0.8 ? "healthy" : Score >= 0.5 ? "degraded" : "unhealthy";
}

/// <param name="Points">Lost, above 0.</param>
/// <param name="Cause">Stable snake_case.</param>
/// <param name="Advice">What to do, for a person.</param>
public sealed record HealthLoss(double Points, string Cause, string Advice);

public static class HealthScore
{
    /// <summary>Scores a connection. Never outside [0, 1]; each lost point names its cause.</summary>
    /// <param name="incident">The provider's own trouble that this connection's last problem is part of: no user can mend it. Changes the advice alone.</param>
    public static HealthReport Of(IntegrationState state, DateTimeOffset now, ProviderIncident? incident = null)
    {
        var wait = incident is null ? null
            : $"Nothing to do here: the provider itself has had trouble since {incident.Since.UtcDateTime:u}, for {incident.Affected} connections alike. Syncs go on by themselves.";
        var losses = new List<HealthLoss>();
        void Lose(double points, string cause, string advice)
        {
            if (points > 0.0005) losses.Add(new(Math.Round(points, 3), cause, advice));
        }

        Lose(0.5 * (1 - state.Health.Rate), "recent_failures", wait ?? "Recent operations failed; the last problem and the logs say which.");
        if (state.Status == IntegrationStatus.Expired) Lose(0.5, "authorization_expired", "Ask the user to authorize the connection again.");
        if (state.Status == IntegrationStatus.Inactive) Lose(0.3, state.StatusReason, ToMend(state));
        if (state.Breaker.OpenUntil is not null) Lose(0.2, "circuit_open", wait ?? "Calls are suspended after repeated failures; one probe goes out when the pause ends.");
        if (state.Status is IntegrationStatus.Active or IntegrationStatus.Error) Lose(Staleness(state, now), "stale_data", wait ?? "No successful sync for longer than twice the schedule.");
        if (state.Doubts.Count > 0) Lose(0.1, "data_in_doubt", "A run found something to doubt; the attention list says what, and what can be done.");
        if (state.Scarce is { } budget && budget.RefillsAt > now) Lose(budget.Left == 0 ? 0.1 : 0.05, "budget_nearly_empty", Advice(budget));
        if (state.Tokens?.RefreshExpiresAt is { } consentEnds) Lose(Nearing(consentEnds - now), "consent_ends_soon", "Ask the user to renew the authorization.");
        return new(Math.Clamp(1.0 - losses.Sum(l => l.Points), 0.0, 1.0), losses);
    }

    private static string ToMend(IntegrationState state) => state switch
    {
        { Enabled: false } => "Switch the integration on.",
        { StatusReason: Lifecycle.ProviderIsOff } => "Nothing to do: the operator has switched the provider off, and syncs go on when it is on again.",
        _ => "Connect the account.",
    };

    private static string Advice(ScarceBudget budget) => string.Create(CultureInfo.InvariantCulture,
        $"{budget.Left} of the provider's {budget.Calls} calls in {budget.Per.TotalHours:0.#} h are left until {budget.RefillsAt.UtcDateTime:u}: sync less often, or wait.");

    private static double Staleness(IntegrationState state, DateTimeOffset now)
    {
        var period = TimeSpan.FromMinutes(state.SyncFrequencyMinutes);
        var age = now - (state.LastSuccessAt ?? state.CreatedAt);
        return age <= period * 2 ? 0 : Math.Min(0.3, 0.05 * ((age / period) - 2));
    }

    private static double Nearing(TimeSpan left) => left > TimeSpan.FromDays(7) ? 0 : 0.2 * Math.Clamp(1 - (left / TimeSpan.FromDays(7)), 0, 1);
}
