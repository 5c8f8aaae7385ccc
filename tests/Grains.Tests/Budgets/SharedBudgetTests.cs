using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Grains.Budgets;
using FinanceIntegrations.Grains.Tests.Cluster;
using FinanceIntegrations.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

namespace FinanceIntegrations.Grains.Tests.Budgets;

/// <summary>Several silos' budgets over one PostgreSQL, on the machine's own clock.</summary>
[Collection(ClusterCollection.Name)]
public sealed class SharedBudgetTests(GrainCluster cluster)
{
    private readonly string _provider = $"p{Guid.CreateVersion7():N}";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_silos_together_keep_the_pace_of_one_account_and_a_person_passes_their_backfills()
    {
        const int PerSecond = 40;
        var limits = Limits(new CallLimit { Calls = PerSecond, Per = TimeSpan.FromSeconds(1) });
        var (calls, begun) = (new List<TimeSpan>(), TimeProvider.System.GetTimestamp());
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        over.CancelAfter(TimeSpan.FromSeconds(4));
        var backfills = Enumerable.Range(0, 3).Select(_ => NewSilo()).SelectMany(silo => Enumerable.Range(0, 4).Select(_ => Task.Run(() => CallAsync(silo)))).ToList();
        await Eventually.HoldsAsync("the backfills call", () => Task.FromResult(Count()), made => made >= PerSecond, cancel: Cancel);
        var person = await WaitOfAsync(NewSilo(), limits, new("acct_1", Lane.Person));
        await Task.WhenAll(backfills);

        Assert.True(person < TimeSpan.FromSeconds(1.5), $"a person waited {person.TotalSeconds} s");
        // Used well, and never more: of all that were made, for a call is noted when its thread comes to it, and some of a second's may be in the next.
        Assert.True(MostWithin(calls, TimeSpan.FromSeconds(1)) >= PerSecond / 2);
        Assert.InRange(calls.Count, PerSecond, (int)(PerSecond * (TimeProvider.System.GetElapsedTime(begun).TotalSeconds + 1)));

        int Count()
        {
            lock (calls) return calls.Count;
        }

        async Task CallAsync(CallBudgets silo)
        {
            try
            {
                while (await silo.EnterAsync(limits, new("acct_1", Lane.Backfill, Patient: true), over.Token) is null)
                    lock (calls) calls.Add(TimeProvider.System.GetElapsedTime(0));
            }
            catch (OperationCanceledException)
            {
                // The time is over.
            }
        }
    }

