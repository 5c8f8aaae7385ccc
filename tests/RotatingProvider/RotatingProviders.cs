using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Tokens;
using FinanceIntegrations.Providers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

[assembly: HostingStartup(typeof(FinanceIntegrations.RotatingProvider.RotatingProviders))]

namespace FinanceIntegrations.RotatingProvider;

/// <summary>
/// Two providers for tests, over the sandbox's identity servers: <c>xero</c>, where a rotated token works for 30 minutes more, and
/// <c>quickbooks</c>, which stands here for one that burns everything when a rotated token comes in again.
/// </summary>
public sealed class RotatingProviders : IHostingStartup
{
    /// <summary>Where Stripe is, there is the whole sandbox. Only silos are told.</summary>
    private const string SandboxVariable = "STRIPE_API_BASE";

    private static readonly RotatingFacts Xero = new(
        Facts(ProviderId.Xero, "Xero", new() { Grace = TimeSpan.FromMinutes(30), RefreshLifetime = TimeSpan.FromDays(60) }),
        "/xero/identity/connect/authorize", "/xero/connect/token", "/xero/connect/revocation", "xero-sandbox", "xero-sandbox-secret", "accounting.settings.read");

    private static readonly RotatingFacts QuickBooks = new(
        Facts(ProviderId.QuickBooks, "QuickBooks", new()),
        "/quickbooks/connect/oauth2", "/quickbooks/oauth2/v1/tokens/bearer", "/quickbooks/v2/oauth2/tokens/revoke", "quickbooks-sandbox",
        "quickbooks-sandbox-secret", "com.intuit.quickbooks.accounting");

    /// <summary>Environment of a process of the product that is to take the two.</summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>
    {
        ["DOTNET_STARTUP_HOOKS"] = typeof(RotatingProviders).Assembly.Location,
        ["ASPNETCORE_HOSTINGSTARTUPASSEMBLIES"] = typeof(RotatingProviders).Assembly.GetName().Name!,
    };

    public void Configure(IWebHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.ConfigureServices(services =>
        {
            foreach (var facts in new[] { Xero, QuickBooks })
            {
                services.AddSingleton(new CatalogueEntry(facts.Info, Configured: true));
                if (System.Environment.GetEnvironmentVariable(SandboxVariable) is not { Length: > 0 } sandbox) continue;
                var connector = new RotatingConnector(facts, new(new Uri(sandbox).GetLeftPart(UriPartial.Authority)));
                services.AddSingleton<IConnector>(connector).AddKeyedSingleton<IAuthorizes>(facts.Info.Id.Value, connector);
            }
        });
    }

    private static ProviderInfo Facts(ProviderId id, string name, TokenRules tokens) => new()
    {
        Id = id,
        Name = name,
        Type = IntegrationType.Accounting,
        Streams = [new("organisation", RecordKind.Account, "The organisation.")],
        Scopes = [],
        Features = ["oauth", "revoke"],
        SetUpHints = [],
        RequiredSettings = [],
        DocumentationUrl = new("https://provider.test/"),
        Tokens = tokens,
    };
}

/// <summary>What the two differ in.</summary>
internal sealed record RotatingFacts(
    ProviderInfo Info, string AuthorizePath, string TokenPath, string RevokePath, string ClientId, string ClientSecret, string Scope);
