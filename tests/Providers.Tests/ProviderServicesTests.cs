using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xunit;

namespace FinanceIntegrations.Providers.Tests;

public sealed class ProviderServicesTests
{
    [Theory]
    [InlineData("STRIPE_CLIENT_ID", "ca_1", "STRIPE_CLIENT_SECRET")]
    [InlineData("STRIPE_CLIENT_SECRET", "sk_1", "STRIPE_CLIENT_ID")]
    [InlineData("SQUARE_CLIENT_ID", "sq0idp-1", "SQUARE_CLIENT_SECRET")]
    [InlineData("SQUARE_CLIENT_SECRET", "sq0csp-1", "SQUARE_CLIENT_ID")]
    [InlineData("PAYPAL_CLIENT_ID", "app_1", "PAYPAL_CLIENT_SECRET")]
    [InlineData("PAYPAL_CLIENT_SECRET", "s_1", "PAYPAL_CLIENT_ID")]
    public void Half_of_the_keys_is_refused_by_the_name_of_the_other(string key, string value, string missing) =>
        Assert.Contains(missing + " is missing", Refusal("Development", (key, value)), StringComparison.Ordinal);

    [Theory]
    [InlineData("Production", "http://api.stripe.com", true)]
    [InlineData("Production", "https://127.0.0.1", true)]
    [InlineData("Production", "https://localhost:5090/stripe", true)]
    [InlineData("Production", "https://[::1]/", true)]
    [InlineData("Production", "https://stripe.internal.example", false)]
    [InlineData("Development", "http://127.0.0.1:5090/stripe", false)]
    [InlineData("Development", "not an address", true)]
    [InlineData("Development", "ftp://x", true)]
    public void Production_talks_to_https_and_to_another_machine(string environment, string address, bool refused)
    {
        foreach (var key in new[] { "STRIPE_API_BASE", "STRIPE_CONNECT_BASE", "STRIPE_FILES_BASE" })
        {
            var refusal = Refusal(environment, ("STRIPE_CLIENT_ID", "ca_1"), ("STRIPE_CLIENT_SECRET", "sk_1"), (key, address));
            Assert.Equal(refused, refusal.Contains(key, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("sq0idp-1", "https://connect.squareup.com", false)]
    [InlineData("sq0idp-1", "https://connect.squareupsandbox.com", true)]
    [InlineData("sandbox-sq0idb-1", "https://connect.squareupsandbox.com", false)]
    [InlineData("sandbox-sq0idb-1", "https://connect.squareup.com", true)]
    [InlineData("sq0idp-1", "http://connect.squareup.com", true)]
    [InlineData("sandbox-sq0idb-1", "https://localhost/square", true)]
    public void Squares_keys_go_to_the_host_of_their_environment_alone(string id, string address, bool refused) => Assert.Equal(refused,
        Refusal("Production", ("SQUARE_CLIENT_ID", id), ("SQUARE_CLIENT_SECRET", "s"), ("SQUARE_API_BASE", address)).Contains("SQUARE_", StringComparison.Ordinal));

    [Fact]
    public void A_public_client_of_Square_needs_no_secret()
    {
        Assert.Equal("", Refusal("Production", ("SQUARE_CLIENT_ID", "sq0idp-1"), ("SQUARE_USE_PKCE", "true")));
        using var services = Services("Production", ("SQUARE_CLIENT_ID", "sq0idp-1"), ("SQUARE_USE_PKCE", "true"));
        Assert.True(services.GetRequiredService<ProviderCatalogue>().Find(ProviderId.Square)!.Configured);
    }

    [Fact]
    public void A_limit_out_of_range_is_refused_by_its_name() =>
        Assert.Contains("Providers:Stripe:Limits:MaxRetries", Refusal("Development", ("Providers:Stripe:Limits:MaxRetries", "3")), StringComparison.Ordinal);

    [Theory]
    [InlineData("provider_strpe", true)]
    [InlineData("provider_stripe_payout", true)]
    [InlineData("provider_stripe", false)]
    [InlineData("provider_stripe_payouts", false)]
    [InlineData("provider_stripe_create_payout", false)]
    [InlineData("provider_stripe_cancel_payout", false)]
    [InlineData("provider_stripe_submit_evidence", false)]
    [InlineData("provider_stripe_accept_dispute", false)]
    [InlineData("provider_stripe_create_payouts", true)]
    [InlineData("something_else", false)]
    public void A_misspelt_switch_is_refused_by_its_name(string feature, bool refused) =>
        Assert.Equal(refused, Refusal("Development", ("FeatureManagement:" + feature, "false")).Contains(feature, StringComparison.Ordinal));

    [Fact]
    public async Task What_no_setting_names_is_on()
    {
        var configuration = Configuration([("FeatureManagement:provider_stripe_payouts", "false"), ("FeatureManagement:provider_stripe_disputes", "true")]);
        await using var services = new ServiceCollection().AddProviderCatalogue(configuration).BuildServiceProvider();
        var features = services.GetRequiredService<ProviderFeatures>();
        Assert.True(await features.AllowsAsync(ProviderId.Stripe));
        Assert.False(await features.AllowsAsync(ProviderId.Stripe, "payouts"));
        Assert.True(await features.AllowsAsync(ProviderId.Stripe, "disputes"));
        Assert.True(await features.AllowsAsync(ProviderId.Stripe, "charges"));
    }

    [Fact]
    public async Task What_changes_something_is_off_until_a_setting_switches_it_on()
    {
        var configuration = Configuration([("FeatureManagement:provider_stripe_create_payout", "true"), ("FeatureManagement:provider_stripe_cancel_payout", "false")]);
        await using var services = new ServiceCollection().AddProviderCatalogue(configuration).BuildServiceProvider();
        var features = services.GetRequiredService<ProviderFeatures>();
        var on = new List<string>();
        foreach (var kind in services.GetRequiredService<ProviderCatalogue>().Find(ProviderId.Stripe)!.Info.Writes)
            if (await features.AllowsWriteAsync(ProviderId.Stripe, kind)) on.Add(kind);
        Assert.Equal([WriteKinds.CreatePayout], on);
        Assert.True(await features.AllowsAsync(ProviderId.Stripe));
    }

    [Theory]
    [InlineData("Calls", "0", "Providers:Stripe:Limits:Budgets:0:Calls")]
    [InlineData("Per", "00:00:01", "the same scope, class and period")]
    [InlineData("ResetsAt", "1.00:00:00", "Providers:Stripe:Limits:Budgets:0:ResetsAt")]
    public void A_budget_that_cannot_be_kept_is_refused_by_its_name(string setting, string value, string named)
    {
        var budget = new Dictionary<string, string> { ["Calls"] = "60", ["Per"] = "00:01:00", [setting] = value };
        Assert.Contains(named, Refusal("Development", [.. budget.Select(s => ($"Providers:Stripe:Limits:Budgets:0:{s.Key}", s.Value))]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_deployment_without_keys_shows_the_provider_as_not_configured()
    {
        using var services = Services("Production");
        services.GetRequiredService<IStartupValidator>().Validate();
        var all = services.GetRequiredService<ProviderCatalogue>().All;
        Assert.All(all, entry => Assert.False(entry.Configured));
        Assert.Superset(new HashSet<ProviderId> { ProviderId.Stripe, ProviderId.Square, ProviderId.PayPal }, all.Select(entry => entry.Info.Id).ToHashSet());
        Assert.All(all, entry => Assert.NotNull(services.GetRequiredService<ProviderRegistry>().Find(entry.Info.Id)));
        Assert.Null(services.GetRequiredService<ProviderRegistry>().Find(ProviderId.Xero));
        Assert.NotNull(services.GetRequiredService<ProviderRegistry>().Writer(ProviderId.Stripe));
        Assert.Null(services.GetRequiredService<ProviderRegistry>().Writer(ProviderId.Xero));
    }

    [Fact]
    public void The_api_needs_no_client_secret_and_knows_the_webhook_secrets()
    {
        using var services = new ServiceCollection().AddProviderCatalogue(Configuration([("STRIPE_CLIENT_ID", "ca_1"), ("STRIPE_WEBHOOK_SECRET", "whsec_1, whsec_2,")]))
            .BuildServiceProvider();
        var catalogue = services.GetRequiredService<ProviderCatalogue>();
        Assert.True(catalogue.Find(ProviderId.Stripe)!.Configured);
        Assert.Equal(["stripe-signature"], catalogue.Webhooks(ProviderId.Stripe)!.SignatureHeaders);
        Assert.Null(catalogue.Webhooks(ProviderId.Xero));
        var secrets = services.GetRequiredService<IOptions<WebhookSecretOptions>>().Value;
        Assert.Equal(["whsec_1", "whsec_2"], secrets.For(ProviderId.Stripe).ToArray().Select(s => System.Text.Encoding.UTF8.GetString(s.Key.Span)));
        Assert.True(secrets.For(ProviderId.Xero).IsEmpty);
        Assert.Null(secrets.For(ProviderId.Stripe)[0].Url);
    }

    [Fact]
    public void A_webhook_secret_carries_the_address_that_was_entered_at_the_provider_letter_by_letter()
    {
        using var services = new ServiceCollection().AddProviderCatalogue(
            Configuration([("SQUARE_WEBHOOK_SECRET", "k1,k2"), ("SQUARE_WEBHOOK_URL", "https://Edge.example:443/hooks//square?a=%7e")])).BuildServiceProvider();
        var secrets = services.GetRequiredService<IOptions<WebhookSecretOptions>>().Value.For(ProviderId.Square).ToArray();
        Assert.Equal(["https://Edge.example:443/hooks//square?a=%7e", "https://Edge.example:443/hooks//square?a=%7e"], secrets.Select(s => s.Url));
    }

    private static string Refusal(string environment, params (string, string)[] settings)
    {
        using var services = Services(environment, settings);
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
            return "";
        }
        catch (OptionsValidationException refused)
        {
            return refused.Message;
        }
    }

    private static ServiceProvider Services(string environment, params (string, string)[] settings) => new ServiceCollection()
        .AddLogging()
        .AddSingleton<IHostEnvironment>(new Microsoft.Extensions.Hosting.Internal.HostingEnvironment { EnvironmentName = environment })
        .AddProviders(Configuration(settings))
        .BuildServiceProvider();

    private static IConfiguration Configuration((string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build();
}
