using CsCheck;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

public sealed class LifecycleTests
{
    private static DateTimeOffset Begin => States.Begin;

    [Fact]
    public void A_deleted_integration_is_never_called_again_whatever_happens_to_it() =>
        Gen.Select(States.AnyState, Gen.Select(States.AnyStep, Gen.Int[0, 600]).Array[0, 10]).Sample((life, after) =>
        {
            var (state, now) = (Lifecycle.Deleted(life.State, purge: false, "Revoked.", life.Now), life.Now);
            foreach (var (step, minutes) in after)
            {
                now = now.AddMinutes(minutes);
                state = step.Apply(state, now);
                Assert.NotNull(state.DeletedAt);
                Assert.Equal("not_found", Lifecycle.RefusesRun(state, force: true, now));
                Assert.Null(state.NextSyncAt);
                Assert.Null(state.Tokens);
                Assert.Equal(IntegrationStatus.Inactive, state.Status);
            }
        });

    [Fact]
    public void Expired_is_never_due_and_never_runs_even_by_force() =>
        States.AnyState.Sample(life =>
        {
            if (life.State.Status != IntegrationStatus.Expired) return;
            Assert.Null(life.State.NextSyncAt);
            Assert.NotNull(Lifecycle.RefusesRun(life.State, force: true, life.Now));
        });

    [Fact]
    public void Nothing_is_due_and_nothing_runs_while_switched_off() =>
        States.AnyState.Sample(life =>
        {
            if (life.State.Enabled) return;
            Assert.Null(life.State.NextSyncAt);
            Assert.Equal(IntegrationStatus.Inactive, life.State.Status);
            Assert.NotNull(Lifecycle.RefusesRun(life.State, force: true, life.Now));
        });

    [Fact]
    public void Only_a_connected_integration_is_ever_due() =>
        States.AnyState.Sample(life => Assert.True(life.State.NextSyncAt is null || life.State is { Tokens: not null, Enabled: true, Exists: true }));

    [Fact]
    public void An_active_integration_has_tokens_and_a_next_time() =>
        States.AnyState.Sample(life => Assert.True(life.State.Status != IntegrationStatus.Active || life.State is { Tokens: not null, NextSyncAt: not null }));

    [Fact]
    public void The_end_of_a_run_always_clears_it_and_says_so_in_the_outbox() =>
        Gen.Select(States.AnyState, States.AnyError.Null(0.5)).Sample((life, error) =>
        {
            var ended = States.RunEnded(Lifecycle.RunStarted(life.State, new() { Id = Guid.CreateVersion7(life.Now), StartedAt = life.Now }), error, life.Now);
            Assert.Null(ended.Run);
            Assert.Null(ended.Breaker.Probe);
            Assert.NotNull(ended.Outbox.RunEnded);
            Assert.Equal(life.Now, ended.LastSyncAt);
            Assert.Equal(error is null ? 0 : life.State.FailedRuns + 1, ended.FailedRuns);
        });

    [Fact]
    public void Streams_that_were_asked_for_stay_noted_until_a_run_begins_that_reads_them() =>
        Gen.Select(States.AnyState, Any.Of<string[]>([], ["payouts"], ["disputes", "charges"])).Sample((life, reads) =>
        {
            var asked = Lifecycle.StreamsAsked(life.State, ["payouts", "disputes"], life.Now);
            Assert.All(["payouts", "disputes"], stream => Assert.Contains(stream, asked.StreamsAsked));
            var begun = Lifecycle.RunStarted(asked, new() { Id = Guid.CreateVersion7(life.Now), Streams = reads, StartedAt = life.Now });
            Assert.Equal(reads is [] ? [] : asked.StreamsAsked.Except(reads), begun.StreamsAsked);
            Assert.Equal(reads is [] ? asked.StreamsAsked : [], begun.Run!.Asked);   // one over everything reads them due or not
        });

