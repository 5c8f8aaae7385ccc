using CsCheck;
using FinanceIntegrations.Domain.Integrations;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

public sealed class SyncScheduleTests
{
    private static readonly DateTimeOffset Ended = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Gen<double> Chance = Gen.Double.Unit;

    [Fact]
    public void A_good_run_is_followed_after_one_period_and_at_most_a_tenth_more() =>
        Gen.Select(Gen.Int[SyncSchedule.MinFrequencyMinutes, SyncSchedule.MaxFrequencyMinutes], Chance).Sample((minutes, chance) =>
        {
            var wait = SyncSchedule.AfterSuccess(Ended, minutes, chance) - Ended;
            Assert.InRange(wait, TimeSpan.FromMinutes(minutes), TimeSpan.FromMinutes(minutes * 1.1));
        });

    [Fact]
    public void A_failed_run_is_never_repeated_before_the_providers_own_wish() =>
        Gen.Select(Gen.Int[1, int.MaxValue], Gen.Int[0, 1_000_000], Chance).Sample((failed, seconds, chance) =>
            Assert.True(SyncSchedule.AfterFailure(Ended, failed, TimeSpan.FromSeconds(seconds), chance) - Ended >= TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Backing_off_lasts_between_fifteen_seconds_and_six_hours_and_never_gets_shorter() =>
        Gen.Select(Gen.Int[1, 1000], Chance).Sample((failed, chance) =>
        {
            var wait = SyncSchedule.AfterFailure(Ended, failed, null, chance) - Ended;
            Assert.InRange(wait, TimeSpan.FromSeconds(15), TimeSpan.FromHours(6));
            Assert.True(SyncSchedule.AfterFailure(Ended, failed + 1, null, chance) - Ended >= wait);
        });
}
