using CsCheck;
using FinanceIntegrations.Domain.Attention;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Tokens;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

public sealed class RefreshDecisionTests
{
    private const string Me = "silo/1";

    private static readonly Gen<TokenRules> AnyRules =
        from rotates in Gen.Bool
        from grace in Any.Of(0, 30, 24 * 60)
        select new TokenRules { Rotates = rotates, Grace = TimeSpan.FromMinutes(grace) };

    private static readonly Gen<RefreshWish> AnyWish =
        Gen.OneOf(Gen.Const(RefreshWish.Due), Gen.Const(RefreshWish.Demanded), Gen.Const(RefreshWish.After401(DateTimeOffset.MaxValue)));

    [Fact]
    public void Nothing_is_sent_for_an_integration_that_is_expired_switched_off_left_or_deleted() =>
        Gen.Select(States.AnyState, AnyWish, AnyRules).Sample((life, wish, rules) =>
        {
            var state = life.State;
            if (state is { Exists: true, Enabled: true, Tokens: not null } && state.Status != IntegrationStatus.Expired) return;
            Assert.Equal(RefreshStep.NotNeeded, Decide(state, wish, rules, life.Now).Step);
        });

    [Fact]
    public void Whoever_finds_anothers_intent_waits_until_its_deadline_and_no_longer() =>
        Gen.Select(AnyWish, AnyRules, Gen.Int[0, 100]).Sample((wish, rules, seconds) =>
        {
            var begun = Lifecycle.RefreshBegun(States.Connected(), States.Intent(States.Begin, "silo/2"), States.Begin);
            var decision = Decide(begun, wish, rules, States.Begin.AddSeconds(seconds));
            Assert.Equal(seconds < 35, decision.Step == RefreshStep.Wait);
            if (decision.Step == RefreshStep.Wait) Assert.Equal(begun.Refresh!.Deadline, decision.Until);
            else Assert.True(decision.Sends);
        });

    [Fact]
    public void A_token_that_may_have_been_rotated_is_sent_again_within_the_grace_and_after_it_as_the_last_hope() =>
        Gen.Select(AnyRules, Gen.Int[35, 200_000]).Sample((rules, seconds) =>
        {
            var left = Lifecycle.RefreshBegun(States.Connected(), States.Intent(States.Begin, "silo/2"), States.Begin);
            var expected = !rules.Rotates ? RefreshStep.Go
                : TimeSpan.FromSeconds(seconds) < rules.Grace ? RefreshStep.ReuseInGrace : RefreshStep.TryOnce;
            Assert.Equal(expected, Decide(left, RefreshWish.Demanded, rules, States.Begin.AddSeconds(seconds)).Step);
        });

    [Fact]
    public void The_doubt_about_a_token_lasts_through_any_number_of_crashes_and_ends_with_new_tokens() =>
        Gen.Int[1, 20].Sample(crashes =>
        {
            var rules = new TokenRules { Grace = TimeSpan.FromMinutes(30) };
            var (state, now) = (States.Connected(), States.Begin);
            for (var crash = 0; crash < crashes; crash++, now = now.AddMinutes(1)) state = Lifecycle.RefreshBegun(state, States.Intent(now, "silo/2"), now);
            Assert.Equal(crashes <= 29 ? RefreshStep.ReuseInGrace : RefreshStep.TryOnce, Decide(state, RefreshWish.Demanded, rules, now).Step);
            Assert.Equal(crashes == 1 ? null : States.Begin, state.Tokens!.UnansweredSince);   // the first that nobody answered

            state = Lifecycle.Refreshed(state, state.Refresh!.Attempt, new() { AccessToken = "y", RefreshToken = "r2", ObtainedAt = now }, now);
            Assert.Equal(RefreshStep.Go, Decide(state, RefreshWish.Demanded, rules, now.AddMinutes(1)).Step);
        });

    [Fact]
    public void Only_answers_that_never_came_and_5xx_leave_a_doubt() =>
        States.AnyError.Sample(error =>
        {
            var failed = Failed(States.Connected(), error, States.Begin);
            var doubt = error.Class is ErrorClass.OutcomeUnknown or ErrorClass.ProviderUnavailable;
            Assert.Equal(doubt ? States.Begin : null, failed.Tokens!.UnansweredSince);
        });

    [Fact]
    public void A_failure_is_waited_out_unless_somebody_asks() =>
        Gen.Select(States.AnyError, Gen.Int[1, 20], Gen.Int[0, 4_000]).Sample((error, times, seconds) =>
        {
            if (error.NeedsUser) return;
            var state = States.Connected();
            for (var time = 0; time < times; time++) state = Failed(state, error, States.Begin);
            var now = States.Begin.AddSeconds(seconds);
            var early = now < state.Tokens!.RefreshAt;
            var after401 = Decide(state, RefreshWish.After401(States.Begin), new(), now);
            Assert.Equal(early, after401.Step == RefreshStep.Later);
            if (early) Assert.Equal(state.Tokens.RefreshAt, after401.Until);
            Assert.True(seconds < 10 || Decide(state, RefreshWish.Demanded, new(), now).Sends);
        });

