using CsCheck;
using FinanceIntegrations.Domain.Budgets;
using Xunit;

namespace FinanceIntegrations.Domain.Tests.Budgets;

/// <summary>A budget's whole life: leases, calls made of them, leases lost and returned, a clock that jumps, a provider that complains.</summary>
public sealed class CallBudgetTests
{
    private static readonly DateTimeOffset Begin = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<CallLimit> AnyPaced =
        from calls in Gen.Int[1, 60]
        from per in Any.Of(1.0, 0.5, 2, 5)
        select new CallLimit { Calls = calls, Per = TimeSpan.FromSeconds(per) };

    private static readonly Gen<CallLimit> AnyWindow =
        from calls in Gen.Int[1, 200]
        from per in Any.Of(10, 30, 60, 600, 3600, 86_400)
        from resets in Gen.Int[0, 86_399].Nullable()
        select new CallLimit
        {
            Calls = calls,
            Per = TimeSpan.FromSeconds(per),
            ResetsAt = per >= 60 && resets is { } second ? TimeSpan.FromSeconds(second) : null,
        };

    private static readonly Gen<CallLimit[]> AnyLimits = Gen.OneOf(
        AnyWindow.Array[1, 3], AnyPaced.Array[1, 1], Gen.Select(AnyPaced, AnyWindow).Select((paced, window) => new[] { paced, window }))
        .Select(limits => limits.DistinctBy(l => l.Per).ToArray());

    private static readonly Gen<Lane> AnyLane = Any.Of(Enum.GetValues<Lane>());

    private static readonly Gen<BudgetStep> AnyStep =
        from lane in AnyLane
        from want in Gen.Int[1, 40]
        from pause in Gen.OneOf(Gen.Int[0, 400], Gen.Int[0, 60_000], Gen.Int[-5_000, 0])
        from used in Gen.Double.Unit
        from lost in Gen.Bool
        from late in Gen.Double.Unit
        from told in Gen.Int[0, 200].Nullable(0.9)
        select new BudgetStep(lane, want, pause, used, lost, late, told);

    private static readonly Gen<(CallLimit[] Limits, BudgetStep[] Steps)> AnyLife = Gen.Select(AnyLimits, AnyStep.Array[1, 120]);

    [Fact]
    public void Whatever_happens_no_stretch_of_time_sees_more_calls_than_the_limit() => AnyLife.Sample(life =>
    {
        var calls = Live(life.Limits, life.Steps).Calls;
        foreach (var limit in life.Limits) MostIn(limit, calls).ShouldBeWithin(limit);
    });

    [Fact]
    public void A_lost_lease_counts_as_used_and_a_returned_call_can_be_had_again() => AnyWindow.Sample(limit =>
    {
        var budget = new CallBudget([limit]);
        var now = limit.ClosedUntil(Begin) ?? Begin;
        var (whole, first) = budget.Ask(Lane.Person, limit.Calls, default, now);
        Assert.InRange(first.Calls, 1, limit.Calls);
        var lost = whole.Ask(Lane.Person, limit.Calls, default, now).Lease;
        Assert.Equal(0, lost.Calls);
        Assert.True(lost.RefusedUntil > now);
        Assert.Equal(first.Calls, whole.Return(first, Lane.Person, first.Calls).Ask(Lane.Person, limit.Calls, default, now).Lease.Calls);
    });

    [Fact]
    public void What_is_returned_never_makes_more_than_was_given_out() => Gen.Select(AnyWindow, AnyLane, Gen.Int[1, 400]).Sample((limit, lane, unused) =>
    {
        var now = limit.ClosedUntil(Begin) ?? Begin;
        var (next, lease) = new CallBudget([limit]).Ask(lane, 5, default, now);
        Assert.Equal(new CallBudget([limit]).Ask(lane, 1_000, default, now).Lease.Calls, next.Return(lease, lane, unused + 5).Ask(lane, 1_000, default, now).Lease.Calls);
    });

