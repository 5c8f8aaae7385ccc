using CsCheck;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Integrations;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

public sealed class HealthScoreTests
{
    [Fact]
    public void The_score_never_leaves_zero_to_one_and_every_lost_point_has_a_cause_and_advice() =>
        Gen.Select(States.AnyState, Gen.Int[0, 1_000_000]).Sample((life, later) =>
        {
            var report = HealthScore.Of(life.State, life.Now.AddMinutes(later));
            Assert.InRange(report.Score, 0.0, 1.0);
            Assert.All(report.Losses, l =>
            {
                Assert.True(l.Points > 0);
                Assert.NotEmpty(l.Cause);
                Assert.NotEmpty(l.Advice);
            });
            Assert.Equal(report.Score < 1, report.Losses.Count > 0);
            Assert.Equal(Math.Max(0, 1 - report.Losses.Sum(l => l.Points)), report.Score, 9);
            Assert.Distinct(report.Losses.Select(l => l.Cause));
        });

    [Fact]
    public void A_failed_run_never_raises_the_score() =>
        Gen.Select(States.AnyState, States.AnyError).Sample((life, error) =>
            Assert.True(Score(States.RunEnded(life.State, error, life.Now), life.Now) <= Score(life.State, life.Now)));

    [Fact]
    public void A_good_run_never_lowers_the_score() =>
        States.AnyState.Sample(life =>
            Assert.True(Score(States.RunEnded(life.State, null, life.Now), life.Now) >= Score(life.State, life.Now)));

    [Fact]
    public void A_failed_refresh_never_raises_the_score() =>
        Gen.Select(States.AnyState, States.AnyError).Sample((life, error) =>
            Assert.True(Score(Lifecycle.RefreshFailed(life.State, States.Attempt(life.State, life.Now), error, States.AnyRules, 0.5, life.Now), life.Now) <= Score(life.State, life.Now)));

    [Fact]
    public void A_good_refresh_never_lowers_the_score() =>
        States.AnyState.Sample(life => Assert.True(
            Score(Lifecycle.Refreshed(life.State, life.State.Refresh?.Attempt ?? default, new() { AccessToken = "y", ObtainedAt = life.Now }, life.Now), life.Now)
            >= Score(life.State, life.Now)));

    [Fact]
    public void A_budget_that_is_nearly_used_up_costs_points_until_it_refills()
    {
        var state = new IntegrationState { Owner = "alice", Status = IntegrationStatus.Active, SyncFrequencyMinutes = 60, CreatedAt = States.Begin };
        var refills = States.Begin.AddMinutes(30);
        Assert.Null(ScarceBudget.Of(left: 100, calls: 1_000, TimeSpan.FromDays(1), refills));
        Assert.Null(ScarceBudget.Of(left: 0, calls: 60, TimeSpan.FromMinutes(1), refills));   // it is there again before anybody can act
        Assert.Null(ScarceBudget.Of(left: 1, calls: 4, TimeSpan.FromDays(1), refills));
        foreach (var (left, points) in new[] { (99, 0.05), (0, 0.1) })
        {
            var scarce = state with { Scarce = ScarceBudget.Of(left, calls: 1_000, TimeSpan.FromDays(1), refills) };
            var loss = Assert.Single(HealthScore.Of(scarce, States.Begin).Losses);
            Assert.Equal(("budget_nearly_empty", points), (loss.Cause, loss.Points));
            Assert.Empty(HealthScore.Of(scarce, refills).Losses);
        }
    }

    [Fact]
    public void The_window_never_leaves_zero_to_one_and_weighs_the_recent_more() =>
        Gen.Bool.Array[0, 200].Sample(outcomes =>
        {
            var window = outcomes.Aggregate(new HealthWindow(), (w, good) => w.Record(good));
            Assert.InRange(window.Rate, 0.0, 1.0);
            Assert.Equal(outcomes.Length, window.Samples);
            Assert.True(window.Record(true).Record(false).Rate < window.Record(false).Record(true).Rate);
        });

    /// <summary>The same instant for both states: time alone lowers a score.</summary>
    private static double Score(IntegrationState state, DateTimeOffset now) => HealthScore.Of(state, now).Score;
}
