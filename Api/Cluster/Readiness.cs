using FinanceIntegrations.Data;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FinanceIntegrations.Api.Cluster;

/// <summary>Ready when a silo was reached and the database answers.</summary>
internal sealed class ClusterReady(ClusterConnection connection) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(connection.Established ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("No silo has been reached yet."));
}

/// <summary>An exception is the health check's own way to say no.</summary>
internal sealed class DatabaseReady(DatabaseState database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await database.PingAsync(cancellationToken);
        return HealthCheckResult.Healthy();
    }
}

internal static class ReadinessServices
{
    public static IServiceCollection AddReadiness(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<ClusterReady>("cluster").AddCheck<DatabaseReady>("database");
        return services;
    }
}
