using CsCheck;
using FinanceIntegrations.Domain.Sync;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

public sealed class TrustTests
{
    private static readonly Gen<TrustPolicy> AnyPolicy = Gen.Double[0, 1].Select(fall => TrustPolicy.Default with { LargestFall = fall });

    private static readonly Gen<PassFindings> AnyPass =
        from shown in Gen.Long[0, 50]
        from least in Gen.Long[0, 2]
        from held in Gen.Long[0, 50].Nullable()
        from missing in Gen.Long[0, held ?? 0]
        select new PassFindings(shown, least, held, missing);

    private static readonly Gen<StreamFindings> AnyFindings =
        from failed in Gen.Bool
        from parked in Gen.Long[0, 3]
        from waiting in Gen.Long[0, 3]
        from pass in AnyPass.Null(0.3)
        from ours in Gen.Int[0, 3].Array[0, 3].Null(0.3)
        from odd in Gen.Int[0, 2].Nullable()
        select new StreamFindings
        {
            Stream = "payouts",
            Failure = failed ? "Away." : null,
            Parked = parked,
            Waiting = parked + waiting,
            Pass = pass,
            Payouts = odd is { } count ? new(count, [.. Enumerable.Range(0, count).Select(n => new PayoutFinding($"po_{n}", "payouts", "GBP", 10, 9))]) : null,
            Totals = ours?.Select(amount => new TotalFinding("GBP", 1, amount)).ToList(),
        };

    [Fact]
    public void A_stream_is_beyond_doubt_only_where_all_that_was_looked_at_agrees() =>
        Gen.Select(AnyFindings, AnyPolicy).Sample((found, policy) =>
        {
            var agrees = found.Failure is null && found.Parked == 0 && found.Payouts is not { Count: > 0 } && (found.Totals ?? []).All(total => total.Agrees)
                && (found.Pass is not { } pass || Trust.BelievesMissing(pass, policy));
            Assert.Equal(agrees, Trust.Judge(found, policy).Reasons.Count == 0);
        });

    [Fact]
    public void No_doubt_is_raised_and_dispelled_at_once_and_a_failed_stream_dispels_none() =>
        Gen.Select(AnyFindings, AnyPolicy).Sample((found, policy) =>
        {
            var (reasons, cleared) = Trust.Judge(found, policy);
            Assert.Empty(reasons.Select(reason => new Doubt(reason.Code, reason.Stream)).Intersect(cleared));
            if (found.Failure is not null) Assert.Empty(cleared);
        });

    [Fact]
    public void What_was_not_looked_at_is_neither_doubted_nor_believed() =>
        Gen.Select(AnyFindings, AnyPolicy).Sample((found, policy) =>
        {
            var (reasons, cleared) = Trust.Judge(found with { Pass = null, Totals = null, Payouts = null }, policy);
            Assert.DoesNotContain(reasons.Select(r => r.Code).Concat(cleared.Select(c => c.Code)),
                code => code is Trust.ImplausibleZero or Trust.ImplausibleFall or Trust.TotalDisagrees or Trust.EntriesDisagree);
        });

    [Fact]
    public void A_stream_that_had_rows_and_shows_none_is_always_doubted_whatever_the_share() =>
        Gen.Select(Gen.Long[1, 1_000_000], AnyPolicy).Sample((held, policy) =>
        {
            var pass = new PassFindings(0, 0, held, held);
            Assert.False(Trust.BelievesMissing(pass, policy));
            Assert.Equal(Trust.ImplausibleZero, Assert.Single(Trust.Judge(new() { Stream = "payouts", Pass = pass }, policy).Reasons).Code);
        });

    [Fact]
    public void A_delta_whose_overlap_must_show_something_and_shows_nothing_is_doubted() =>
        Assert.Equal(Trust.ImplausibleZero,
            Assert.Single(Trust.Judge(new() { Stream = "payouts", Pass = new(0, 1, null, 0) }, TrustPolicy.Default).Reasons).Code);

    [Fact]
    public void An_empty_stream_that_always_was_empty_is_believed() =>
        Assert.Empty(Trust.Judge(new() { Stream = "payouts", Pass = new(0, 0, 0, 0) }, TrustPolicy.Default).Reasons);

    [Fact]
    public void A_fall_is_doubted_beyond_the_share_and_never_up_to_it() =>
        Gen.Select(Gen.Long[1, 100], Gen.Long[1, 1_000], Gen.Long[0, 1_000], Gen.Int[0, 100]).Sample((shown, held, some, percent) =>
        {
            var missing = Math.Min(some, held);
            if (missing * 100 == held * percent) return;   // on the border binary fractions decide
            Assert.Equal(missing * 100 < held * percent,
                Trust.BelievesMissing(new(shown, 0, held, missing), TrustPolicy.Default with { LargestFall = percent / 100.0 }));
        });

    [Fact]
    public void The_more_is_missing_the_less_it_is_believed() =>
        Gen.Select(AnyPass, Gen.Long[0, 50], AnyPolicy).Sample((pass, more, policy) =>
        {
            var worse = pass with { Missing = pass.Missing + more };
            if (Trust.BelievesMissing(worse, policy)) Assert.True(Trust.BelievesMissing(pass, policy));
        });
}
