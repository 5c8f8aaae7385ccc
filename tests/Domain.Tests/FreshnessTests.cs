using CsCheck;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Sync;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

public sealed class FreshnessTests
{
    private static readonly DateTimeOffset Now = States.Begin;

    [Fact]
    public void Records_are_stale_beyond_twice_the_schedule_and_not_before() =>
        Gen.Select(Gen.Int[1, 10_080], Gen.Long[0, 50_000_000_000_000]).Sample((frequency, age) =>
            Assert.Equal(age > TimeSpan.FromMinutes(2 * frequency).Ticks,
                Freshness.IsStale(Now.AddTicks(-age), frequency, IntegrationStatus.Active, Now)));

    [Theory]
    [InlineData(IntegrationStatus.Active, false)]
    [InlineData(IntegrationStatus.Inactive, false)]
    [InlineData(IntegrationStatus.Error, true)]
    [InlineData(IntegrationStatus.Expired, true)]
    public void A_connection_that_brings_nothing_now_has_stale_records(IntegrationStatus status, bool stale)
    {
        Assert.Equal(stale, Freshness.IsStale(Now, 60, status, Now));
        Assert.True(Freshness.IsStale(null, 60, status, Now));
    }
}