    [Fact]
    public void Streams_that_were_asked_for_stay_noted_where_the_run_that_took_them_has_not_read_them() =>
        Gen.Select(States.AnyState, Any.Of<string[]>([], ["payouts"], ["payouts", "disputes"]), Any.Of(0, 1, 2)).Sample((life, reads, end) =>
        {
            var begun = Lifecycle.RunStarted(
                Lifecycle.StreamsAsked(life.State, ["payouts", "disputes"], life.Now), new() { Id = Guid.CreateVersion7(life.Now), Streams = reads, StartedAt = life.Now });
            if (reads is ["payouts"] && end == 1) begun = Lifecycle.RunWidened(begun, life.Now);
            var ended = end == 0
                ? Lifecycle.RunEnded(begun, new() { Id = begun.Run!.Id, Status = "cancelled", EndedAt = life.Now }, null, RunPolicies.Default, 0.5)
                : States.RunEnded(begun, new(ErrorClass.ProviderUnavailable, "down", "Down."), life.Now);
            Assert.All(["payouts", "disputes"], stream => Assert.Contains(stream, ended.StreamsAsked));
        });

    [Fact]
    public void Streams_that_were_asked_for_are_due_at_once_wherever_a_run_may_begin() =>
        States.AnyState.Sample(life =>
        {
            var asked = Lifecycle.StreamsAsked(life.State, ["payouts"], life.Now);
            var may = Lifecycle.RefusesRun(asked, force: true, life.Now) is null && asked.FailedRuns == 0;
            Assert.Equal(may, Lifecycle.MayReadAsked(asked, life.Now));
            if (may) Assert.Equal(life.Now, Lifecycle.NextRunAt(asked, life.Now));
        });

    [Fact]
    public void No_run_begins_by_itself_before_its_time_or_while_the_breaker_is_open() =>
        States.AnyState.Sample(life =>
        {
            var state = life.State with { StreamsAsked = [] };
            var at = Lifecycle.NextRunAt(state, life.Now);
            Assert.Equal(state.NextSyncAt is null, at is null);
            var history = state is { Status: IntegrationStatus.Active, Run: not { IsHistory: true } } ? state.History?.DueAt : null;
            Assert.False(at < state.NextSyncAt && !(at >= history));
            if (at is { } begins) Assert.False(begins < state.Breaker.OpenUntil);
        });

    [Fact]
    public void A_good_run_of_some_streams_says_nothing_of_the_others() =>
        States.AnyState.Sample(life =>
        {
            var run = new RunInProgress { Id = Guid.CreateVersion7(life.Now), Streams = ["payouts"], StartedAt = life.Now };
            var ended = States.RunEnded(Lifecycle.RunStarted(life.State, run), null, life.Now.AddSeconds(1));
            Assert.Equal(
                (life.State.LastSyncAt, life.State.LastSuccessAt, life.State.NextSyncAt, life.State.Status, life.State.LastProblem),
                (ended.LastSyncAt, ended.LastSuccessAt, ended.NextSyncAt, ended.Status, ended.LastProblem));
            Assert.Equal(new Breaker(), ended.Breaker);
        });

    [Fact]
    public void A_failed_run_of_some_streams_is_retried_by_the_schedule_like_any_other() =>
        States.AnyError.Sample(error =>
        {
            var run = new RunInProgress { Id = Guid.CreateVersion7(Begin), Streams = ["payouts"], StartedAt = Begin };
            var asked = Lifecycle.StreamsAsked(Lifecycle.RunStarted(States.Connected(), run), ["disputes"], Begin);
            var ended = States.RunEnded(asked, error, Begin);
            Assert.Equal(IntegrationStatus.Error, ended.Status);   // whether the consent has ended is seen by a run over all of them
            Assert.Equal(["disputes", "payouts"], ended.StreamsAsked);
            Assert.Equal(ended.NextSyncAt, Lifecycle.NextRunAt(ended, Begin));
        });

    [Fact]
    public void A_cancelled_run_is_neither_a_success_nor_a_failure() =>
        States.AnyState.Sample(life =>
        {
            var run = new RunInProgress { Id = Guid.CreateVersion7(life.Now), StartedAt = life.Now };
            var end = new RunEnd { Id = run.Id, Status = "cancelled", EndedAt = life.Now.AddMinutes(1) };
            var ended = Lifecycle.RunEnded(Lifecycle.RunStarted(life.State, run), end, null, RunPolicies.Default, 0.5);
            Assert.Null(ended.Run);
            Assert.Equal(end, ended.Outbox.RunEnded);
            Assert.Equal(life.State.Breaker with { Probe = null }, ended.Breaker);
            Assert.Equal(
                (life.State.Health, life.State.FailedRuns, life.State.LastSuccessAt, life.State.NextSyncAt, life.State.Status),
                (ended.Health, ended.FailedRuns, ended.LastSuccessAt, ended.NextSyncAt, ended.Status));
        });

