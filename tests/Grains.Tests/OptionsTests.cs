using FinanceIntegrations.Providers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

public sealed class OptionsTests
{
    [Theory]
    [InlineData("Schedule:Jitter", "1.5")]
    [InlineData("Schedule:FirstBackoff", "00:00:00")]
    [InlineData("Schedule:LongestBackoff", "00:00:10")]   // below the first
    [InlineData("WebhookDeliveries:MaxAttempts", "0")]
    [InlineData("WebhookDeliveries:FirstWait", "02:00:00")]
    [InlineData("Providers:stripe:Breaker:Threshold", "0")]
    [InlineData("Providers:stripe:Breaker:BaseCooldown", "00:00:00.5")]
    [InlineData("Providers:kra_itax:Breaker:MaxCooldown", "00:00:10")]   // below the base
    [InlineData("Incidents:MinAffected", "1")]
    [InlineData("Incidents:ClosesAt", "0.6")]   // above the share that opens
    [InlineData("Sync:MaxRunsPerSilo", "0")]
    [InlineData("Sync:Streams:stripe_payout:Every", "01:00:00", "Sync:Streams:stripe_payout")]   // there is no such stream
    [InlineData("Sync:Streams:stripe_payouts:FullEvery", "-1.00:00:00")]
    public void A_setting_out_of_its_range_stops_the_start_with_its_key(string key, string value, string? named = null)
    {
        var refused = Assert.Throws<OptionsValidationException>(() => Validate(key, value));
        Assert.Contains(named ?? key, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_set_has_a_default_that_holds() => Validate("Schedule:Jitter", "0");

    private static void Validate(string key, string value)
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton(configuration).AddProviders(configuration);
        services.AddIntegrationGrains();
        using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IStartupValidator>().Validate();
    }
}
