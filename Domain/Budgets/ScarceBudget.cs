namespace FinanceIntegrations.Domain.Budgets;

/// <summary>A limit over an hour or more of which little is left: whoever goes on as before is soon held up for long.</summary>
/// <param name="Left">Of <paramref name="Calls"/> in any <paramref name="Per"/>.</param>
/// <param name="RefillsAt">When the next calls come back.</param>
public sealed record ScarceBudget(int Left, int Calls, TimeSpan Per, DateTimeOffset RefillsAt)
{
    /// <summary>Below this share a budget is scarce; a bank's four calls a day are when none is left.</summary>
    public const double Little = 0.1;

    /// <summary>What refills sooner holds nobody up for long.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromHours(1);

    /// <returns>Null: there is enough.</returns>
    public static ScarceBudget? Of(int left, int calls, TimeSpan per, DateTimeOffset? refillsAt) =>
        per >= Shortest && left < calls * Little && refillsAt is { } at ? new(left, calls, per, at) : null;
}
