using FinanceIntegrations.Benchmarks;

return args switch
{
    ["webhooks", .. var rest] => await WebhookBenchmark.RunAsync(Arguments.Of(rest)),
    ["sync", .. var rest] => await SyncBenchmark.RunAsync(Arguments.Of(rest)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        dotnet run -c Release --project tests/Benchmarks -- webhooks [--count 60000] [--connections 64] [--rate 0] [--size 900] [--statements 1]
        dotnet run -c Release --project tests/Benchmarks -- sync [--transactions 50000] [--rounds 3]
        """);
    return 2;
}