    [Fact]
    public void A_deletion_ends_the_run_that_is_open() =>
        States.AnyState.Sample(life =>
        {
            var run = new RunInProgress { Id = Guid.CreateVersion7(life.Now), StartedAt = life.Now };
            var deleted = Lifecycle.Deleted(Lifecycle.RunStarted(life.State, run), purge: false, "Revoked.", life.Now);
            Assert.Null(deleted.Run);
            Assert.Equal((run.Id, "cancelled"), (deleted.Outbox.RunEnded!.Id, deleted.Outbox.RunEnded.Status));
        });

    [Fact]
    public void Of_a_purged_integration_only_who_had_what_and_its_end_are_left() =>
        States.AnyState.Sample(life =>
        {
            if (!life.State.Exists) return;
            var (state, now) = (life.State, life.Now.AddMinutes(1));
            var purged = Lifecycle.Deleted(state with { Config = """{"a": 1}""", Metadata = """{"b": 2}""", Doubts = [new("rows_parked", "payouts")] }, purge: true, "Revoked.", now);
            var left = new IntegrationState
            {
                Id = state.Id,
                Owner = state.Owner,
                Name = state.Name,
                Type = state.Type,
                Provider = state.Provider,
                SyncFrequencyMinutes = state.SyncFrequencyMinutes,
                Enabled = state.Enabled,
                CreatedAt = state.CreatedAt,
                UpdatedAt = now,
                DeletedAt = now,
                StatusReason = "deleted",
                Purge = true,
            };
            Assert.Equal(left, purged with { Outbox = left.Outbox });
        });

    [Fact]
    public void A_deleted_integration_is_woken_for_its_purge_until_that_is_done_and_for_nothing_else() =>
        Gen.Select(States.AnyState, Gen.Select(States.AnyStep, Gen.Int[0, 600]).Array[0, 10], Gen.Bool).Sample((life, after, purge) =>
        {
            if (!life.State.Exists) return;
            var (state, now) = (Lifecycle.Deleted(life.State, purge, "Revoked.", life.Now), life.Now);
            foreach (var (step, minutes) in after.Where(step => step.Item1.Name != "deleted"))
            {
                now = now.AddMinutes(minutes);
                state = step.Apply(state, now);
                Assert.Equal(purge ? now : null, Lifecycle.NextWakeAt(state, now));
            }
            Assert.Null(Lifecycle.NextWakeAt(Lifecycle.Purged(state, now), now));
        });

    [Fact]
    public void The_error_class_decides_the_status() =>
        Gen.Select(States.AnyError, Gen.Int[1, 20]).Sample((error, times) =>
        {
            var (state, now) = (States.Connected(), Begin);
            for (var run = 0; run < times; run++)
            {
                now = now.AddHours(1);
                state = States.RunEnded(state, error, now);
            }
            Assert.Equal(error.NeedsUser ? IntegrationStatus.Expired : IntegrationStatus.Error, state.Status);
            Assert.Equal(error.Code, state.StatusReason);
            Assert.Equal(error.NeedsUser, state.NextSyncAt is null);
            Assert.Equal(ErrorClasses.Name(error.Class), state.LastProblem?.Class);
            if (state.NextSyncAt is not { } due) return;
            Assert.True(due - now >= (error.RetryAfter ?? TimeSpan.Zero));
            Assert.True(state.Breaker.Allows(due));
        });

    [Fact]
    public void Being_asked_to_slow_down_and_data_that_does_not_fit_never_open_the_breaker() =>
        Gen.Select(Any.Of(ErrorClass.RateLimited, ErrorClass.Validation, ErrorClass.BusinessRule), Gen.Int[1, 50]).Sample((kind, times) =>
        {
            var state = States.Connected();
            for (var run = 0; run < times; run++) state = States.RunEnded(state, new(kind, "c", "m"), Begin);
            Assert.Equal("closed", state.Breaker.Describe(Begin));
        });

    [Fact]
    public void A_good_run_repairs_what_failures_left() =>
        Gen.Select(Any.Of(ErrorClass.Network, ErrorClass.ProviderUnavailable, ErrorClass.RateLimited), Gen.Int[1, 20]).Sample((kind, times) =>
        {
            var state = States.Connected();
            for (var run = 0; run < times; run++) state = States.RunEnded(state, new(kind, "c", "m"), Begin);
            state = States.RunEnded(state, null, Begin.AddDays(1));
            Assert.Equal(IntegrationStatus.Active, state.Status);
            Assert.Equal(new Breaker(), state.Breaker);
            Assert.Null(state.LastProblem);
            Assert.True(state.NextSyncAt > Begin.AddDays(1));
        });

