using FinanceIntegrations.Domain.Budgets;

namespace FinanceIntegrations.Data.Budgets;

/// <summary>A budget's limits as the statement takes them: one element per limit, shortest period first. Made once per budget.</summary>
public sealed class BudgetLayout
{
    private readonly int[][] _kept;

    public BudgetLayout(IReadOnlyList<CallLimit> limits)
    {
        Limits = [.. limits.OrderBy(l => l.Per)];
        Periods = [.. Limits.Select(l => Microseconds(l.Per))];
        Calls = [.. Limits.Select(l => l.Calls)];
        Spacings = [.. Limits.Select(l => Microseconds(l.Spacing))];
        SlotLengths = [.. Limits.Select(l => Microseconds(l.SlotLength))];
        Slots = [.. Limits.Select(l => l.Slots)];
        Offsets = [.. Limits.Select(l => Microseconds(l.ResetsAt ?? TimeSpan.Zero))];
        Closes = [.. Limits.Select(l => l.ResetsAt is null ? -1 : Microseconds(l.ClosesBefore))];
        Least = [.. Limits.Select(l => Lanes.Least(l.Calls))];
        _kept = [.. Enum.GetValues<Lane>().Select(asking => Limits.SelectMany(l => Enum.GetValues<Lane>().Select(by => Lanes.Kept(l.Calls, by, asking))).ToArray())];
    }

    public IReadOnlyList<CallLimit> Limits { get; }

    internal long[] Periods { get; }

    internal int[] Calls { get; }

    internal long[] Spacings { get; }

    internal long[] SlotLengths { get; }

    internal int[] Slots { get; }

    internal long[] Offsets { get; }

    internal long[] Closes { get; }

    internal int[] Least { get; }

    /// <summary>Four per limit: what each lane keeps from the one that asks.</summary>
    internal int[] Kept(Lane asking) => _kept[(int)asking];

    internal static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}
