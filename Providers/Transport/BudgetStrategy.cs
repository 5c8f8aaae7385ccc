using FinanceIntegrations.Domain.Budgets;
using Polly;

namespace FinanceIntegrations.Providers.Transport;

/// <summary>Every attempt waits for its turn in the call budgets, and what its answer says of limits is told to all who share them.</summary>
/// <param name="ahead">
/// True: outside of the time-outs, for the first attempt, which may wait long. False: before each attempt that has not got its turn there.
/// </param>
internal sealed class BudgetStrategy(
    ICallBudgets budgets, ProviderLimits limits, Func<ProviderAnswer, RateSigns> signs, bool ahead) : ResilienceStrategy<ProviderAnswer>
{
    public static readonly ResiliencePropertyKey<Caller> Caller = new("caller");
    private static readonly ResiliencePropertyKey<bool> HasTurn = new("turn");

    protected override async ValueTask<Outcome<ProviderAnswer>> ExecuteCore<TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<ProviderAnswer>>> callback, ResilienceContext context, TState state)
    {
        var caller = context.Properties.GetValue(Caller, default);
        if (!context.Properties.GetValue(HasTurn, false)
            && await budgets.EnterAsync(limits, caller, context.CancellationToken).ConfigureAwait(context.ContinueOnCapturedContext) is { } wait)
            return Outcome.FromException<ProviderAnswer>(new BudgetUsedUpException(wait));
        context.Properties.Set(HasTurn, ahead);
        var outcome = await callback(context, state).ConfigureAwait(context.ContinueOnCapturedContext);
        if (!ahead && outcome.Result is { } answer && signs(answer) is { AreSilent: false } said)
            await budgets.ObserveAsync(limits, caller, said).ConfigureAwait(context.ContinueOnCapturedContext);
        return outcome;
    }
}

/// <summary>No call of the budget comes within the wait that a caller has.</summary>
internal sealed class BudgetUsedUpException : Exception
{
    public BudgetUsedUpException() : base("The call budget is used up.") { }

    public BudgetUsedUpException(string message) : base(message) { }

    public BudgetUsedUpException(string message, Exception inner) : base(message, inner) { }

    public BudgetUsedUpException(TimeSpan wait) : this() => Wait = wait;

    /// <summary>Not before so long.</summary>
    public TimeSpan Wait { get; }
}
