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
    public void A_setting_out_of_its_range_stops_the_start_with_its_key(string key, string value)
    {
        var refused = Assert.Throws<OptionsValidationException>(() => Validate(key, value));
        Assert.Contains(key, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_set_has_a_default_that_holds() => Validate("Schedule:Jitter", "0");

    private static void Validate(string key, string value)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build());
        services.AddIntegrationGrains();
        using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IStartupValidator>().Validate();
    }
}
