using CsCheck;
using FinanceIntegrations.Domain.Integrations;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

public sealed class SyncScheduleTests
{
    private static readonly DateTimeOffset Ended = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Gen<double> Chance = Gen.Double[0, 0.999_999];
    private static readonly Gen<int> Minutes = Gen.Int[SyncSchedule.MinFrequencyMinutes, SyncSchedule.MaxFrequencyMinutes];

    private static readonly Gen<SyncSchedule> AnySchedule =
        from jitter in Gen.Double[0, 1]
        from first in Gen.Int[1, 24 * 3600]
        from factor in Gen.Int[1, 1000]
        select new SyncSchedule(jitter, TimeSpan.FromSeconds(first), TimeSpan.FromSeconds((double)first * factor));

    [Fact]
    public void A_good_run_is_followed_after_one_period_and_at_most_the_jitter_more() =>
        Gen.Select(AnySchedule, Minutes, Chance).Sample((schedule, minutes, chance) =>
        {
            var wait = schedule.AfterSuccess(Ended, minutes, chance) - Ended;
            Assert.InRange(wait, TimeSpan.FromMinutes(minutes), TimeSpan.FromMinutes(minutes * (1 + schedule.Jitter)) + TimeSpan.FromTicks(1));
        });

    [Fact]
    public void A_good_run_is_never_followed_before_the_first_stream_is_due_nor_long_after() =>
        Gen.Select(AnySchedule, Minutes, Chance, Gen.Int[-100_000, 100_000]).Sample((schedule, minutes, chance, ahead) =>
        {
            var stream = Ended.AddMinutes(ahead);
            var due = schedule.AfterSuccess(Ended, minutes, chance, stream);
            Assert.True(due >= stream);
            var first = stream > Ended.AddMinutes(minutes) ? stream : Ended.AddMinutes(minutes);
            Assert.True(due <= first + TimeSpan.FromMinutes(minutes * schedule.Jitter) + TimeSpan.FromTicks(1));
        });

    [Fact]
    public void A_failed_run_is_never_repeated_before_the_providers_own_wish() =>
        Gen.Select(AnySchedule, Gen.Int[1, int.MaxValue], Gen.Int[0, 1_000_000], Chance).Sample((schedule, failed, seconds, chance) =>
            Assert.True(schedule.AfterFailure(Ended, failed, TimeSpan.FromSeconds(seconds), chance) - Ended >= TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Backing_off_stays_between_half_the_first_wait_and_the_longest_and_never_gets_shorter() =>
        Gen.Select(AnySchedule, Gen.Int[1, 1000], Chance).Sample((schedule, failed, chance) =>
        {
            var wait = schedule.AfterFailure(Ended, failed, null, chance) - Ended;
            Assert.InRange(wait, schedule.FirstBackoff / 2, schedule.LongestBackoff);
            Assert.True(schedule.AfterFailure(Ended, failed + 1, null, chance) - Ended >= wait);
        });

    [Fact]
    public void Backing_off_doubles_until_the_longest_wait() =>
        Gen.Select(AnySchedule, Gen.Int[1, 20], Chance).Sample((schedule, failed, chance) =>
        {
            var wait = (schedule.AfterFailure(Ended, failed, null, chance) - Ended).TotalSeconds;
            var next = (schedule.AfterFailure(Ended, failed + 1, null, chance) - Ended).TotalSeconds;
            var longest = ((schedule.LongestBackoff / 2) + (schedule.LongestBackoff / 2 * chance)).TotalSeconds;
            Assert.Equal(Math.Min(2 * wait, longest), next, 0.001);
        });

    [Fact]
    public void Those_that_failed_together_are_not_tried_again_together() =>
        Gen.Select(AnySchedule, Gen.Int[1, 40], Chance, Chance).Sample((schedule, failed, one, other) =>
        {
            if (Math.Abs(one - other) < 0.001) return;
            Assert.NotEqual(schedule.AfterFailure(Ended, failed, null, one), schedule.AfterFailure(Ended, failed, null, other));
        });
}
