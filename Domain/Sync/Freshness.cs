using FinanceIntegrations.Domain.Integrations;

namespace FinanceIntegrations.Domain.Sync;

/// <summary>Whether what we hold may be behind the provider. It is shown all the same.</summary>
public static class Freshness
{
    /// <summary>Never whole, older than twice the schedule, or of a connection that brings nothing now.</summary>
    /// <param name="asOf">The moment as of which nothing is missing; null: it was never read to its end.</param>
    public static bool IsStale(DateTimeOffset? asOf, int frequencyMinutes, IntegrationStatus status, DateTimeOffset now) =>
        asOf is not { } at || status is IntegrationStatus.Error or IntegrationStatus.Expired || now - at > 2 * TimeSpan.FromMinutes(frequencyMinutes);
}
