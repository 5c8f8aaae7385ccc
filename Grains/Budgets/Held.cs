using FinanceIntegrations.Domain.Budgets;

namespace FinanceIntegrations.Grains.Budgets;

/// <summary>What a process still holds of a lease. Times are the process's own.</summary>
internal struct Held
{
    private TimeSpan _next;

    /// <summary>The lease, until it is settled.</summary>
    public CallLease Lease { get; private set; }

    /// <summary>Calls of this lease, or of the one before it, that were given out and made: what the next one's size goes by.</summary>
    public int Size { get; set; }

    public int Made { get; set; }

    public int Left { get; private set; }

    public TimeSpan Until { get; set; }

    public static Held Of(CallLease lease, TimeSpan from, TimeSpan until) =>
        new() { Lease = lease, Size = lease.Calls, Left = lease.Calls, _next = from, Until = until };

    /// <summary>One call now, if the pace allows: late ones do not catch up.</summary>
    public bool TryTake(TimeSpan now)
    {
        if (Left == 0 || now < _next || now >= Until) return false;
        (Left, Made, _next) = (Left - 1, Made + 1, now + Lease.Spacing);
        return true;
    }

    /// <summary>A moment of the pace that went by is gone; a call of a window can be made later.</summary>
    public void PutBack()
    {
        if (Made > 0 && Lease.Calls > 0 && Lease.Spacing == TimeSpan.Zero) (Left, Made) = (Left + 1, Made - 1);
    }

    /// <summary>When the next call of it may go; null: none will.</summary>
    public readonly TimeSpan? NextAt(TimeSpan now) => Left > 0 && _next < Until && now < Until ? _next : null;
}
