using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using FinanceIntegrations.Sandbox.Faults;
using FinanceIntegrations.Sandbox.Foundation;
using FinanceIntegrations.Sandbox.OAuth;
using FinanceIntegrations.Sandbox.PayPal;
using FinanceIntegrations.Sandbox.QuickBooks;
using FinanceIntegrations.Sandbox.Requests;
using FinanceIntegrations.Sandbox.Square;
using FinanceIntegrations.Sandbox.Stripe;
using FinanceIntegrations.Sandbox.Webhooks;
using FinanceIntegrations.Sandbox.Xero;
using Microsoft.AspNetCore.DataProtection;

namespace FinanceIntegrations.Sandbox;

/// <summary>The sandbox as a process or inside a test: build, start, and its address is in <see cref="WebApplication.Urls"/>.</summary>
[SuppressMessage("Maintainability", "CA1515", Justification = "Tests of other projects start the sandbox in their own process.")]
public static class SandboxApplication
{
    private const string DefaultAddress = "http://127.0.0.1:5090";

    /// <param name="args">Configuration as on the command line, e.g. <c>--urls=http://127.0.0.1:0 --Sandbox:Seed=7</c>.</param>
    /// <exception cref="InvalidOperationException">The environment is Production.</exception>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = args,
            ContentRootPath = AppContext.BaseDirectory,
        });
        if (builder.Environment.IsProduction())
            throw new InvalidOperationException("The sandbox does not run in Production. Set DOTNET_ENVIRONMENT, e.g. to Development.");
        builder.WebHost.UseKestrelHttpsConfiguration();
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey])) builder.WebHost.UseUrls(DefaultAddress);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("OpenIddict", LogLevel.Warning);
        builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
        AddServices(builder.Services);

        var app = builder.Build();
        app.UseMiddleware<ProviderRouting>();
        app.UseWhen(IsProviderRoute, provider => provider.UseMiddleware<RequestLogging>().UseMiddleware<FaultInjection>());
        app.UseMiddleware<SquareTokenEndpoint>();
        app.UseMiddleware<PayPalClientCredentials>();
        // Said outright, the host does not put it in front of the log and the faults. It answers the OAuth endpoints itself.
        app.UseAuthentication();
        app.UseRouting();
        Map(app);
        return app;
    }

    private static void AddServices(IServiceCollection services)
    {
        services.AddOptions<SandboxOptions>().BindConfiguration(SandboxOptions.Section);
        services.AddSingleton(TimeProvider.System);
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.DictionaryKeyPolicy = null;
        });
        services.AddHealthChecks();
        services.AddHttpClient(WebhookSender.ClientName)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
            .ConfigureHttpClient(client => client.Timeout = TimeSpan.FromSeconds(20));
        services.AddSingleton<Journal>();
        services.AddSingleton<RequestLog>();
        services.AddSingleton<FaultList>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<Consent>();
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAuthentication();
        services.AddOAuthServer([StripeOAuth.Routes, XeroOAuth.Routes, QuickBooksOAuth.Routes, SquareOAuth.Routes, PayPalOAuth.Routes]);
        services.AddStripe();
        services.AddXero();
        services.AddQuickBooks();
        services.AddSquare();
        services.AddPayPal();
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/", (IEnumerable<ISandboxProvider> providers) => FrontPage.Show(providers));
        app.MapHealthChecks("/health");
        app.MapHealthChecks("/alive");
        var control = app.MapGroup("/control");
        control.MapRequestControl();
        control.MapFaultControl();
        foreach (var provider in app.Services.GetServices<ISandboxProvider>())
        {
            provider.Map(app);
            provider.MapControl(control.MapGroup("/" + provider.Name));
        }
    }

    private static bool IsProviderRoute(HttpContext http) => http.Features.Get<ISandboxProvider>() is not null;
}
