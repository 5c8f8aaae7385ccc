using FinanceIntegrations.Providers.PayPal;
using FinanceIntegrations.Providers.Square;
using FinanceIntegrations.Providers.Stripe;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace FinanceIntegrations.Providers;

public static class ProviderServices
{
    /// <summary>For the process that calls providers: <see cref="ProviderRegistry"/> and <see cref="ProviderCatalogue"/>.</summary>
    public static IServiceCollection AddProviders(this IServiceCollection services, IConfiguration configuration) => services
        .AddStripe(configuration)
        .AddSquare(configuration)
        .AddPayPal(configuration)
        .AddProviderFeatures(configuration)
        .AddSingleton<ProviderCatalogue>()
        .AddSingleton<ProviderRegistry>();

    /// <summary>
    /// For the process that faces the network: <see cref="ProviderCatalogue"/> and <see cref="WebhookSecretOptions"/>. Needs no provider's
    /// client secret, and can call none.
    /// </summary>
    public static IServiceCollection AddProviderCatalogue(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<WebhookSecretOptions>().Configure(o => o.Take(configuration));
        return services
            .AddStripeCatalogue(configuration)
            .AddSquareCatalogue(configuration)
            .AddPayPalCatalogue(configuration)
            .AddProviderFeatures(configuration)
            .AddSingleton<ProviderCatalogue>();
    }
}
