using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Webhooks;
using FinanceIntegrations.Providers.Transport;
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
        services.AddProviderClient(SquareApi.Client);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<SquareApi>();
        services.AddSingleton<SquareEntryReader>();
        services.AddSingleton<SquareBalances>();
        services.AddSingleton<SquareReader>();
        services.AddSingleton<IConnector, SquareConnector>();
        services.AddKeyedSingleton<IAuthorizes, SquareAuth>(ProviderId.Square.Value);
        services.AddKeyedSingleton<IWrites, SquareWrites>(ProviderId.Square.Value);
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
