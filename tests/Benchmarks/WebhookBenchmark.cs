using System.Diagnostics;
using System.Net;

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
        await bench.Client.SyncAsync(id, CancellationToken.None);
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
        var load = new Load(new(bench.Cluster.ApiUrl + "/api/integrations/webhooks/stripe"), events, arguments.Number("connections", 64), arguments.Number("rate", 0));
        var cpu = CpuTimes.Now(bench.Cluster.Processes);
        var sent = Stopwatch.StartNew();
        await load.RunAsync();
        var sending = sent.Elapsed;
        using (var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20)))
            while (await bench.ScalarAsync<bool>("select exists (select 1 from webhook_events where not processed)"))
                await look.WaitForNextTickAsync();
        var whole = sent.Elapsed;
        var applied = await bench.ScalarAsync<long>("select count(*) from payouts") - before;
        if (applied != load.Accepted) throw new InvalidOperationException($"{load.Accepted} accepted, {applied} applied");
        Console.WriteLine(
            $"{round}: accepted {Bench.N(load.Accepted / sending.TotalSeconds)}/s, p50 {Bench.N(load.Percentile(0.5), "N1")} ms, p99 {Bench.N(load.Percentile(0.99), "N1")} ms, "
            + $"accepted and processed {Bench.N(load.Accepted / whole.TotalSeconds)}/s, last one processed {Bench.N((whole - sending).TotalSeconds, "N2")} s after the last sent, refused {load.Refused}; "
            + $"CPU per event: {CpuTimes.Now(bench.Cluster.Processes).PerUnitSince(cpu, load.Accepted)}");
    }

    /// <summary>Sends each event once over a fixed number of connections, as fast as it goes or at a rate.</summary>
    private sealed class Load(Uri address, SignedEvent[] events, int connections, int rate)
    {
        private readonly double[] _milliseconds = new double[events.Length];
        private int _next = -1;
        private int _accepted;
        private int _refused;

        public int Accepted => _accepted;

        public int Refused => _refused;

        public async Task RunAsync()
        {
            using var client = new HttpMessageInvoker(new SocketsHttpHandler { MaxConnectionsPerServer = connections, UseProxy = false, UseCookies = false });
            var started = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(() => SendAsync(client, started))));
            Array.Sort(_milliseconds);
        }

        public double Percentile(double part) => _milliseconds[(int)(part * (_milliseconds.Length - 1))];

        private async Task SendAsync(HttpMessageInvoker client, long started)
        {
            while (Interlocked.Increment(ref _next) is var i && i < events.Length)
            {
                if (rate > 0)
                {
                    var wait = TimeSpan.FromSeconds((double)i / rate) - Stopwatch.GetElapsedTime(started);
                    if (wait > TimeSpan.Zero) await Task.Delay(wait);
                }
                using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(events[i].Body) };
                request.Headers.TryAddWithoutValidation("Stripe-Signature", events[i].Signature);
                var at = Stopwatch.GetTimestamp();
                using var answer = await client.SendAsync(request, CancellationToken.None);
                await answer.Content.CopyToAsync(Stream.Null);
                _milliseconds[i] = Stopwatch.GetElapsedTime(at).TotalMilliseconds;
                if (answer.StatusCode == HttpStatusCode.OK) Interlocked.Increment(ref _accepted);
                else Interlocked.Increment(ref _refused);
            }
        }
    }
}
