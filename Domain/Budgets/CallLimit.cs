namespace FinanceIntegrations.Domain.Budgets;

/// <summary>Whose calls a limit counts.</summary>
public enum BudgetScope
{
    /// <summary>One account, tenant or company at the provider.</summary>
    Account,

    /// <summary>All calls of this deployment's app.</summary>
    App,
}

/// <summary>One limit of a provider, as data: so many calls in any stretch of that length.</summary>
/// <remarks>
/// Below <see cref="ShortestWindow"/> a limit is kept by pace: calls go out evenly. A longer one is counted in slots, so that its calls may go
/// out at once; slots and two more of them than the period has must never hold more than the limit. One more because a stretch touches one more
/// slot than it is long, one because a call may arrive at the provider a slot later than it was given out.
/// </remarks>
public sealed record CallLimit
{
    public const string AnyClass = "*";

    /// <summary>Limits over less than this are paced.</summary>
    public static readonly TimeSpan ShortestWindow = TimeSpan.FromSeconds(10);

    /// <summary>A lease lasts no longer: so soon every silo hears of a provider that asks to wait.</summary>
    public static readonly TimeSpan LongestLease = TimeSpan.FromSeconds(2);

    /// <summary>A lease of a paced budget: the wait of whoever comes next.</summary>
    public static readonly TimeSpan LongestPacedLease = TimeSpan.FromMilliseconds(250);

    /// <summary>Before a reset nothing is given out that may arrive after it.</summary>
    private static readonly TimeSpan Closing = TimeSpan.FromSeconds(3);

    public BudgetScope Scope { get; init; }

    /// <summary>Class of endpoints, in the words of the provider's room; <c>*</c>: all.</summary>
    public string Class { get; init; } = AnyClass;

    /// <summary>At least 1.</summary>
    public int Calls { get; init; }

    public TimeSpan Per { get; init; }

    /// <summary>Time of day, UTC, from which the provider counts anew every <see cref="Per"/>; null: it counts the last <see cref="Per"/>.</summary>
    public TimeSpan? ResetsAt { get; init; }

    public bool IsPaced => Per < ShortestWindow;

    /// <summary>From one paced call to the next, in whole microseconds.</summary>
    public TimeSpan Spacing => IsPaced
        ? TimeSpan.FromMicroseconds(((long)Per.TotalMicroseconds + Calls - 1) / Calls)
        : TimeSpan.Zero;

    /// <summary>Parts of the period, each at least <see cref="LongestLease"/> and some time on the wire long.</summary>
    private int Parts => Per >= TimeSpan.FromDays(1) ? 24 : Math.Clamp((int)(Per / TimeSpan.FromSeconds(3)), 3, 20);

    public TimeSpan SlotLength => IsPaced ? TimeSpan.Zero : ResetsAt is null ? TimeSpan.FromMicroseconds((long)(Per / Parts).TotalMicroseconds) : Per;

    /// <summary>Slots whose sum is bounded.</summary>
    public int Slots => IsPaced ? 0 : ResetsAt is null ? Parts + 2 : 1;

    /// <summary>How long before a slot's end nothing is given out any more.</summary>
    public TimeSpan ClosesBefore => ResetsAt is null ? TimeSpan.Zero : Closing;

    public IEnumerable<string> Problems(string key)
    {
        if (Calls < 1) yield return $"{key}:{nameof(Calls)} must be at least 1.";
        if (Per < TimeSpan.FromMilliseconds(100) || Per > TimeSpan.FromDays(31)) yield return $"{key}:{nameof(Per)} must be from 0.1 s to 31 days.";
        if (string.IsNullOrWhiteSpace(Class)) yield return $"{key}:{nameof(Class)} must name a class of endpoints, or be *.";
        if (ResetsAt is { } reset && (Per < TimeSpan.FromMinutes(1) || reset < TimeSpan.Zero || reset >= TimeSpan.FromDays(1)))
            yield return $"{key}:{nameof(ResetsAt)} is a time of day, for limits over a minute or more.";
    }
}
