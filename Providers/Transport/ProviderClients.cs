using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace FinanceIntegrations.Providers.Transport;

/// <summary>The HTTP client of a provider: what all of them have in common.</summary>
internal static class ProviderClients
{
    public static IServiceCollection AddProviderClient(this IServiceCollection services, string name)
    {
        services.AddHttpClient(name)
            .ConfigureHttpClient(c => c.Timeout = Timeout.InfiniteTimeSpan)   // time-outs are the transport's
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,   // a redirect would carry the credential elsewhere
                UseCookies = false,
                AutomaticDecompression = DecompressionMethods.All,
                ConnectTimeout = TimeSpan.FromSeconds(10),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
                EnableMultipleHttp2Connections = true,
            })
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)   // PooledConnectionLifetime follows DNS
            .RemoveAllLoggers();                            // traces and metrics tell more, and no address
        return services;
    }
}
