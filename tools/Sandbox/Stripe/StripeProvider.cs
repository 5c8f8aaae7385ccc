using System.Globalization;
using FinanceIntegrations.Sandbox.Faults;
using FinanceIntegrations.Sandbox.OAuth;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>Stripe: Connect OAuth, the v1 API as far as we call it, and signed webhooks.</summary>
internal sealed class StripeProvider(
    StripeApi api, StripeWriteApi writes, StripeOAuth oauth, Consent consent, StripeDeauthorization deauthorization, StripeControl changes) : ISandboxProvider
{
    public string Name => "stripe";

    /// <summary>Stripe's libraries take a host for the API and one for OAuth, but no path before <c>/v1</c>.</summary>
    public bool OwnsRootPath(PathString path) => path.StartsWithSegments("/v1") || path.StartsWithSegments("/oauth");

    public void Map(IEndpointRouteBuilder routes)
    {
        consent.Map(routes, oauth);
        var stripe = routes.MapGroup("/stripe");
        deauthorization.Map(stripe);
        api.Map(stripe);
        writes.Map(stripe);
    }

    public void MapControl(IEndpointRouteBuilder control) => changes.Map(control);

    public byte[] Distort(FaultKind kind, byte[] body) => StripeDistortion.Of(kind, body);

    public Task WriteErrorAsync(HttpContext http, int status, int? retryAfter)
    {
        if (retryAfter is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return StripeError.OfStatus(status).WriteAsync(http);
    }
}

internal static class StripeServices
{
    public static void AddStripe(this IServiceCollection services)
    {
        services.AddOptions<StripeOptions>().BindConfiguration(StripeOptions.Section);
        services.AddSingleton<StripePlatform>();
        services.AddSingleton<StripeAuthentication>();
        services.AddSingleton<StripeApi>();
        services.AddSingleton<StripeWriteApi>();
        services.AddSingleton<StripeOAuth>();
        services.AddSingleton<IOAuthDialect>(provider => provider.GetRequiredService<StripeOAuth>());
        services.AddSingleton<StripeDeauthorization>();
        services.AddSingleton<MadeUpEvents>();
        services.AddSingleton<StripeWebhooks>();
        services.AddSingleton<WebhookTargets>();
        services.AddHostedService(provider => provider.GetRequiredService<WebhookTargets>());
        services.AddSingleton<StripeControl>();
        services.AddSingleton<ISandboxProvider, StripeProvider>();
    }
}
