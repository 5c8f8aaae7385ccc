using System.Net;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Webhooks;
using FinanceIntegrations.Providers.Transport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Providers.PayPal;

internal static class PayPalRegistration
{
    /// <summary>Name of the HTTP client that fetches certificates: it carries no credential.</summary>
    public const string CertificateClient = "paypal-certificates";

    private const int LongestCertificate = 256 * 1024;

    /// <summary>The whole connector. Refuses to start with half of its keys.</summary>
    public static IServiceCollection AddPayPal(this IServiceCollection services, IConfiguration configuration)
    {
        AddCalls(services, configuration);
        AddWebhooks(services, configuration);
        services.AddSingleton<PayPalReader>();
        services.AddSingleton<IConnector, PayPalConnector>();
        services.AddKeyedSingleton<IAuthorizes>(ProviderId.PayPal.Value, (s, _) => s.GetRequiredService<PayPalAuth>());
        services.AddKeyedSingleton<IWrites, PayPalWrites>(ProviderId.PayPal.Value);
        return services.AddSingleton(
            s => new CatalogueEntry(PayPalConnector.Facts, s.GetRequiredService<IOptions<PayPalOptions>>().Value.Configured));
    }

    /// <summary>What needs no key: facts and webhooks. Only where PayPal itself is asked about signatures, the app's key is needed here too.</summary>
    public static IServiceCollection AddPayPalCatalogue(this IServiceCollection services, IConfiguration configuration)
    {
        AddCalls(services, configuration, validate: false);
        AddWebhooks(services, configuration);
        return services.AddSingleton(new CatalogueEntry(PayPalConnector.Facts, Configured: !string.IsNullOrWhiteSpace(configuration["PAYPAL_CLIENT_ID"])));
    }

    private static void AddCalls(IServiceCollection services, IConfiguration configuration, bool validate = true)
    {
        var options = validate ? services.AddOptionsWithValidateOnStart<PayPalOptions, PayPalOptionsValidation>() : services.AddOptions<PayPalOptions>();
        options.Configure(o => o.Take(configuration));
        services.AddProviderClient(PayPalApi.Client);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<PayPalApi>();
        services.AddSingleton<PayPalAuth>();
    }

    private static void AddWebhooks(IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptionsWithValidateOnStart<PayPalWebhookOptions, PayPalWebhookOptionsValidation>().Configure(o => o.Take(configuration));
        services.AddProviderClient(CertificateClient);
        services.AddSingleton<PayPalVerification>();
        services.AddSingleton(s =>
        {
            var options = s.GetRequiredService<IOptions<PayPalWebhookOptions>>().Value;
            return new PayPalCertificates(
                options.Hosts, options.TrustedRoots(),
                (url, cancel) => FetchAsync(s.GetRequiredService<IHttpClientFactory>().CreateClient(CertificateClient), options.Source(url), cancel),
                s.GetRequiredService<TimeProvider>());
        });
        services.AddKeyedSingleton<IReadsWebhooks>(ProviderId.PayPal.Value, (s, _) => new PayPalWebhooks(
            s.GetRequiredService<PayPalCertificates>(),
            s.GetRequiredService<IOptions<PayPalWebhookOptions>>().Value.AsksPayPal ? s.GetRequiredService<PayPalVerification>() : null));
    }

    /// <summary>Null: it cannot be had now, or what lies there is too long to be a certificate.</summary>
    private static async Task<string?> FetchAsync(HttpClient client, Uri address, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            using var answer = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (answer.StatusCode != HttpStatusCode.OK || answer.Content.Headers.ContentLength > LongestCertificate) return null;
            await answer.Content.LoadIntoBufferAsync(LongestCertificate, limit.Token);
            return await answer.Content.ReadAsStringAsync(limit.Token);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException || (failure is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }
}
