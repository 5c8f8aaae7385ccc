namespace FinanceIntegrations.Domain.Budgets;

/// <summary>Calls that were given out to one holder, who may make them from then on, evenly spaced, and not after its end.</summary>
/// <param name="Calls">0: none, see <paramref name="RefusedUntil"/>.</param>
/// <param name="Left">Calls that any lane together may still have in the tightest window; <see cref="int.MaxValue"/> where the budget is only paced.</param>
/// <param name="RefusedUntil">Before that it is of no use to ask again.</param>
public readonly record struct CallLease(
    int Calls, DateTimeOffset From, TimeSpan Spacing, DateTimeOffset Until, int Left, DateTimeOffset? RefusedUntil);
