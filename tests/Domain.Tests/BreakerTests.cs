using CsCheck;
using FinanceIntegrations.Domain.Integrations;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

public sealed class BreakerTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<BreakerPolicy> AnyPolicy =
        from threshold in Gen.Int[1, 10]
        from first in Gen.Int[1, 3600]
        from factor in Gen.Int[1, 1000]
        select new BreakerPolicy(threshold, TimeSpan.FromSeconds(first), TimeSpan.FromSeconds((double)first * factor));

    [Fact]
    public void A_breaker_opens_at_its_threshold_and_not_before() =>
        AnyPolicy.Sample(policy =>
        {
            var breaker = new Breaker();
            for (var failure = 1; failure < policy.Threshold; failure++)
            {
                breaker = breaker.Failed(Now, policy);
                Assert.True(breaker.Allows(Now));
            }
            Assert.False(breaker.Failed(Now, policy).Allows(Now));
        });

    [Fact]
    public void A_breaker_lets_exactly_one_probe_through() =>
        Gen.Select(AnyPolicy, Gen.Int[0, 40], Gen.Int[0, 100_000]).Sample((policy, further, late) =>
        {
            var breaker = Opened(policy, further);
            var until = breaker.OpenUntil!.Value;
            Assert.False(breaker.Allows(until.AddTicks(-1)));
            Assert.True(breaker.Allows(until.AddSeconds(late)));
            var probing = breaker.Started(Guid.CreateVersion7(Now));
            Assert.False(probing.Allows(until.AddSeconds(late)));
            Assert.False(probing.Allows(DateTimeOffset.MaxValue));
        });

    [Fact]
    public void A_probe_that_fails_opens_it_again_for_at_least_as_long() =>
        Gen.Select(AnyPolicy, Gen.Int[0, 60]).Sample((policy, further) =>
        {
            var before = policy.Cooldown(further);
            var breaker = Opened(policy, further).Started(Guid.CreateVersion7(Now)).Failed(Now, policy);
            Assert.Null(breaker.Probe);
            Assert.True(breaker.OpenUntil - Now >= before);
            Assert.True(breaker.OpenUntil - Now <= policy.MaxCooldown);
        });

    [Fact]
    public void Its_pause_never_shrinks_from_failure_to_failure_and_never_leaves_its_bounds() =>
        Gen.Select(AnyPolicy, Gen.Int[0, 100]).Sample((policy, further) =>
        {
            Assert.InRange(policy.Cooldown(further), policy.BaseCooldown, policy.MaxCooldown);
            Assert.True(policy.Cooldown(further + 1) >= policy.Cooldown(further));
        });

    [Fact]
    public void One_success_closes_it_whatever_came_before() =>
        Gen.Select(AnyPolicy, Gen.Int[0, 60]).Sample((policy, further) => Assert.Equal(new Breaker(), Opened(policy, further).Succeeded()));

    [Fact]
    public void It_says_what_it_does() =>
        AnyPolicy.Sample(policy =>
        {
            var open = Opened(policy, 0);
            Assert.Equal("closed", new Breaker().Describe(Now));
            Assert.Equal("open", open.Describe(Now));
            Assert.Equal("half_open", open.Describe(open.OpenUntil!.Value));
        });

    private static Breaker Opened(BreakerPolicy policy, int further)
    {
        var breaker = new Breaker();
        for (var failure = 0; failure < policy.Threshold + further; failure++) breaker = breaker.Failed(Now, policy);
        return breaker;
    }
}
