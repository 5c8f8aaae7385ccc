using FinanceIntegrations.Data;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace FinanceIntegrations.Silo;

/// <summary>Ready: this silo is an active member of the cluster and reaches the database.</summary>
internal sealed class SiloReady(ISiloStatusOracle membership, DatabaseState database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (membership.CurrentStatus != SiloStatus.Active) return HealthCheckResult.Unhealthy($"The silo is {membership.CurrentStatus}.");
        try
        {
            await database.PingAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (NpgsqlException away)
        {
            return HealthCheckResult.Unhealthy("PostgreSQL does not answer.", away);
        }
    }
}
