using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace FinanceIntegrations.Benchmarks;

/// <summary>A full Stripe sync from the sandbox into PostgreSQL, pages of 100, the provider's rate limits lifted: records per second.</summary>
internal static class SyncBenchmark
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        await using var bench = await Bench.StartAsync(new()
        {
            ["Sandbox__Stripe__RequestsPerSecond"] = "0",
            ["Providers__Stripe__Limits__CallsPerSecondPerAccount"] = "0",
        });
        Console.WriteLine($"sync: {Bench.N(arguments.Number("transactions", 50_000))} balance transactions in pages of 100, {await bench.DurabilityAsync()}");
        var statements = arguments.Number("statements", 0) == 1;
        if (statements) await bench.CountStatementsAsync();
        for (var round = 0; round <= arguments.Number("rounds", 3); round++)
        {
            await RoundAsync(bench, round, arguments.Number("transactions", 50_000));
            if (statements) await bench.PrintStatementsAsync();
        }
        return 0;
    }

    private static async Task RoundAsync(Bench bench, int round, int transactions)
    {
        var account = $"acct_bench{round}";
        using var http = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        using var order = new HttpRequestMessage(HttpMethod.Post, bench.Cluster.SandboxUrl + "/control/stripe/accounts")
        {
            Content = JsonContent.Create(new { id = account, transactions, seed = round }),
        };
        using (var made = await http.SendAsync(order, CancellationToken.None)) made.EnsureSuccessStatusCode();

        var cpu = CpuTimes.Now(bench.Cluster.Processes);
        var integration = await bench.Client.CreateAsync($"Benchmark {round}", CancellationToken.None);
        var id = (string)integration["id"]!;
        await bench.Client.ConnectAsync(id, CancellationToken.None, account);
        var runs = await bench.Client.WholeAsync(id, CancellationToken.None);
        if (runs.FirstOrDefault(run => (string?)run["status"] != "succeeded") is { } odd) throw new InvalidOperationException(odd.ToJsonString());
        var seconds = (runs.Max(run => Time(run, "ended_at")) - runs.Min(run => Time(run, "started_at"))).TotalSeconds;
        var records = runs.Sum(run => run["synced_records"]!.GetValue<long>());
        var stored = await bench.ScalarAsync<long>($"select count(*) from transactions where integration_id = '{id}'");
        if (stored != transactions) throw new InvalidOperationException($"{stored} of {transactions} transactions stored");
        Console.WriteLine($"{(round == 0 ? "warm-up" : $"round {round}")}: {Bench.N(records)} records in {Bench.N(seconds, "N2")} s: {Bench.N(records / seconds)}/s; "
            + $"CPU per record: {CpuTimes.Now(bench.Cluster.Processes).PerUnitSince(cpu, records)}");
    }

    private static DateTimeOffset Time(JsonNode run, string name) => DateTimeOffset.Parse((string)run[name]!, CultureInfo.InvariantCulture);
}