    [Fact]
    public void A_refusal_names_a_later_moment_and_asking_at_the_named_moments_ends_with_a_call() => Gen.Select(AnyLimits, AnyLane).Sample((limits, lane) =>
    {
        var (budget, now) = (new CallBudget(limits), Begin);
        for (var asked = 0; asked < 400; asked++)   // emptied, at this moment
            budget = budget.Ask(Lane.Person, 100, default, now).Next;
        for (var asked = 0; ; asked++)
        {
            Assert.True(asked < 100, "refused for ever");
            var lease = budget.Ask(lane, 1, now - Begin, now).Lease;
            if (lease.Calls > 0) return;
            Assert.True(lease.RefusedUntil > now);
            now = lease.RefusedUntil!.Value;
        }
    });

    [Fact]
    public void Time_alone_never_takes_anything_away() => Gen.Select(AnyLife, AnyLane, Gen.Int[0, 100_000], Gen.Int[0, 100_000]).Sample((life, lane, soon, later) =>
    {
        var (_, budget, now) = Live(life.Limits, life.Steps);
        int Left(DateTimeOffset at) => budget.Ask(lane, int.MaxValue, TimeSpan.FromHours(1), at).Lease.Calls;
        var near = now.AddMilliseconds(soon);
        var far = near.AddMilliseconds(later);
        if (life.Limits.Any(l => l.ClosedUntil(near) is not null || l.ClosedUntil(far) is not null)) return;   // shut for a moment before a reset
        Assert.True(Left(far) >= Left(near));
    });

    [Fact]
    public void A_provider_that_asks_to_wait_is_not_called_before_and_a_shorter_wish_shortens_nothing() =>
        Gen.Select(AnyLimits, AnyLane, Gen.Int[1, 100_000], Gen.Int[0, 100_000]).Sample((limits, lane, wait, other) =>
        {
            var until = Begin.AddMilliseconds(wait);
            var budget = new CallBudget(limits).Block(until).Block(Begin.AddMilliseconds(Math.Min(wait, other)));
            var lease = budget.Ask(lane, 1, default, until.AddMilliseconds(-1)).Lease;
            Assert.Equal(0, lease.Calls);
            Assert.Equal(until, lease.RefusedUntil);
        });

    [Fact]
    public void What_the_provider_has_left_is_an_upper_bound_and_more_than_we_knew_gives_nothing() =>
        Gen.Select(AnyWindow, AnyLane, Gen.Int[0, 250], Gen.Int[0, 50]).Sample((limit, lane, remaining, before) =>
        {
            var now = limit.ClosedUntil(Begin) ?? Begin;
            var budget = new CallBudget([limit]);
            if (before > 0) budget = budget.Ask(Lane.Schedule, before, default, now).Next;
            var had = budget.Ask(lane, int.MaxValue, default, now).Lease.Calls;
            var left = budget.Observe(limit.Per, remaining, 0, now).Ask(lane, int.MaxValue, default, now).Lease.Calls;
            Assert.InRange(left, 0, Math.Min(had, remaining));
        });

    [Fact]
    public void A_more_urgent_lane_finds_its_part_whatever_the_others_did() => Gen.Select(Gen.Int[1, 100_000], Gen.Int[0, 100_000].Array[4]).Sample((limit, greed) =>
    {
        int[] used = [0, 0, 0, 0];
        for (var lane = Lane.Backfill; lane > Lane.Person; lane--) used[(int)lane] += Math.Min(greed[(int)lane], Lanes.Room(limit, used, lane));
        Assert.True(Lanes.Room(limit, used, Lane.Person) >= Lanes.Kept(limit, Lane.Person, Lane.Backfill));
        Assert.True(limit < 2 || Lanes.Room(limit, used, Lane.Person) >= 1);
    });

    [Fact]
    public void No_lane_starves_whatever_the_more_urgent_ones_did() => Gen.Select(Gen.Int[50, 100_000], Gen.Int[0, 100_000].Array[4]).Sample((limit, greed) =>
    {
        int[] used = [0, 0, 0, 0];
        for (var lane = Lane.Person; lane < Lane.Backfill; lane++) used[(int)lane] += Math.Min(greed[(int)lane], Lanes.Room(limit, used, lane));
        Assert.True(Lanes.Room(limit, used, Lane.Backfill) >= limit / 50);
        Assert.True(used.Sum() <= limit);
    });

