using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace FinanceIntegrations.Domain.Budgets;

/// <summary>Calls given out in the newest slots of a window, by slot and lane.</summary>
/// <param name="Newest">Number of the newest slot.</param>
/// <param name="Used">Four per slot, oldest slot first.</param>
public sealed record WindowCount(long Newest, ImmutableArray<int> Used)
{
    private int Slots => Used.Length / Lanes.Count;

    /// <summary>Sums up by lane.</summary>
    /// <returns>All lanes together.</returns>
    public int ByLane(Span<int> into)
    {
        var (person, webhook, schedule, backfill) = (0, 0, 0, 0);
        var used = Used.AsSpan();
        for (var i = 0; i + Lanes.Count <= used.Length; i += Lanes.Count)
        {
            person += used[i];
            webhook += used[i + 1];
            schedule += used[i + 2];
            backfill += used[i + 3];
        }
        (into[0], into[1], into[2], into[3]) = (person, webhook, schedule, backfill);
        return person + webhook + schedule + backfill;
    }

    /// <summary>As seen in that slot: what lies too far back counts no more. A clock that goes back moves nothing.</summary>
    public WindowCount At(long slot)
    {
        if (slot <= Newest) return this;
        var gone = (int)Math.Min(Slots, slot - Newest) * Lanes.Count;
        var rolled = new int[Used.Length];
        Used.AsSpan()[gone..].CopyTo(rolled);
        return new(slot, ImmutableCollectionsMarshal.AsImmutableArray(rolled));
    }

    /// <summary>The oldest slot that still counts something; null: none does.</summary>
    public long? OldestUsed
    {
        get
        {
            for (var i = 0; i < Used.Length; i++)
                if (Used[i] > 0) return Newest - Slots + 1 + (i / Lanes.Count);
            return null;
        }
    }
}
