using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Chaos;

[Collection<OneSilo>]
public sealed class SyncTests(OneSilo shared) : ChaosTest(shared)
{
    /// <summary>Enough calls for every kill to find the sync in its middle.</summary>
    private static readonly int Transactions = LongRun.Choose(usual: 2_400, full: 8_000);

    /// <summary>The page that was being written, and the one that was being fetched.</summary>
    private const int PagesLostPerKill = 2;

    [Fact]
    public async Task A_silo_killed_in_the_middle_of_a_sync_resumes_from_its_last_page()
    {
        var (user, id, account, run, slowness) = await SlowSyncAsync();
        using var _ = user;
        var kills = LongRun.Choose(usual: 2, full: 20);
        for (var kill = 0; kill < kills; kill++)
        {
            await CallsAsync(account, (await CallsSoFarAsync(account)) + Moments.Next(2, LongRun.Choose(16, 5)));
            Assert.Equal("running", await StatusAsync(run));
            await KillAndStartAsync(ResourceNames.Silo);
        }
        await slowness.DisposeAsync();
        await RunSucceedsAsync(id, run);

        var calls = await Sandbox.RequestsAsync(account, cancel: Cancel);
        var again = calls.Where(call => call.Method == "GET").GroupBy(call => (call.Path, call.Query)).Where(same => same.Count() > 1).ToList();
        Assert.True(again.Sum(same => same.Count() - 1) <= PagesLostPerKill * kills,
            "fetched again: " + string.Join('\n', again.Select(same => $"{same.Key} × {same.Count()}")));
        Assert.Equal(Transactions, await Product.ScalarAsync<long>("select count(*) from transactions where integration_id = $1", Cancel, Guid.Parse(id)));
        Assert.Equal(
            (await Sandbox.BooksAsync(account, Cancel)).Ids("balance_transactions").Order(StringComparer.Ordinal),
            (await Product.ColumnAsync<string>("select external_id from transactions where integration_id = $1", Cancel, Guid.Parse(id))).Order(StringComparer.Ordinal));
        await StateAndRowAgreeAsync(id);
        await AgreesWithBooksAsync(user, id, account);
    }

    [Fact]
    public async Task PostgreSQL_killed_in_the_middle_of_a_sync_delays_it_and_no_more()
    {
        var (user, id, account, run, slowness) = await SlowSyncAsync();
        using var _ = user;
        await CallsAsync(account, Moments.Next(8, 20));
        await KillAndStartAsync(Postgres);
        await slowness.DisposeAsync();

        await RunSucceedsAsync(id, run);
        await StateAndRowAgreeAsync(id);
        await AgreesWithBooksAsync(user, id, account);
    }

    /// <summary>A first sync of a big account that takes some seconds, as long as the provider is slow.</summary>
    private async Task<(ApiUser User, string Id, string Account, Guid Run, IAsyncDisposable Slowness)> SlowSyncAsync()
    {
        var account = await Sandbox.NewAccountAsync(Transactions, Cancel);
        var slowness = await Sandbox.FaultAsync(new { kind = "latency", milliseconds = LongRun.Choose(150, 300), path = "/v1/", times = -1 }, Cancel);
        var user = Product.User(OneSilo.Owner);
        var id = await user.CreateStripeAsync(cancel: Cancel);
        await user.ConnectAsync(id, account, Cancel);
        return (user, id, account, await NewestRunAsync(id), slowness);
    }

    private async Task<int> CallsSoFarAsync(string account) => (await Sandbox.RequestsAsync(account, cancel: Cancel)).Count;

    private Task<int> CallsAsync(string account, int calls) =>
        Eventually.HoldsAsync($"the provider was called {calls} times", () => CallsSoFarAsync(account), seen => seen >= calls, Recovery, Cancel);

    private Task<string> StatusAsync(Guid run) => Product.ScalarAsync<string>("select status from sync_runs where id = $1", Cancel, run);
}
