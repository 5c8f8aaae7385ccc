namespace FinanceIntegrations.Domain.Budgets;

/// <summary>For whom and why a call to a provider is made.</summary>
/// <param name="Account">The account, tenant or company at the provider.</param>
/// <param name="Class">Class of endpoints, in the words of the provider's room.</param>
/// <param name="Patient">Nobody is held up meanwhile but the caller's own run: it may wait for a minute's window to fill again.</param>
public readonly record struct Caller(string Account, Lane Lane, string Class = CallLimit.AnyClass, bool Patient = false);

/// <summary>One budget: the limits of a provider that count the same calls.</summary>
/// <param name="Account">Empty: the deployment's app as a whole.</param>
public readonly record struct BudgetKey(string Provider, string Account, string Class);

/// <summary>A provider's limits, as its options have them. One instance per provider and process.</summary>
/// <param name="LongestWait">A patient call's. Waiting longer for its turn is left to the schedule.</param>
public sealed record ProviderLimits(string Provider, IReadOnlyList<CallLimit> Limits, TimeSpan LongestWait)
{
    /// <summary>A grain's turn, or a person at the other end.</summary>
    private static readonly TimeSpan ShortWait = TimeSpan.FromSeconds(10);

    public TimeSpan LongestWaitOf(Caller caller) => caller.Patient || LongestWait < ShortWait ? LongestWait : ShortWait;

    /// <summary>The budgets that a call is counted in, the account's first.</summary>
    public IEnumerable<(BudgetKey Key, IReadOnlyList<CallLimit> Limits)> BudgetsOf(Caller caller) => Limits
        .Where(l => l.Class == CallLimit.AnyClass || l.Class == caller.Class)
        .GroupBy(l => (l.Scope, l.Class))
        .OrderBy(g => g.Key.Scope)
        .Select(g => (new BudgetKey(Provider, g.Key.Scope == BudgetScope.App ? "" : caller.Account, g.Key.Class),
            (IReadOnlyList<CallLimit>)[.. g.OrderBy(l => l.Per)]));
}

/// <summary>What a provider's answer says about budgets.</summary>
/// <param name="Limited">It refused the call because there were too many.</param>
/// <param name="RetryAfter">How long it asks us to wait, whatever its status.</param>
/// <param name="Scope">Whose calls were too many.</param>
public readonly record struct RateSigns(bool Limited, TimeSpan? RetryAfter = null, BudgetScope Scope = BudgetScope.Account)
{
    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(2);

    /// <summary>How long everybody waits after a refusal; a provider that does not say so gets a moment's rest.</summary>
    public TimeSpan Wait => RetryAfter is { } asked && asked > UsualWait ? asked : UsualWait;

    /// <summary>Where the provider's headers tell what is left.</summary>
    public IReadOnlyList<CallsRemaining>? Remaining { get; init; }

    /// <summary>It says nothing that anybody must be told.</summary>
    public bool AreSilent => !Limited && Remaining is null;
}

/// <param name="Per">The length of the limit that is meant.</param>
public readonly record struct CallsRemaining(BudgetScope Scope, TimeSpan Per, int Calls);

/// <summary>Asked before every attempt of a call to a provider. Shared by all silos.</summary>
public interface ICallBudgets
{
    /// <summary>Waits for the call's turn. At once, without I/O, where this process still holds calls of the budgets.</summary>
    /// <returns>Null: make the call now. Else it must not be made, and it is of no use to ask again before so long.</returns>
    ValueTask<TimeSpan?> EnterAsync(ProviderLimits provider, Caller caller, CancellationToken cancel);

    /// <summary>Tells everybody who shares the budget what the provider's answer says about it.</summary>
    ValueTask ObserveAsync(ProviderLimits provider, Caller caller, RateSigns signs);
}
