using System.Diagnostics;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Chaos;

/// <summary>
/// Three silos, a provider that counts for itself and answers 429 to one call too many, backfills that take whatever they may, and persons. The
/// limits are tight, so that all of it happens within a minute.
/// </summary>
public sealed class BudgetTests : IAsyncLifetime
{
    private const int Connections = 6;
    private const int PerSecond = 20;
    private const int PerAccount = 60;
    private const int OfApp = 144;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Length = LongRun.Choose(usual: TimeSpan.FromSeconds(30), full: TimeSpan.FromMinutes(10));
    private static readonly TimeSpan Cadence = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Recovery = TimeSpan.FromMinutes(2);

    private ProductCluster? _product;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ProductCluster Product => _product ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync() => _product = await ProductCluster.StartAsync(new()
    {
        Silos = 3,
        Environment = new Dictionary<string, string>
        {
            ["RateLimits__ReadsPerMinute"] = "1000000",
            ["RateLimits__WritesPerMinute"] = "1000000",
            ["FeatureManagement__provider_stripe_payout_entries"] = "false",   // hundreds of calls before the first is measured
            ["Sandbox__Stripe__RequestsPerSecond"] = "25",   // as Stripe's own; we keep to 20
            ["Sandbox__Stripe__Limits__0__Requests"] = $"{PerAccount}",
            ["Sandbox__Stripe__Limits__0__Per"] = $"{Window}",
            ["Sandbox__Stripe__Limits__1__App"] = "true",
            ["Sandbox__Stripe__Limits__1__Requests"] = $"{OfApp}",
            ["Sandbox__Stripe__Limits__1__Per"] = $"{Window}",
            ["Providers__Stripe__Limits__CallsPerSecondPerAccount"] = $"{PerSecond}",
            ["Providers__Stripe__Limits__Budgets__0__Calls"] = $"{PerAccount}",
            ["Providers__Stripe__Limits__Budgets__0__Per"] = $"{Window}",
            ["Providers__Stripe__Limits__Budgets__1__Scope"] = "App",
            ["Providers__Stripe__Limits__Budgets__1__Calls"] = $"{OfApp}",
            ["Providers__Stripe__Limits__Budgets__1__Per"] = $"{Window}",
        },
    }, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (_product is not null) await _product.DisposeAsync();
    }

    [Fact]
    public async Task No_call_of_three_silos_is_answered_429_a_person_waits_less_than_two_seconds_and_a_dead_silo_takes_only_its_lease_along()
    {
        using var owner = Product.User("owner");
        using var person = Product.User("person");
        var small = await Product.Sandbox.NewAccountAsync(20, Cancel);
        var persons = await person.ConnectedAsync(small, cancel: Cancel);
        var accounts = new List<string>();
        for (var n = 0; n < Connections; n++) accounts.Add(await Product.Sandbox.NewAccountAsync(150, Cancel));
        var ids = await Task.WhenAll(accounts.Select(account => owner.ConnectedAsync(account, cancel: Cancel)));

        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var backfills = ids.Select(id => BackfillAsync(owner, id, over.Token)).ToList();
        var (clock, killed, waits) = (Stopwatch.StartNew(), false, new List<TimeSpan>());
        using var turn = new PeriodicTimer(Cadence);
        for (var n = 0; clock.Elapsed < Length; n++)
        {
            await turn.WaitForNextTickAsync(Cancel);
            waits.AddRange(await WaitsOfTestAsync(owner, ids[n % Connections]));
            waits.Add(await WaitOfSyncAsync(person, persons, small));
            if (killed || clock.Elapsed < Length / 3) continue;
            killed = true;
            await KillAsync("silo-2", [.. ids.Select(id => (owner, id)), (person, persons)]);
        }
        var budgets = (await owner.GetAsync($"/{ids[0]}/budgets", Cancel)).MustBeOk("budgets").Json!["items"]!.AsArray();
        await over.CancelAsync();
        await Task.WhenAll(backfills);

        var requests = await Product.Sandbox.RequestsAsync(cancel: Cancel);
        Assert.True(killed);
        Assert.DoesNotContain(requests, r => r.Status == 429);
        Assert.True(waits.Max() < LongestWait, "the longest waits: " + string.Join(", ", waits.OrderDescending().Take(10).Select(w => $"{w.TotalSeconds:0.00} s")));
        Assert.True(waits.Count >= 20, $"{waits.Count} waits measured");

        // Used to the end before the death and after it: nothing of the budget is lost for longer than the window in which it was leased.
        var calls = requests.Where(r => r.Method == "GET").Select(r => r.At).ToList();
        var busiest = calls.Max(from => calls.Count(at => at >= from && at < from + Window));
        Assert.InRange(busiest, OfApp / 3, OfApp);
        Assert.True(calls.Count(at => at > calls[^1] - Window) > busiest / 2, $"{calls.Count(at => at > calls[^1] - Window)} calls at the end, {busiest} in the busiest window");

        Assert.Equal(["app 144 12", "account 60 12", "account 20 1"], budgets.Select(b => $"{b!["scope"]} {b["limit"]} {b["per_seconds"]}").Order().Reverse());
        Assert.All(budgets, b => Assert.Equal((int)b!["limit"]!, (int)b["used"]! + (int)b["leased"]! + (int)b["left"]!));
    }

