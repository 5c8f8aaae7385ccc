using CsCheck;
using FinanceIntegrations.Domain.Webhooks;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

public sealed class DeliveryRetryTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<DeliveryRetry> AnyPolicy =
        from attempts in Gen.Int[1, 20]
        from milliseconds in Gen.Int[100, 3_600_000]
        select new DeliveryRetry(attempts, TimeSpan.FromMilliseconds(milliseconds));

    [Fact]
    public void Waits_grow_with_each_failure_and_end_in_a_dead_letter_at_the_last_attempt() =>
        Gen.Select(AnyPolicy, Gen.Double[0, 0.999]).Sample((policy, chance) =>
        {
            var before = TimeSpan.Zero;
            for (var failures = 1; failures < policy.MaxAttempts; failures++)
            {
                var wait = policy.NextAttempt(failures, Now, chance) - Now ?? TimeSpan.Zero;
                Assert.True(wait > before && wait >= policy.FirstWait / 2);
                before = wait;
            }
            Assert.Null(policy.NextAttempt(policy.MaxAttempts, Now, chance));
        });
}
