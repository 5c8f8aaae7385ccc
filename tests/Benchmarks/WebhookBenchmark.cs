using System.Diagnostics;

namespace FinanceIntegrations.Benchmarks;

/// <summary>Signed, unique webhooks at a number of connections: accepted per second, p50 and p99 of the answer, and the time until the last is processed.</summary>
internal static class WebhookBenchmark
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        await using var bench = await Bench.StartAsync();
        var integration = await bench.Client.CreateAsync("Benchmark", CancellationToken.None);
        var id = (string)integration["id"]!;
        await bench.Client.ConnectAsync(id, CancellationToken.None);
        await bench.Client.WholeAsync(id, CancellationToken.None);
        var account = (string)(await bench.Client.GetAsync(id, CancellationToken.None))["external_account_id"]!;
        Console.WriteLine($"webhooks: {arguments.Number("connections", 64)} connections, {arguments.Number("size", 900)}-byte events, {await bench.DurabilityAsync()}");

        if (arguments.Number("statements", 0) == 1) await bench.CountStatementsAsync();
        foreach (var round in new[] { "warm-up", "round 1", "round 2", "round 3" })
        {
            await RoundAsync(bench, account, round, arguments);
            if (arguments.Number("statements", 0) == 1) await bench.PrintStatementsAsync();
        }
        return 0;
    }

    private static async Task RoundAsync(Bench bench, string account, string round, Arguments arguments)
    {
        var now = TimeProvider.System.GetUtcNow();
        var events = SignedEvent.Make(
            arguments.Number("count", 60_000), account, bench.Cluster.Secrets.StripeWebhookSecret, arguments.Number("size", 900),
            Guid.CreateVersion7(now).ToString("N"), now);
        var before = await bench.ScalarAsync<long>("select count(*) from payouts");
        var load = new WebhookLoad(new(bench.Cluster.ApiUrl + "/api/integrations/webhooks/stripe"), events, arguments.Number("connections", 64), arguments.Number("rate", 0));
        var cpu = CpuTimes.Now(bench.Cluster.Processes);
        var sent = Stopwatch.StartNew();
        await load.RunAsync();
        var sending = sent.Elapsed;
        using (var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20)))
            while (await bench.ScalarAsync<bool>("select exists (select 1 from webhook_deliveries where status = 'pending')"))
                await look.WaitForNextTickAsync();
        var whole = sent.Elapsed;
        var applied = await bench.ScalarAsync<long>("select count(*) from payouts") - before;
        if (applied != load.Accepted) throw new InvalidOperationException($"{load.Accepted} accepted, {applied} applied");
        Console.WriteLine(
            $"{round}: accepted {Bench.N(load.Accepted / sending.TotalSeconds)}/s, p50 {Bench.N(load.Percentile(0.5), "N1")} ms, p99 {Bench.N(load.Percentile(0.99), "N1")} ms, "
            + $"accepted and processed {Bench.N(load.Accepted / whole.TotalSeconds)}/s, last one processed {Bench.N((whole - sending).TotalSeconds, "N2")} s after the last sent, refused {load.Refused}; "
            + $"CPU per event: {CpuTimes.Now(bench.Cluster.Processes).PerUnitSince(cpu, load.Accepted)}");
    }
}
