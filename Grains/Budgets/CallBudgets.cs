using System.Collections.Concurrent;
using FinanceIntegrations.Data;
using FinanceIntegrations.Data.Budgets;
using FinanceIntegrations.Domain.Budgets;
using Microsoft.Extensions.Logging;

namespace FinanceIntegrations.Grains.Budgets;

/// <summary>The budgets of all providers, shared with the other silos over leases from PostgreSQL. What a silo that dies had leased counts as used.</summary>
/// <remarks>On the machine's clock, like the transport: a test that moves time must not move what a provider counts.</remarks>
internal sealed partial class CallBudgets(CallBudgetStore store, ILogger<CallBudgets> log) : ICallBudgets
{
    private const int KeptQueues = 4_096;

    private static readonly TimeSpan WhileAway = TimeSpan.FromSeconds(5);

    private readonly string _holder = Guid.CreateVersion7().ToString("N");
    private readonly ServerClock _server = new();
    private readonly ConcurrentDictionary<(string Provider, Caller Caller), CallQueue[]> _ofCaller = new();
    private readonly ConcurrentDictionary<(BudgetKey Key, Lane Lane), CallQueue> _queues = new();

    public ValueTask<TimeSpan?> EnterAsync(ProviderLimits provider, Caller caller, CancellationToken cancel)
    {
        if (provider.Limits.Count == 0) return default;
        var queues = QueuesOf(provider, caller);
        var turn = queues.Length switch
        {
            0 => default,
            1 => queues[0].TakeAsync(provider.LongestWaitOf(caller), cancel),
            _ => FirstWithout(queues, taken: -1) is not { } missing ? default : TakeAllAsync(queues, missing, provider.LongestWaitOf(caller), cancel),
        };
        return turn.IsCompletedSuccessfully || caller.Patient ? turn : OrNotNowAsync(turn);
    }

    /// <summary>A run stays open while the database is away, and goes on. Another call is refused: it has not been made, and its caller must know that.</summary>
    private async ValueTask<TimeSpan?> OrNotNowAsync(ValueTask<TimeSpan?> turn)
    {
        try
        {
            return await turn;
        }
        catch (Exception away) when (DatabaseFaults.IsUnavailable(away))
        {
            LogNotAsked(away);
            return WhileAway;
        }
    }

    public async ValueTask ObserveAsync(ProviderLimits provider, Caller caller, RateSigns signs)
    {
        if (provider.Limits.Count == 0 || signs.AreSilent) return;
        try
        {
            foreach (var (key, limits) in provider.BudgetsOf(caller))
            {
                var scope = limits[0].Scope;
                if (signs.Limited && signs.Scope == scope) await BlockAsync(key, signs.Wait);
                foreach (var seen in signs.Remaining ?? [])
                    if (seen.Scope == scope && limits.Any(l => l.Per == seen.Per) && FewerThanKnown(key, seen.Calls))
                        await store.ObserveAsync(key, seen.Per, seen.Calls, CancellationToken.None);
            }
        }
        catch (Exception away) when (DatabaseFaults.IsUnavailable(away))
        {
            LogNotTold(away, provider.Provider);   // this process knows it; the others find it out by themselves
        }
    }

    private async Task BlockAsync(BudgetKey key, TimeSpan wait)
    {
        LogBlocked(key.Provider, key.Account.Length == 0 ? "the app" : "an account", wait.TotalSeconds);
        for (var lane = Lane.Person; lane <= Lane.Backfill; lane++)
            if (_queues.TryGetValue((key, lane), out var queue)) queue.Block(wait);
        await store.BlockAsync(key, wait, CancellationToken.None);
    }

    private bool FewerThanKnown(BudgetKey key, int remaining)
    {
        var known = int.MaxValue;
        for (var lane = Lane.Person; lane <= Lane.Backfill; lane++)
            if (_queues.TryGetValue((key, lane), out var queue)) known = Math.Min(known, queue.Left);
        return remaining < known;
    }

    /// <summary>A call of each budget, or of none: what one gave is given back while another is waited for.</summary>
    private static async ValueTask<TimeSpan?> TakeAllAsync(CallQueue[] queues, int missing, TimeSpan longestWait, CancellationToken cancel)
    {
        while (true)
        {
            if (await queues[missing].TakeAsync(longestWait, cancel) is { } refused) return refused;
            if (FirstWithout(queues, missing) is not { } next) return null;
            missing = next;
        }
    }

    /// <param name="taken">The one of which a call is taken already.</param>
    /// <returns>Null: all have given. Else the first that has nothing now, and nothing is taken of any.</returns>
    private static int? FirstWithout(CallQueue[] queues, int taken)
    {
        for (var i = 0; i < queues.Length; i++)
        {
            if (i == taken || queues[i].TryTake()) continue;
            for (var back = 0; back < queues.Length; back++)
                if (back < i || back == taken) queues[back].PutBack();
            return i;
        }
        return null;
    }

    private CallQueue[] QueuesOf(ProviderLimits provider, Caller caller)
    {
        if (_ofCaller.TryGetValue((provider.Provider, caller), out var known)) return known;
        if (_ofCaller.Count >= KeptQueues) Forget();
        var made = provider.BudgetsOf(caller).Select(budget => _queues.GetOrAdd((budget.Key, caller.Lane),
            static (id, made) => new(id.Key, id.Lane, new(made.Limits), made.Owner.Store, made.Owner._server, made.Owner._holder, TimeProvider.System),
            (budget.Limits, Owner: this))).ToArray();
        return _ofCaller.GetOrAdd((provider.Provider, caller), made);
    }

    private CallBudgetStore Store => store;

    /// <summary>Queues that nobody uses now. One that is taken up at this very moment lives on beside its successor, which takes leases of its own.</summary>
    private void Forget()
    {
        foreach (var (caller, queues) in _ofCaller)
            if (queues.All(q => q.IsIdle)) _ofCaller.TryRemove(caller, out _);
        foreach (var (key, queue) in _queues)
            if (queue.IsIdle) _queues.TryRemove(key, out _);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Provider} asks for fewer calls of {Whose}: none goes out for {Seconds} s")]
    private partial void LogBlocked(string provider, string whose, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Call budgets could not be asked: no call is made")]
    private partial void LogNotAsked(Exception away);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What {Provider} says of its limits could not be told to the other silos")]
    private partial void LogNotTold(Exception away, string provider);
}
