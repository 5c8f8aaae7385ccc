namespace FinanceIntegrations.Api.Cluster;

internal static class ClusterServices
{
    /// <summary>The Orleans client, all of it from configuration. The process serves before the cluster is there.</summary>
    public static void AddCluster(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ClusterConnection>().AddSingleton<IntegrationGrains>();
        builder.UseOrleansClient(client =>
        {
            client.UseConnectionRetryFilter<KeepTrying>();
            client.Services.AddSingleton<GatewayCountChangedHandler>(provider =>
            {
                var connection = provider.GetRequiredService<ClusterConnection>();
                return (_, change) =>
                {
                    if (change.NumberOfConnectedGateways > 0) connection.Reached();
                };
            });
        });
        // Else Kestrel would wait until the first silo is reached.
        builder.Services.Configure<HostOptions>(o => o.ServicesStartConcurrently = true);
    }
}