    /// <summary>Reads everything again, over and over: nobody waits for that.</summary>
    private static async Task BackfillAsync(ApiUser owner, string id, CancellationToken over)
    {
        try
        {
            while (true)
            {
                await Eventually.HoldsAsync("everything is read again", async () => (await owner.PostAsync($"/{id}/sync?force=true&full=true", cancel: over)).Ok, Recovery, over);
                await Eventually.HoldsAsync("all was read", async () =>
                    (await owner.GetAsync($"/{id}/syncs?limit=1", over)).MustBeOk("runs").Json!["items"]![0]!["ended_at"] is not null, Recovery, over);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The time is over.
        }
    }

    /// <summary>kill -9, and back again when those that lived there live elsewhere.</summary>
    private async Task KillAsync(string silo, IReadOnlyList<(ApiUser User, string Id)> connections)
    {
        await Product.Processes.KillAsync(silo);
        await Product.Processes.StartAsync(silo, Cancel);
        foreach (var (user, id) in connections)
            await Eventually.HoldsAsync($"{id} answers again", async () => (await user.PostAsync($"/{id}/test", cancel: Cancel)).Ok, Recovery, Cancel);
    }

    /// <summary>A connection test's three calls, on an account whose history is being read: each says how long it took.</summary>
    private static async Task<IEnumerable<TimeSpan>> WaitsOfTestAsync(ApiUser owner, string id)
    {
        var answer = (await owner.PostAsync($"/{id}/test", cancel: Cancel)).MustBeOk("test").Json!;
        Assert.True((bool)answer["success"]!, answer.ToJsonString());
        return [.. answer["checks"]!.AsArray().Select(check => TimeSpan.FromMilliseconds((double)check!["elapsed_milliseconds"]!))];
    }

    /// <summary>From the wish to the first call that the provider sees of it.</summary>
    private async Task<TimeSpan> WaitOfSyncAsync(ApiUser person, string id, string account)
    {
        var before = await Product.Sandbox.LastSequenceAsync(Cancel);
        var asked = TimeProvider.System.GetUtcNow();
        (await person.PostAsync($"/{id}/sync?force=true", cancel: Cancel)).MustBeOk("sync");
        var first = await Eventually.HoldsAsync("the person's sync calls",
            async () => await Product.Sandbox.RequestsAsync(account, before, Cancel) is [var call, ..] ? call : null, seen => seen is not null, cancel: Cancel);
        await person.NewestRunAsync(id, "succeeded", Cancel);
        return first!.At - asked;
    }
}