    [Fact]
    public void Every_lane_can_have_a_call_of_an_unused_limit_however_small() => Gen.Select(Gen.Int[1, 100_000], AnyLane).Sample((limit, lane) =>
        Assert.InRange(Lanes.Room(limit, [0, 0, 0, 0], lane), 1, limit));

    [Fact]
    public void A_paced_budget_gives_a_person_the_next_call_but_a_few_though_a_backfill_takes_all_it_can() => AnyPaced.Sample(limit =>
    {
        var (budget, now) = (new CallBudget([limit]), Begin);
        for (var asked = 0; asked < 100; asked++) budget = budget.Ask(Lane.Backfill, 1_000, default, now).Next;
        var person = budget.Ask(Lane.Person, 1, default, now).Lease;
        Assert.Equal(1, person.Calls);
        var block = limit.Spacing > CallLimit.LongestPacedLease ? limit.Spacing : CallLimit.LongestPacedLease;
        Assert.True(person.From - now <= Lanes.Horizon(Lane.Backfill, default) + block);
    });

    [Fact]
    public void A_lane_that_waits_may_at_last_reach_as_far_ahead_as_a_person() => AnyLane.Sample(lane =>
        Assert.Equal(Lanes.Horizon(Lane.Person, default), Lanes.Horizon(lane, TimeSpan.FromSeconds(20))));

    [Fact]
    public void A_lease_is_as_large_as_the_need_and_at_most_a_twentieth_of_the_tightest_window() =>
        Gen.Select(AnyLimits, Gen.Int[0, 500], Gen.Int[0, 500], Gen.Int[0, 500]).Sample((limits, waiting, before, used) =>
        {
            var size = LeaseSize.Of(limits, waiting, before, Math.Min(used, before));
            Assert.InRange(size, 1, limits.Where(l => !l.IsPaced).Select(l => Math.Max(1, l.Calls / 20)).DefaultIfEmpty(int.MaxValue).Min());
            Assert.True(size <= Math.Max(1, Math.Max(waiting, 2 * before)));
        });

    /// <summary>Lives a life, and answers when each call was made, as the provider's own clock sees it arrive.</summary>
    private static (List<DateTimeOffset> Calls, CallBudget Budget, DateTimeOffset Now) Live(CallLimit[] limits, BudgetStep[] steps)
    {
        var (budget, now, calls) = (new CallBudget(limits), Begin, new List<DateTimeOffset>());
        var highest = now;
        foreach (var step in steps)
        {
            now = now.AddMilliseconds(step.PauseMilliseconds);
            if (now > highest) highest = now;
            var (next, lease) = budget.Ask(step.Lane, step.Want, TimeSpan.FromMilliseconds(Math.Abs(step.PauseMilliseconds)), now);
            budget = next;
            if (step.Told is { } remaining) budget = budget.Observe(limits[^1].Per, remaining, lease.Calls, now);
            if (lease.Calls == 0) continue;
            var made = (int)(lease.Calls * step.Used);
            // Anywhere in its lease, in the order of the pace. Where there is no pace, all at once and as late as may be.
            for (var i = 0; i < made; i++)
                calls.Add(lease.Spacing > TimeSpan.Zero ? lease.From + (lease.Spacing * i) : lease.From + ((lease.Until - lease.From) * step.Late));
            if (!step.Lost) budget = budget.Return(lease, step.Lane, lease.Calls - made);
        }
        return (calls, budget, highest);
    }

    private static int MostIn(CallLimit limit, List<DateTimeOffset> calls)
    {
        if (limit.ResetsAt is not null) return calls.GroupBy(limit.SlotOf).Select(g => g.Count()).DefaultIfEmpty().Max();
        var (sorted, most, first) = (calls.Order().ToList(), 0, 0);
        for (var last = 0; last < sorted.Count; last++)
        {
            while (sorted[last] - sorted[first] >= limit.Per) first++;
            most = Math.Max(most, last - first + 1);
        }
        return most;
    }
}

internal sealed record BudgetStep(Lane Lane, int Want, int PauseMilliseconds, double Used, bool Lost, double Late, int? Told);

internal static class Bound
{
    public static void ShouldBeWithin(this int most, CallLimit limit) => Assert.True(most <= limit.Calls, $"{most} calls in {limit.Per}, of {limit.Calls}");
}
