using System.Collections.Immutable;
using System.Runtime.InteropServices;
using FinanceIntegrations.Domain.Budgets;

namespace FinanceIntegrations.Domain.Tests.Budgets;

/// <summary>
/// What one budget has given out: a value and its transitions. PostgreSQL keeps the same in <c>call_budgets</c> and changes it by the same rules
/// (<c>lease_calls</c>), one silo after the other: the rules are proven on this, and the statement is held against it.
/// </summary>
/// <remarks>A lease whose holder died counts as used, since nothing takes it back.</remarks>
internal sealed record CallBudget
{
    public CallBudget(IReadOnlyList<CallLimit> limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        Limits = limits;
        Windows = [.. limits.Select(l => new WindowCount(0, [.. new int[l.Slots * Lanes.Count]]))];
    }

    public IReadOnlyList<CallLimit> Limits { get; }

    /// <summary>One per limit; empty where it is paced.</summary>
    public ImmutableArray<WindowCount> Windows { get; private init; }

    /// <summary>Up to here a paced budget is given out. Never moves back, whatever the clock does.</summary>
    public DateTimeOffset Next { get; private init; } = DateTimeOffset.UnixEpoch;

    public DateTimeOffset BlockedUntil { get; private init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Gives out up to <paramref name="want"/> calls.</summary>
    /// <param name="want">At least 1.</param>
    /// <param name="waited">How long the longest waiter of the lane has waited: it must not wait for ever.</param>
    public (CallBudget Next, CallLease Lease) Ask(Lane lane, int want, TimeSpan waited, DateTimeOffset now)
    {
        var at = now > Next ? now : Next;
        if (BlockedUntil > at) return Refuse(BlockedUntil);
        var horizon = Lanes.Horizon(lane, waited);
        if (at - now > horizon) return Refuse(at - horizon);
        var (calls, spacing, left) = (want, TimeSpan.Zero, int.MaxValue);
        var windows = new WindowCount[Limits.Count];
        DateTimeOffset? again = null;
        Span<int> used = stackalloc int[Lanes.Count];
        for (var i = 0; i < windows.Length; i++)
        {
            var limit = Limits[i];
            windows[i] = Windows[i];
            if (limit.IsPaced)
            {
                if (limit.Spacing > spacing) spacing = limit.Spacing;
                continue;
            }
            if (limit.ClosedUntil(at) is { } reset) again = Later(again, reset);
            windows[i] = Windows[i].At(limit.SlotOf(at));
            left = Math.Min(left, limit.Calls - windows[i].ByLane(used));
            var room = Lanes.Room(limit.Calls, used, lane);
            if (room == 0) again = Later(again, limit.BeginOf((windows[i].OldestUsed ?? windows[i].Newest) + limit.Slots));
            calls = Math.Min(calls, room);
        }
        if (again is { } until) return Refuse(until);

        if (spacing > TimeSpan.Zero) calls = Math.Min(calls, Math.Max(1, (int)(CallLimit.LongestPacedLease.Ticks / spacing.Ticks)));
        for (var i = 0; i < windows.Length; i++)
            if (!Limits[i].IsPaced) windows[i] = windows[i].Add(windows[i].Newest, lane, calls);
        var end = at + (spacing * calls);
        return (this with { Windows = ImmutableCollectionsMarshal.AsImmutableArray(windows), Next = end },
            new(calls, at, spacing, spacing > TimeSpan.Zero ? end : at + CallLimit.LongestLease, left == int.MaxValue ? left : left - calls, null));

        (CallBudget, CallLease) Refuse(DateTimeOffset until) => (this, new(0, at, TimeSpan.Zero, at, 0, until));
    }

    /// <summary>Takes back what a holder did not use. Where its slot counts no more there is nothing to take back.</summary>
    public CallBudget Return(CallLease lease, Lane lane, int unused)
    {
        var windows = new WindowCount[Limits.Count];
        for (var i = 0; i < windows.Length; i++)
            windows[i] = Limits[i].IsPaced ? Windows[i] : Windows[i].Add(Limits[i].SlotOf(lease.From), lane, -unused);
        return this with { Windows = ImmutableCollectionsMarshal.AsImmutableArray(windows) };
    }

    /// <summary>The provider says how many calls it still allows. Fewer than we believed: others use the same credential, and theirs count too.</summary>
    /// <param name="per">Which of the limits it speaks of.</param>
    /// <param name="underWay">Given out and perhaps not yet arrived there.</param>
    public CallBudget Observe(TimeSpan per, int remaining, int underWay, DateTimeOffset now)
    {
        var windows = Windows.ToArray();
        Span<int> used = stackalloc int[Lanes.Count];
        for (var i = 0; i < windows.Length; i++)
        {
            if (Limits[i].IsPaced || Limits[i].Per != per) continue;
            var seen = windows[i].At(Limits[i].SlotOf(now > Next ? now : Next));
            var unknown = Limits[i].Calls - Math.Max(0, remaining) + underWay - seen.ByLane(used);
            windows[i] = unknown > 0 ? seen.Add(seen.Newest, Lane.Backfill, unknown) : seen;
        }
        return this with { Windows = ImmutableCollectionsMarshal.AsImmutableArray(windows) };
    }

    /// <summary>The provider asked to wait, in Retry-After or with a 429. Never shortens a wait.</summary>
    public CallBudget Block(DateTimeOffset until) => until > BlockedUntil ? this with { BlockedUntil = until } : this;

    private static DateTimeOffset Later(DateTimeOffset? one, DateTimeOffset other) => one > other ? one.Value : other;
}

/// <summary>Slots of a limit that is counted, and what they hold.</summary>
internal static class Slots
{
    /// <summary>Calls more, or fewer, in a slot. One that lies too far back has nothing to change; none falls below zero.</summary>
    public static WindowCount Add(this WindowCount window, long slot, Lane lane, int calls)
    {
        var slots = window.Used.Length / Lanes.Count;
        var place = ((slots - 1 - (int)Math.Min(slots, window.Newest - slot)) * Lanes.Count) + (int)lane;
        if (place < 0 || slot > window.Newest || calls == 0) return window;
        return window with { Used = window.Used.SetItem(place, Math.Max(0, window.Used[place] + calls)) };
    }

    public static long SlotOf(this CallLimit limit, DateTimeOffset at) => Math.DivRem((at - Zero(limit)).Ticks, limit.SlotLength.Ticks).Quotient;

    public static DateTimeOffset BeginOf(this CallLimit limit, long slot) => Zero(limit) + (limit.SlotLength * slot);

    /// <summary>Null: calls may be given out at that moment. Else: when again.</summary>
    public static DateTimeOffset? ClosedUntil(this CallLimit limit, DateTimeOffset at) =>
        limit.ResetsAt is not null && limit.BeginOf(limit.SlotOf(at) + 1) is var reset && reset - at <= limit.ClosesBefore ? reset : null;

    private static DateTimeOffset Zero(CallLimit limit) => DateTimeOffset.UnixEpoch + (limit.ResetsAt ?? TimeSpan.Zero);
}
