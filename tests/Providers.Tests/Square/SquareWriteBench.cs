using System.Text.Json.Nodes;
using FinanceIntegrations.Domain.Providers;

namespace FinanceIntegrations.Providers.Tests.Square;

/// <summary>The connector's write side against the simulated Square, with a seller who permits it.</summary>
public sealed class SquareWriteBench() : OrderBench(ProviderId.Square)
{
    protected override IEnumerable<(string Key, string Value)> Settings =>
    [
        ("SQUARE_CLIENT_ID", "sandbox-sq0idb-sandbox"),
        ("SQUARE_CLIENT_SECRET", "sandbox-sq0csb-sandbox"),
        ("SQUARE_API_BASE", $"{Address}/square"),
        ("FeatureManagement:provider_square_submit_evidence", "true"),
        ("Providers:Square:Limits:CallsPerSecondPerAccount", "0"),
        ("Providers:Square:Limits:RetryDelay", "00:00:00"),
    ];

    public async Task<string> StateAsync(string dispute) => (string)(await RowAsync("disputes", "id", dispute))["state"]!;

    public async Task<IReadOnlyList<JsonNode>> UploadedAsync(string dispute) =>
        [.. (await BooksAsync())["dispute_evidence"]!.AsArray().OfType<JsonNode>().Where(piece => (string?)piece["dispute_id"] == dispute)];

    protected override async Task OpenAsync() => Account = (string)(await ControlAsync("square/accounts", new { id = "MLWRITES1", payments = 100, seed = 7 }))["id"]!;
}