    [Fact]
    public async Task Three_silos_together_make_no_more_calls_than_a_window_has_and_all_of_them()
    {
        var limits = Limits(new CallLimit { Calls = 100, Per = TimeSpan.FromHours(1) }, new() { Scope = BudgetScope.App, Calls = 1_000, Per = TimeSpan.FromHours(1) });
        var made = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => NewSilo()).Select(silo => Task.Run(async () =>
        {
            var calls = 0;
            while (await silo.EnterAsync(limits, new("acct_1", Lane.Schedule), Cancel) is null) calls++;
            return calls;
        }, Cancel)));
        Assert.Equal(Lanes.Room(100, [0, 0, 0, 0], Lane.Schedule), made.Sum());
        Assert.Null(await NewSilo().EnterAsync(limits, new("acct_1", Lane.Person), Cancel));   // its part is still there
        Assert.Null(await NewSilo().EnterAsync(limits, new("acct_2", Lane.Schedule), Cancel));
    }

    [Fact]
    public async Task A_used_up_day_is_refused_at_once_with_the_time_to_wait()
    {
        var limits = Limits(new CallLimit { Calls = 4, Per = TimeSpan.FromDays(1) });
        var silo = NewSilo();
        while (await silo.EnterAsync(limits, new("acct_1", Lane.Person), Cancel) is null)
        {
            // Until there is none left.
        }
        var started = TimeProvider.System.GetTimestamp();
        var wait = await NewSilo().EnterAsync(limits, new("acct_1", Lane.Person, Patient: true), Cancel);
        Assert.True(wait > TimeSpan.FromHours(1), $"{wait}");
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_silo_that_is_gone_has_used_what_it_had_leased_and_nothing_else()
    {
        var limits = Limits(new CallLimit { Calls = 100, Per = TimeSpan.FromHours(1) });
        var dead = NewSilo();
        for (var call = 0; call < 9; call++) Assert.Null(await dead.EnterAsync(limits, new("acct_1", Lane.Person), Cancel));
        var leased = await UsedAsync();   // more than the nine: it had taken some ahead
        var (living, made) = (NewSilo(), 0);
        while (await living.EnterAsync(limits, new("acct_1", Lane.Person), Cancel) is null) made++;
        Assert.InRange(leased, 9, 9 + 5);
        Assert.InRange(made + leased, 90, Lanes.Room(100, [0, 0, 0, 0], Lane.Person) + 5);
        Assert.True(made + 9 <= Lanes.Room(100, [0, 0, 0, 0], Lane.Person));
    }

    [Fact]
    public async Task A_lease_that_is_not_used_up_is_given_back()
    {
        var limits = Limits(new CallLimit { Calls = 100, Per = TimeSpan.FromHours(1) });
        var silo = NewSilo();
        for (var call = 0; call < 4; call++) Assert.Null(await silo.EnterAsync(limits, new("acct_1", Lane.Person), Cancel));
        Assert.Equal(4, await Eventually.HoldsAsync("the rest is given back", UsedAsync, used => used == 4, cancel: Cancel));
    }

    [Fact]
    public async Task What_a_provider_asks_of_one_silo_the_others_keep_too()
    {
        var limits = Limits(new CallLimit { Calls = 50, Per = TimeSpan.FromSeconds(1) });
        var (told, other) = (NewSilo(), NewSilo());
        var caller = new Caller("acct_1", Lane.Person);
        Assert.Null(await told.EnterAsync(limits, caller, Cancel));
        await told.ObserveAsync(limits, caller, new(Limited: true, TimeSpan.FromSeconds(60)));
        foreach (var silo in new[] { told, other })
            Assert.InRange((await silo.EnterAsync(limits, caller, Cancel)) ?? default, TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(60));
        Assert.Null(await other.EnterAsync(limits, new("acct_2", Lane.Person), Cancel));
    }

    [Fact]
    public async Task A_call_of_what_is_held_asks_nobody()
    {
        var limits = Limits(new CallLimit { Calls = 100_000, Per = TimeSpan.FromHours(1) });
        var silo = NewSilo();
        var caller = new Caller("acct_1", Lane.Schedule);
        var atOnce = 0;
        for (var call = 0; call < 1_000; call++)
        {
            var turn = silo.EnterAsync(limits, caller, Cancel);
            if (turn.IsCompleted) atOnce++;
            Assert.Null(await turn);
        }
        Assert.True(atOnce > 950, $"{atOnce} of 1,000 calls waited for nobody");
    }

    [Fact]
    public async Task A_caller_that_gives_up_takes_no_call_with_it()
    {
        var limits = Limits(new CallLimit { Calls = 1, Per = TimeSpan.FromSeconds(5) });
        var silo = NewSilo();
        var caller = new Caller("acct_1", Lane.Person);
        Assert.Null(await silo.EnterAsync(limits, caller, Cancel));
        using var impatient = new CancellationTokenSource();
        var waiting = silo.EnterAsync(limits, caller, impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
        Assert.True(await WaitOfAsync(silo, limits, caller) < TimeSpan.FromSeconds(6));
    }

    [Fact]
    public async Task Without_the_database_nothing_is_called()
    {
        await using var away = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Timeout=1");
        var silo = new CallBudgets(new(away), NullLogger<CallBudgets>.Instance);
        var limits = Limits(new CallLimit { Calls = 10, Per = TimeSpan.FromSeconds(1) });
        await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await silo.EnterAsync(limits, new("acct_1", Lane.Schedule, Patient: true), Cancel));   // a run waits for it
        Assert.NotNull(await silo.EnterAsync(limits, new("acct_1", Lane.Person), Cancel));
    }

    private ProviderLimits Limits(params CallLimit[] limits) => new(_provider, limits, TimeSpan.FromSeconds(75));

    private CallBudgets NewSilo() => new(new(cluster.Database), NullLogger<CallBudgets>.Instance);

    private async Task<int> UsedAsync()
    {
        await using var command = cluster.Database.CreateCommand("select sum(u)::integer from call_budgets, unnest(used) u where provider = $1");
        command.Parameters.AddWithValue(_provider);
        return (int)(await command.ExecuteScalarAsync(Cancel))!;
    }

    private static async Task<TimeSpan> WaitOfAsync(CallBudgets silo, ProviderLimits limits, Caller caller)
    {
        var started = TimeProvider.System.GetTimestamp();
        Assert.Null(await silo.EnterAsync(limits, caller, Cancel));
        return TimeProvider.System.GetElapsedTime(started);
    }

    private static int MostWithin(List<TimeSpan> calls, TimeSpan stretch)
    {
        var (sorted, most, first) = (calls.Order().ToList(), 0, 0);
        for (var last = 0; last < sorted.Count; last++)
        {
            while (sorted[last] - sorted[first] >= stretch) first++;
            most = Math.Max(most, last - first + 1);
        }
        return most;
    }
}