    [Fact]
    public void Without_a_refresh_token_only_the_user_can_help()
    {
        var now = States.Begin.AddMinutes(1);
        Assert.Equal(RefreshStep.GiveUp, RefreshDecision.Of(States.Connected(), RefreshWish.Demanded, new(), null, Me, now).Step);
        var given = Lifecycle.RefreshGivenUp(States.Connected(), new(ErrorClass.Authentication, "no_refresh_token", "m"), now);
        Assert.Equal((IntegrationStatus.Expired, "no_refresh_token"), (given.Status, given.StatusReason));
    }

    [Fact]
    public void A_refresh_token_past_its_end_is_sent_once_more_and_then_given_up()
    {
        var state = States.Connected();
        state = state with { Tokens = state.Tokens! with { RefreshExpiresAt = States.Begin.AddDays(1) } };
        var now = States.Begin.AddDays(2);
        Assert.True(Decide(state, RefreshWish.Demanded, new(), now).Sends);
        state = Failed(state, new(ErrorClass.Network, "timeout", "m"), now);
        Assert.Equal(RefreshStep.GiveUp, Decide(state, RefreshWish.Demanded, new(), now.AddHours(1)).Step);
    }

    [Fact]
    public void A_refused_grant_expires_the_integration_with_an_item_and_everything_else_leaves_it_its_tokens() =>
        Gen.Select(States.AnyState, States.AnyError).Sample((life, error) =>
        {
            if (life.State is not { Exists: true, Enabled: true, Tokens: not null, Status: not IntegrationStatus.Expired }) return;
            var failed = Failed(life.State, error, life.Now);
            Assert.Equal(life.State.Tokens.RefreshToken, failed.Tokens!.RefreshToken);
            Assert.Equal(error.NeedsUser, failed.Status == IntegrationStatus.Expired);
            Assert.Equal(error.NeedsUser, failed.Outbox.AttentionRaised.Any(item => item.Kind == AttentionKinds.ConsentNeeded));
            if (!error.NeedsUser) Assert.True(failed.Tokens.RefreshAt > life.Now);
        });

    [Fact]
    public void The_answer_of_an_attempt_that_is_no_longer_the_one_changes_nothing() =>
        Gen.Select(States.AnyState, States.AnyTokens, States.AnyError).Sample((life, tokens, error) =>
        {
            var foreign = Guid.CreateVersion7(life.Now.AddDays(1));
            Assert.Same(life.State, Lifecycle.Refreshed(life.State, foreign, tokens(life.Now), life.Now));
            Assert.Same(life.State, Lifecycle.RefreshFailed(life.State, foreign, error, new(), 0.5, life.Now));
        });

    [Fact]
    public void Authorizing_again_settles_what_asked_for_it()
    {
        var expired = Failed(States.Connected(), new(ErrorClass.Authentication, "invalid_grant", "m"), States.Begin) with { Outbox = new() };
        var again = Lifecycle.Connected(expired, new() { AccessToken = "z", ObtainedAt = States.Begin }, "acct", States.Begin);
        Assert.Equal([(AttentionKinds.ConsentNeeded, "alice"), (AttentionKinds.ConsentEndsSoon, "alice")],
            again.Outbox.AttentionSettled.Select(s => (s.Key, s.By)));
        Assert.Equal(0, again.RefreshFailures);
    }

    [Fact]
    public void An_error_that_was_the_refreshs_alone_ends_with_the_next_good_refresh()
    {
        var failed = Failed(States.Connected(), new(ErrorClass.OutcomeUnknown, "timeout", "m"), States.Begin);
        Assert.Equal(IntegrationStatus.Error, failed.Status);
        var intent = States.Intent(States.Begin.AddMinutes(1));
        var good = Lifecycle.Refreshed(Lifecycle.RefreshBegun(failed, intent, intent.BegunAt), intent.Attempt, new() { AccessToken = "y" }, intent.BegunAt);
        Assert.Equal((IntegrationStatus.Active, (Problem?)null, 0), (good.Status, good.LastProblem, good.RefreshFailures));
    }

    [Fact]
    public void Whoever_may_be_called_wakes_for_his_tokens_and_nobody_else_does() =>
        States.AnyState.Sample(life =>
        {
            var called = life.State is { Exists: true, Enabled: true, Tokens: not null, Status: not IntegrationStatus.Expired };
            var needs = Lifecycle.TokensNeedAt(life.State);
            if (!called) Assert.Null(needs);
            else Assert.Equal(life.State.Refresh?.Deadline ?? life.State.Tokens!.RefreshAt, needs);
            if (needs is not null) Assert.True(Lifecycle.NextWakeAt(life.State, life.Now) <= needs);
        });

    private static RefreshDecision Decide(IntegrationState state, RefreshWish wish, TokenRules rules, DateTimeOffset now) =>
        RefreshDecision.Of(state, wish, rules, States.Fingerprint, Me, now);

    private static IntegrationState Failed(IntegrationState state, ProviderError error, DateTimeOffset now)
    {
        var intent = States.Intent(now);
        return Lifecycle.RefreshFailed(Lifecycle.RefreshBegun(state, intent, now), intent.Attempt, error, new(), 0.5, now);
    }
}
