using CsCheck;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

public sealed class HistoryTests
{
    [Fact]
    public void History_never_goes_before_what_is_due_or_asked_for_and_never_where_nothing_may_be_called() =>
        States.AnyState.Sample(life =>
        {
            if (!Lifecycle.MayReadHistory(life.State, life.Now)) return;
            Assert.Equal(IntegrationStatus.Active, life.State.Status);
            Assert.True(life.State.NextSyncAt > life.Now);
            Assert.False(Lifecycle.MayReadAsked(life.State, life.Now));
            Assert.Null(Lifecycle.RefusesRun(life.State, force: true, life.Now));
        });

    [Fact]
    public void A_run_over_history_moves_nothing_of_the_schedule() =>
        Gen.Select(States.AnyState, States.AnyError.Null(0.5)).Sample((life, error) =>
        {
            if (error is { NeedsUser: true }) return;
            var ended = States.HistoryRunEnded(Lifecycle.RunStarted(life.State, States.HistoryRun(life.Now)), error, life.Now.AddMinutes(1));
            Assert.Null(ended.Run);
            Assert.Equal(life.State.NextSyncAt, ended.NextSyncAt);
            Assert.Equal(life.State.FailedRuns, ended.FailedRuns);
            Assert.Equal((life.State.LastSyncAt, life.State.LastSuccessAt), (ended.LastSyncAt, ended.LastSuccessAt));
            Assert.Equal(life.State.Status, ended.Status);
            Assert.Equal(life.State.StreamsAsked, ended.StreamsAsked);
        });

    [Fact]
    public void A_run_over_history_that_gave_way_before_it_had_begun_has_shown_nothing_of_the_provider() =>
        States.AnyState.Sample(life =>
        {
            var begun = Lifecycle.RunStarted(life.State, States.HistoryRun(life.Now));
            var ended = Lifecycle.HistoryRunEnded(begun, new() { Id = begun.Run!.Id, Status = "succeeded", EndedAt = life.Now }, null, RunPolicies.Default, 0.5);
            Assert.Equal((null, begun.Health, begun.History), (ended.Run, ended.Health, ended.History));
            Assert.Equal(begun.Breaker with { Probe = null }, ended.Breaker);
        });

    [Fact]
    public void The_grain_wakes_for_the_next_sync_while_history_is_read_and_for_history_when_it_is_due_first() =>
        States.AnyState.Sample(life =>
        {
            var reading = Lifecycle.RunStarted(life.State with { StreamsAsked = [], Breaker = new() }, States.HistoryRun(life.Now));
            Assert.Equal(life.State.NextSyncAt, Lifecycle.NextRunAt(reading, life.Now));
            if (life.State.Run is null && Lifecycle.MayReadHistory(life.State, life.Now)) Assert.True(Lifecycle.NextRunAt(life.State, life.Now) <= life.Now);
        });

    [Fact]
    public void History_that_fails_again_and_again_waits_ever_longer_and_the_sync_goes_on()
    {
        var (state, now, before) = (Lifecycle.HistoryFound(States.RunEnded(States.Connected(), null, States.Begin), new(3, 0), States.Begin), States.Begin, TimeSpan.Zero);
        for (var failure = 1; failure <= 6; failure++)
        {
            state = States.HistoryRunEnded(Lifecycle.RunStarted(state, States.HistoryRun(now)), new(ErrorClass.BusinessRule, "odd", "Odd."), now);
            var wait = state.History!.DueAt!.Value - now;
            Assert.True(wait > before);
            Assert.Equal((IntegrationStatus.Active, failure), (state.Status, state.History.FailedRuns));
            before = wait;
        }
        Assert.Equal(0, States.HistoryRunEnded(state, null, now).History!.FailedRuns);
    }

    [Fact]
    public void A_consent_that_ends_while_history_is_read_ends_everything_with_the_sync_that_follows_at_once()
    {
        var (state, left) = (Lifecycle.HistoryFound(States.RunEnded(States.Connected(), null, States.Begin), new(3, 0), States.Begin), new ProviderError(ErrorClass.Consent, "left", "m"));
        var ended = States.HistoryRunEnded(Lifecycle.RunStarted(state, States.HistoryRun(States.Begin)), left, States.Begin);
        Assert.Equal((IntegrationStatus.Active, States.Begin), (ended.Status, Lifecycle.NextRunAt(ended, States.Begin)));
        Assert.Equal((false, "transactions"), (Lifecycle.MayReadHistory(ended, States.Begin), Assert.Single(ended.StreamsAsked)));   // read though not due
        ended = States.RunEnded(ended, left, States.Begin);
        Assert.Equal((IntegrationStatus.Expired, null), (ended.Status, ended.NextSyncAt));
        Assert.False(Lifecycle.MayReadHistory(ended, States.Begin.AddYears(1)));
    }

    [Fact]
    public void What_is_read_to_its_end_is_said_once()
    {
        var found = Lifecycle.HistoryFound(States.Connected(), new(2, 0.4), States.Begin);
        Assert.Equal((0.4, null), (found.History!.Progress, found.History.CompletedAt));
        var read = Lifecycle.HistoryFound(found with { Outbox = new() }, new(0, 1), States.Begin.AddHours(1));
        Assert.Equal((null, States.Begin.AddHours(1)), (read.History!.DueAt, read.History.CompletedAt));
        Assert.Equal("history_read", Assert.Single(read.Outbox.Logs).Event);
        Assert.Same(read, Lifecycle.HistoryFound(read, new(0, 1), States.Begin.AddHours(2)));
    }
}
