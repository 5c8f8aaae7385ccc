namespace FinanceIntegrations.Domain.Budgets;

/// <summary>How many calls a process takes at one time: as many as it has shown to need, so that a process that dies takes little with it.</summary>
public static class LeaseSize
{
    /// <summary>Of the tightest limit one lease is at most a twentieth: others want some too, and what is lost with a process is gone.</summary>
    private const int Share = 20;

    /// <param name="limits">The budget's.</param>
    /// <param name="waiting">Calls that wait now.</param>
    /// <param name="before">Size of the lease before this one; 0: there was none.</param>
    /// <param name="used">Calls made of it.</param>
    public static int Of(IReadOnlyList<CallLimit> limits, int waiting, int before, int used)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var most = int.MaxValue;
        foreach (var limit in limits)
            if (!limit.IsPaced) most = Math.Min(most, Math.Max(1, limit.Calls / Share));
        var needed = used >= before ? before * 2L : used;
        return (int)Math.Clamp(Math.Max(needed, waiting), 1, most);
    }
}
