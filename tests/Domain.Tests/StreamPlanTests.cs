using CsCheck;
using FinanceIntegrations.Domain.Sync;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

public sealed class StreamPlanTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<TimeSpan?> AnyTime = Gen.Int[1, 100_000].Select(m => TimeSpan.FromMinutes(m)).Nullable();
    private static readonly Gen<DateTimeOffset?> AnyMoment = Gen.Int[0, 200_000].Select(m => Now.AddMinutes(-m)).Nullable();

    private static readonly Gen<StreamPolicy> AnyPolicy =
        from delta in Gen.Bool
        from window in AnyTime
        from depth in AnyTime
        from every in AnyTime
        from full in AnyTime
        select new StreamPolicy { Delta = delta, Window = window, HistoryDepth = depth, Every = every, FullEvery = full };

    private static readonly Gen<StreamPast> AnyPast =
        from pass in AnyMoment
        from full in AnyMoment
        from before in AnyMoment
        from progress in Gen.Double[-1, 2].Nullable()
        select new StreamPast { LastPassAt = pass, LastFullAt = full, HistoryBefore = before, HistoryProgress = progress };

    [Fact]
    public void Who_asks_for_everything_gets_everything() =>
        Gen.Select(AnyPolicy, AnyPast, Gen.Bool).Sample((policy, past, scheduled) =>
            Assert.Equal(new PassPlan(PassMode.Full), StreamPlan.Of(policy, past, full: true, scheduled, Now)));

    [Fact]
    public void A_person_or_a_webhook_is_never_told_that_a_stream_is_not_due() =>
        Gen.Select(AnyPolicy, AnyPast).Sample((policy, past) => Assert.NotNull(StreamPlan.Of(policy, past, full: false, scheduled: false, Now)));

    [Fact]
    public void The_schedule_leaves_a_stream_alone_exactly_until_its_own_time_has_come() =>
        Gen.Select(AnyPolicy, AnyPast).Sample((policy, past) =>
            Assert.Equal(policy.Every is { } every && past.LastPassAt is { } last && Now < last + every,
                StreamPlan.Of(policy, past, full: false, scheduled: true, Now) is null));

    [Fact]
    public void The_first_pass_reads_the_window_or_where_there_is_none_everything() =>
        AnyPolicy.Sample(policy =>
        {
            var plan = StreamPlan.Of(policy, StreamPast.None, full: false, scheduled: true, Now)!.Value;
            Assert.Equal(policy is { Delta: true, Window: not null } ? new(PassMode.Recent, Now - policy.Window) : new PassPlan(PassMode.Full), plan);
        });

    [Fact]
    public void Everything_is_read_again_after_its_time_and_not_before_and_not_while_history_is_being_read() =>
        Gen.Select(AnyPolicy, AnyPast).Sample((policy, past) =>
        {
            if (!policy.Delta || past.LastPassAt is null) return;
            var due = policy.FullEvery is { } every && past.HistoryBefore is null && (past.LastFullAt is not { } last || Now >= last + every);
            Assert.Equal(due ? PassMode.Full : PassMode.Delta, StreamPlan.Of(policy, past, full: false, scheduled: false, Now)!.Value.Mode);
        });

    [Fact]
    public void History_begins_where_the_first_passs_window_began_and_ends_at_its_depth() =>
        Gen.Select(AnyPolicy, AnyPast).Sample((policy, past) =>
        {
            if (StreamPlan.History(policy, past) is not { } plan)
            {
                Assert.True(past.HistoryBefore is null || past.LastPassAt is null);
                return;
            }
            Assert.Equal((PassMode.History, past.HistoryBefore), (plan.Mode, plan.Until));
            Assert.Equal(policy.HistoryDepth is null, plan.From is null);
            if (plan.From is { } from) Assert.Equal(policy.HistoryDepth, past.HistoryBefore + (policy.Window ?? TimeSpan.Zero) - from);
        });

    [Fact]
    public void Progress_is_a_share_is_one_only_at_the_end_and_never_falls_when_a_stream_goes_on() =>
        Gen.Select(AnyPast.Array[0, 8], Gen.Int[0, 7], Gen.Double[0, 1]).Sample((streams, which, more) =>
        {
            var before = StreamPlan.HistoryOf(streams);
            Assert.InRange(before.Progress, 0, 1);
            Assert.Equal(before.Left == 0, before.Progress == 1);
            if (which >= streams.Length) return;
            var further = streams[which] with { HistoryProgress = Math.Max(streams[which].HistoryProgress ?? 0, more) };
            Assert.True(StreamPlan.HistoryOf([.. streams[..which], further, .. streams[(which + 1)..]]).Progress >= before.Progress);
        });

    [Fact]
    public void The_first_stream_is_due_at_the_earliest_of_their_times_and_always_where_one_has_none() =>
        Gen.Select(AnyPolicy, AnyPast).Array[1, 6].Sample(streams =>
        {
            var first = StreamPlan.FirstDue(streams);
            if (streams.Any(s => s.Item1.Every is null || s.Item2.LastPassAt is null)) Assert.Null(first);
            else Assert.Equal(streams.Min(s => s.Item2.LastPassAt + s.Item1.Every), first);
        });

    [Fact]
    public void Configuration_changes_what_it_names_and_gives_no_window_to_a_connector_without_one() =>
        Gen.Select(AnyPolicy, AnyTime).Sample((policy, set) =>
        {
            Assert.Equal(policy with { FullEvery = policy.Delta ? policy.FullEvery : null }, policy.With(null, null, null, null));
            Assert.Equal(policy.Window is null ? null : set ?? policy.Window, policy.With(set, null, null, null).Window);
            Assert.Null(policy.With(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero) is { Window: null, Every: null, HistoryDepth: null, FullEvery: null } ? null : "some");
        });
}
