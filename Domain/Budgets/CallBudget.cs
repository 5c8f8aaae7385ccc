using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace FinanceIntegrations.Domain.Budgets;

/// <summary>Calls that were given out to one holder, who may make them from then on, evenly spaced, and not after its end.</summary>
/// <param name="Calls">0: none, see <paramref name="RefusedUntil"/>.</param>
/// <param name="Left">Calls that any lane together may still have in the tightest window; <see cref="int.MaxValue"/> where the budget is only paced.</param>
/// <param name="RefusedUntil">Before that it is of no use to ask again.</param>
public readonly record struct CallLease(
    int Calls, DateTimeOffset From, TimeSpan Spacing, DateTimeOffset Until, int Left, DateTimeOffset? RefusedUntil);

/// <summary>
/// What one budget has given out: a value and its transitions. PostgreSQL keeps the same in <c>call_budgets</c> and changes it by the same rules
/// (<c>lease_calls</c>), one silo after the other; this is what those rules are, and what they are tested against.
/// </summary>
/// <remarks>A lease whose holder died counts as used, since nothing takes it back.</remarks>
public sealed record CallBudget
{
    public CallBudget(IReadOnlyList<CallLimit> limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        Limits = limits;
        Windows = [.. limits.Select(l => WindowCount.Empty(l.Slots))];
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
