using CsCheck;
using FinanceIntegrations.Domain.Attention;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

/// <summary>What a run's end lays before a person, and what it does to status, schedule and health.</summary>
public sealed class LifecycleAttentionTests
{
    private static readonly ProviderError Away = new(ErrorClass.ProviderUnavailable, "maintenance", "The provider is away.");
    private static readonly RunReason Parked = new(Trust.RowsParked, "payouts", "1 row of payouts does not fit and is parked.");
    private static readonly RunReason Zero = new(Trust.ImplausibleZero, "payouts", "The provider shows no row of payouts any more.");
    private static readonly RunReason Failed = new(Trust.StreamFailed, "payouts", "payouts could not be read to its end.");

    private static DateTimeOffset Begin => States.Begin;

    [Fact]
    public void Doubtful_data_is_partial_and_active_with_its_reason_in_status_and_an_item()
    {
        var state = Partial(States.Connected(), Begin, null, Parked);
        Assert.Equal((IntegrationStatus.Active, Trust.RowsParked), (state.Status, state.StatusReason));
        Assert.Equal([Parked], state.LastRun!.Reasons);
        var item = Assert.Single(state.Outbox.AttentionRaised);
        Assert.Equal(("rows_parked:payouts", AttentionKinds.RowsParked, "payouts", Parked.Message), (item.Key, item.Kind, item.Stream, item.WhatHappened));
        Assert.Contains(HealthScore.Of(state, Begin).Losses, loss => loss.Cause == "data_in_doubt");
    }

    [Fact]
    public void Two_doubts_of_one_kind_and_stream_are_one_item() =>
        Assert.Equal("data_suspicious:payouts", Assert.Single(
            Partial(States.Connected(), Begin, null, Zero, new(Trust.TotalDisagrees, "payouts", "It disagrees.")).Outbox.AttentionRaised).Key);

    [Fact]
    public void A_half_failed_run_leaves_the_connection_active_with_an_item_and_a_retry_that_is_never_later_than_the_schedule() =>
        Gen.Select(States.AnyError, Gen.Int[1, 30]).Sample((error, times) =>
        {
            var (state, now) = (States.Connected(), Begin);
            for (var run = 0; run < times; run++)
            {
                now = now.AddHours(1);
                state = Partial(state with { Outbox = new() }, now, error, Failed);
            }
            Assert.Equal((IntegrationStatus.Active, Trust.StreamFailed), (state.Status, state.StatusReason));
            Assert.Equal("stream_failed:payouts", Assert.Single(state.Outbox.AttentionRaised).Key);
            Assert.Equal(error.Code, state.LastProblem?.Code);
            Assert.Equal(new Breaker(), state.Breaker);
            var latest = now + TimeSpan.FromMinutes(state.SyncFrequencyMinutes * 1.1);
            Assert.InRange(state.NextSyncAt!.Value, now + (error.RetryAfter ?? TimeSpan.Zero),
                now + error.RetryAfter > latest ? now.AddDays(2) : latest);
        });

    [Fact]
    public void Only_the_user_can_mend_what_every_stream_is_refused_for_and_one_beside_others_that_are_read_lacks_a_permission_of_its_own()
    {
        var refused = new ProviderError(ErrorClass.Consent, "NOT_AUTHORIZED", "m");
        var state = Partial(States.Connected(), Begin, refused, Failed);
        Assert.Equal((IntegrationStatus.Active, Trust.StreamFailed), (state.Status, state.StatusReason));
        Assert.Equal(IntegrationStatus.Expired, States.RunEnded(state, refused, state.NextSyncAt!.Value).Status);
    }