    [Fact]
    public void News_of_a_withdrawn_consent_that_is_older_than_the_consent_is_no_news() =>
        Gen.Int[1, 1_000_000].Sample(seconds =>
        {
            var state = States.Connected();
            Assert.Same(state, Lifecycle.ConsentWithdrawn(state, Begin.AddSeconds(-seconds), Begin.AddDays(1)));
        });

    [Fact]
    public void Consent_withdrawn_at_or_after_the_consent_ends_it() =>
        Gen.Int[0, 1_000_000].Sample(seconds =>
        {
            var state = Lifecycle.ConsentWithdrawn(States.Connected(), Begin.AddSeconds(seconds), Begin.AddDays(20));
            Assert.Equal(IntegrationStatus.Expired, state.Status);
            Assert.Null(state.Tokens);
            Assert.Null(state.NextSyncAt);
            Assert.Same(state, Lifecycle.ConsentWithdrawn(state, Begin.AddSeconds(seconds), Begin.AddDays(20)));
        });

    [Fact]
    public void A_refresh_that_ends_after_the_user_left_brings_nothing_back()
    {
        var intent = States.Intent(Begin);
        var left = Lifecycle.ConsentWithdrawn(Lifecycle.RefreshBegun(States.Connected(), intent, Begin), Begin.AddSeconds(5), Begin.AddSeconds(6));
        var refreshed = Lifecycle.Refreshed(left, intent.Attempt, new() { AccessToken = "y", ObtainedAt = Begin.AddSeconds(7) }, Begin.AddSeconds(7));
        var failed = Lifecycle.RefreshFailed(left, intent.Attempt, new(ErrorClass.Network, "timeout", "m"), States.AnyRules, 0.5, Begin.AddSeconds(7));
        Assert.All([refreshed, failed], s =>
        {
            Assert.Null(s.Tokens);
            Assert.Null(s.Refresh);
            Assert.Equal(IntegrationStatus.Expired, s.Status);
        });
    }

    [Fact]
    public void Only_a_consent_that_names_another_account_than_the_one_held_is_refused_and_changes_nothing_but_what_is_told() =>
        Gen.Select(States.AnyState, Any.Of<string?>("acct", "acct_2", "ACCT", null)).Sample((life, given) =>
        {
            var other = Lifecycle.OtherAccount(life.State, given);
            Assert.Equal(life.State.ExternalAccountId is not null && given is not (null or "acct"), other is not null);
            if (other is null) return;
            Assert.Equal("other_account", other.Code);
            Assert.Contains(" acct:", other.Message, StringComparison.Ordinal);
            Assert.Contains($" {given} ", other.Message, StringComparison.Ordinal);
            var refused = Lifecycle.AuthorizationFailed(life.State, other, life.Now);
            Assert.Equal(life.State with { LastProblem = refused.LastProblem, UpdatedAt = life.Now, Outbox = refused.Outbox }, refused);
        });

    [Fact]
    public void Authorizing_again_keeps_the_id_and_repairs_an_expired_integration()
    {
        var expired = States.RunEnded(States.Connected(), new(ErrorClass.Consent, "account_invalid", "m"), Begin);
        var again = Lifecycle.Connected(expired, new() { AccessToken = "z", ObtainedAt = Begin.AddDays(1) }, "acct", Begin.AddDays(1));
        Assert.Equal(expired.Id, again.Id);
        Assert.Equal(IntegrationStatus.Active, again.Status);
        Assert.Null(Lifecycle.RefusesRun(again, force: false, Begin.AddDays(1)));
    }

    [Fact]
    public void What_is_not_due_runs_only_by_force()
    {
        var state = States.RunEnded(States.Connected(), null, Begin);
        Assert.Equal("not_due", Lifecycle.RefusesRun(state, force: false, Begin.AddMinutes(1)));
        Assert.Null(Lifecycle.RefusesRun(state, force: true, Begin.AddMinutes(1)));
    }

    [Fact]
    public void Every_change_of_status_leaves_a_line() =>
        Gen.Select(States.AnyState, States.AnyStep).Sample((life, step) =>
        {
            var after = step.Apply(life.State, life.Now);
            if (after.Status != life.State.Status) Assert.NotEmpty(after.Outbox.Logs);
        });
}
