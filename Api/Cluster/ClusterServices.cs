namespace FinanceIntegrations.Api.Cluster;

internal static class ClusterServices
{
    /// <summary>The Orleans client, all of it from configuration. The process serves before the cluster is there.</summary>
    public static void AddCluster(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<ClusterConnection>().AddSingleton<IntegrationGrains>();
        var others = services.Where(IsHosted).ToHashSet();
        builder.UseOrleansClient(client => client.UseConnectionRetryFilter<KeepTrying>());
        // Orleans' own hosted service would hold up Kestrel until a silo is reached: ours starts the same client beside it.
        services.Remove(services.Single(s => IsHosted(s) && !others.Contains(s)));
        services.AddHostedService<ClusterStart>();
    }

    private static bool IsHosted(ServiceDescriptor service) => service.ServiceType == typeof(IHostedService);
}

/// <summary>Connects the client in the background and closes it at the end.</summary>
internal sealed class ClusterStart(IClusterClient client, ClusterConnection connection) : BackgroundService
{
    private readonly IHostedService _client = (IHostedService)client;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await _client.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _client.StartAsync(stoppingToken);
        connection.Reached();
    }
}