    [Fact]
    public void A_refused_stream_among_others_that_are_not_due_ends_no_consent_before_a_run_has_read_them_all()
    {
        var refused = new ProviderError(ErrorClass.Consent, "NOT_AUTHORIZED", "m");
        var end = new RunEnd
        {
            Status = "failed",
            Streams = [new() { Stream = "disputes", Status = "failed" }, new() { Stream = "payouts", Status = "skipped", SkippedBecause = "not_due" }],
            EndedAt = Begin,
        };
        var state = Lifecycle.RunEnded(States.Connected(), end, refused, RunPolicies.Default, 0.5);
        Assert.Equal((IntegrationStatus.Error, "payouts"), (state.Status, Assert.Single(state.StreamsAsked)));
        var retry = Lifecycle.RunStarted(state, new() { Id = Guid.CreateVersion7(Begin), Trigger = "schedule", StartedAt = state.NextSyncAt!.Value });
        Assert.Equal(["payouts"], retry.Run!.Asked);
        Assert.Equal(IntegrationStatus.Expired, States.RunEnded(retry, refused, state.NextSyncAt!.Value).Status);
    }

    [Fact]
    public void A_run_that_had_nothing_to_read_is_no_success()
    {
        var problem = Lifecycle.RunEnded(States.Connected(), new() { Status = "failed", EndedAt = Begin }, new(ErrorClass.Validation, "odd", "Odd."), RunPolicies.Default, 0.5);
        var end = new RunEnd { Status = "succeeded", Streams = [new() { Stream = "payouts", Status = "skipped", SkippedBecause = "not_due" }], EndedAt = Begin.AddHours(1) };
        var idle = Lifecycle.RunEnded(problem, end, null, RunPolicies.Default, 0.5);
        Assert.Equal((problem.LastProblem, problem.LastSuccessAt, problem.Health), (idle.LastProblem, idle.LastSuccessAt, idle.Health));
    }

    [Fact]
    public void A_later_run_that_looked_and_found_it_in_order_settles_the_item_by_itself()
    {
        var doubted = Partial(States.Connected(), Begin, null, Zero) with { Outbox = new() };
        var unaware = Succeeded(doubted);
        Assert.Empty(unaware.Outbox.AttentionSettled);
        Assert.Equal(doubted.Doubts, unaware.Doubts);

        var dispelled = Succeeded(doubted, new Doubt(Trust.ImplausibleZero, "payouts"));
        var settled = Assert.Single(dispelled.Outbox.AttentionSettled);
        Assert.Equal(("data_suspicious:payouts", AttentionChoices.Gone, AttentionSettlement.BySystem), (settled.Key, settled.Choice, settled.By));
        Assert.Empty(dispelled.Doubts);
    }

    [Fact]
    public void An_item_stays_open_while_one_of_its_doubts_stands()
    {
        var doubted = Partial(States.Connected(), Begin, null, Zero, new(Trust.TotalDisagrees, "payouts", "It disagrees.")) with { Outbox = new() };
        Assert.Empty(Succeeded(doubted, new Doubt(Trust.ImplausibleZero, "payouts")).Outbox.AttentionSettled);
    }

