using System.Net;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Webhooks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Providers.Square;

internal static class SquareRegistration
{
    /// <summary>The whole connector. Refuses to start with half of its keys.</summary>
    public static IServiceCollection AddSquare(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptionsWithValidateOnStart<SquareOptions, SquareOptionsValidation>().Configure(o => o.Take(configuration));
        services.AddHttpClient(SquareApi.Client)
            .ConfigureHttpClient(c => c.Timeout = Timeout.InfiniteTimeSpan)   // time-outs are the transport's
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,   // a redirect would carry the token elsewhere
                UseCookies = false,
                AutomaticDecompression = DecompressionMethods.All,
                ConnectTimeout = TimeSpan.FromSeconds(10),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
                EnableMultipleHttp2Connections = true,
            })
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)   // PooledConnectionLifetime follows DNS
            .RemoveAllLoggers();                            // traces and metrics tell more, and no address
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<SquareApi>();
        services.AddSingleton<SquareEntryReader>();
        services.AddSingleton<SquareBalances>();
        services.AddSingleton<SquareReader>();
        services.AddSingleton<IConnector, SquareConnector>();
        services.AddKeyedSingleton<IAuthorizes, SquareAuth>(ProviderId.Square.Value);
        services.AddKeyedSingleton<IReadsWebhooks>(ProviderId.Square.Value, new SquareWebhooks());
        return services.AddSingleton(s => EntryOf(s.GetRequiredService<IOptions<SquareOptions>>().Value));
    }

    /// <summary>What needs no key: facts and webhooks.</summary>
    public static IServiceCollection AddSquareCatalogue(this IServiceCollection services, IConfiguration configuration) => services
        .AddKeyedSingleton<IReadsWebhooks>(ProviderId.Square.Value, new SquareWebhooks())
        .AddSingleton(new CatalogueEntry(SquareConnector.Facts, Configured: !string.IsNullOrWhiteSpace(configuration["SQUARE_CLIENT_ID"])));

    private static CatalogueEntry EntryOf(SquareOptions options) =>
        new(SquareConnector.Facts with { Tokens = SquareAuth.RulesOf(options) }, options.Configured);
}
