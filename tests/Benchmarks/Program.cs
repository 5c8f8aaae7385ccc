using FinanceIntegrations.Benchmarks;
using FinanceIntegrations.Benchmarks.Schedule;

return args switch
{
    ["webhooks", .. var rest] => await WebhookBenchmark.RunAsync(Arguments.Of(rest)),
    ["sync", .. var rest] => await SyncBenchmark.RunAsync(Arguments.Of(rest)),
    ["schedule", .. var rest] => await ScheduleBenchmark.RunAsync(Arguments.Of(rest)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        dotnet run -c Release --project tests/Benchmarks -- webhooks [--count 60000] [--connections 64] [--rate 0] [--size 900] [--statements 1]
        dotnet run -c Release --project tests/Benchmarks -- sync [--transactions 50000] [--rounds 3]
        dotnet run -c Release --project tests/Benchmarks -- schedule [--integrations 100000] [--minutes 3] [--reminders 1000000]
        """);
    return 2;
}