    [Fact]
    public void Each_payout_that_does_not_add_up_is_an_item_with_both_sums_and_goes_away_alone()
    {
        var doubted = Unequal(States.Connected(), ("po_1", 9.5m), ("po_2", 11m));
        Assert.Equal(
            ["payout_mismatch:po_1 payout_mismatch payout_entries full_read,accept,dismiss", "payout_mismatch:po_2 payout_mismatch payout_entries full_read,accept,dismiss"],
            doubted.Outbox.AttentionRaised.Select(item => $"{item.Key} {item.Kind} {item.Stream} {string.Join(',', item.Choices.Select(choice => choice.Code))}"));
        Assert.Equal("Payout po_1 is of GBP 10.00, and its entries add up to 9.5: a difference of -0.50.", doubted.Outbox.AttentionRaised[0].WhatHappened);
        Assert.Equal((IntegrationStatus.Active, Trust.EntriesDisagree), (doubted.Status, doubted.StatusReason));

        var unaware = Succeeded(doubted with { Outbox = new() });
        Assert.Equal(doubted.Doubts, unaware.Doubts);
        var one = Unequal(unaware with { Outbox = new() }, ("po_2", 11m), ("po_3", 0m));
        Assert.Equal("payout_mismatch:po_1", Assert.Single(one.Outbox.AttentionSettled).Key);
        Assert.Equal(["po_2", "po_3"], one.Doubts.Select(doubt => doubt.Subject));
        var mended = Succeeded(one with { Outbox = new() }, new Doubt(Trust.EntriesDisagree, "payout_entries"));
        Assert.Equal(["payout_mismatch:po_2", "payout_mismatch:po_3"], mended.Outbox.AttentionSettled.Select(settled => settled.Key));
        Assert.Empty(mended.Doubts);

        var accepted = Lifecycle.Settled(one, new() { Key = "payout_mismatch:po_2", Choice = "accept", By = "alice", At = Begin });
        Assert.Equal("po_3", Assert.Single(accepted.Doubts).Subject);
        Assert.Equal(("po_2", null), (Lifecycle.PayoutOfKey("payout_mismatch:po_2"), Lifecycle.PayoutOfKey("rows_parked:payout_entries")));
    }

    [Fact]
    public void Failures_in_a_row_become_one_item_and_the_first_run_that_reads_something_settles_it()
    {
        var state = States.Connected();
        for (var run = 1; run <= 5; run++)
        {
            state = States.RunEnded(state with { Outbox = new() }, Away, Begin.AddHours(run));
            Assert.Equal(run >= TrustPolicy.Default.FailuresBeforeAttention ? ["repeated_failure"] : [],
                state.Outbox.AttentionRaised.Select(item => item.Key));
        }
        Assert.Equal("repeated_failure", Assert.Single(Succeeded(state with { Outbox = new() }).Outbox.AttentionSettled).Key);
    }

    [Fact]
    public void Every_item_that_a_run_raises_stands_for_a_doubt_and_settling_it_ends_the_doubt() =>
        States.AnyState.Sample(life =>
        {
            var run = new RunInProgress { Id = Guid.CreateVersion7(life.Now), StartedAt = life.Now };
            var state = Partial(Lifecycle.RunStarted(life.State, run), life.Now, Away, Failed, Parked, Zero);
            Assert.NotEmpty(state.Outbox.AttentionRaised);
            foreach (var item in state.Outbox.AttentionRaised)
            {
                Assert.NotEmpty(item.Choices);
                state = Lifecycle.Settled(state, new() { Key = item.Key, Choice = "dismiss", By = "alice", At = life.Now });
            }
            Assert.DoesNotContain(state.Doubts, doubt => doubt.Stream == "payouts");
        });

    private static IntegrationState Unequal(IntegrationState state, params (string Payout, decimal Net)[] payouts)
    {
        var end = new RunEnd
        {
            Id = Guid.CreateVersion7(Begin),
            Status = "partial",
            Reasons = [new(Trust.EntriesDisagree, "payout_entries", "They do not add up.")],
            Payouts = [.. payouts.Select(payout => new PayoutFinding(payout.Payout, "payout_entries", "GBP", 10.00m, payout.Net))],
            EndedAt = Begin,
        };
        return Lifecycle.RunEnded(state, end, null, RunPolicies.Default, 0);
    }

    private static IntegrationState Partial(IntegrationState state, DateTimeOffset at, ProviderError? worst, params RunReason[] reasons) =>
        Lifecycle.RunEnded(state, new() { Id = state.Run?.Id ?? default, Status = "partial", Reasons = reasons, EndedAt = at }, worst,
            RunPolicies.Default, 0.5);

    private static IntegrationState Succeeded(IntegrationState state, params Doubt[] cleared) =>
        Lifecycle.RunEnded(state, new() { Status = "succeeded", Cleared = cleared, EndedAt = Begin.AddDays(1) }, null,
            RunPolicies.Default, 0.5);
}
