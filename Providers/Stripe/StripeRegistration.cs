using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Webhooks;
using FinanceIntegrations.Providers.Transport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Providers.Stripe;

internal static class StripeRegistration
{
    /// <summary>The whole connector. Refuses to start with half of its keys.</summary>
    public static IServiceCollection AddStripe(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptionsWithValidateOnStart<StripeOptions, StripeOptionsValidation>().Configure(o => o.Take(configuration));
        services.AddProviderClient(StripeApi.Client);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<StripeApi>();
        services.AddSingleton<StripeReader>().AddSingleton<StripeEntryReader>();
        services.AddSingleton<IConnector, StripeConnector>();
        services.AddKeyedSingleton<IAuthorizes, StripeAuth>(ProviderId.Stripe.Value);
        services.AddKeyedSingleton<IWrites, StripeWrites>(ProviderId.Stripe.Value);
        services.AddKeyedSingleton<IReadsWebhooks>(ProviderId.Stripe.Value,
            (s, _) => new StripeWebhooks(s.GetRequiredService<IOptions<StripeOptions>>().Value.LiveMode));
        return services.AddSingleton(
            s => new CatalogueEntry(StripeConnector.Facts, s.GetRequiredService<IOptions<StripeOptions>>().Value.Configured));
    }

    /// <summary>What needs no key: facts and webhooks.</summary>
    public static IServiceCollection AddStripeCatalogue(this IServiceCollection services, IConfiguration configuration) => services
        .AddKeyedSingleton<IReadsWebhooks>(ProviderId.Stripe.Value, new StripeWebhooks())
        .AddSingleton(new CatalogueEntry(StripeConnector.Facts, Configured: !string.IsNullOrWhiteSpace(configuration["STRIPE_CLIENT_ID"])));
}
