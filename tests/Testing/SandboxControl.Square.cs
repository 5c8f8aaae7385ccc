using System.Text.Json.Nodes;

namespace FinanceIntegrations.Testing;

/// <summary>The control API of the simulated Square.</summary>
public sealed partial class SandboxControl
{
    /// <summary>A new seller with books of its own, to whom nobody is connected.</summary>
    /// <param name="payments">Exactly so many.</param>
    /// <param name="currency">GBP, USD or JPY.</param>
    /// <param name="cancel">Stops the call.</param>
    public async Task<string> NewSellerAsync(int payments = 300, string currency = "GBP", CancellationToken cancel = default) =>
        (string)(await PostAsync("/control/square/accounts", new { payments, currency, seed = Interlocked.Increment(ref _seed) }, cancel))["id"]!;

    public async Task<JsonNode> SellerAsync(string seller, CancellationToken cancel = default) =>
        (await GetAsync("/control/square/accounts", cancel)).AsArray().Single(one => (string?)one!["id"] == seller)!;

    /// <summary>Ground truth.</summary>
    public async Task<SquareBooks> SellerBooksAsync(string seller, CancellationToken cancel = default) =>
        new(await GetAsync($"/control/square/accounts/{seller}/books", cancel));

    /// <summary>Lets something happen. Answers the ids of what it happened to, and of the events that tell of it.</summary>
    public async Task<(IReadOnlyList<string> Ids, IReadOnlyList<string> EventIds)> AdvanceSellerAsync(
        string seller, string kind, int count = 1, CancellationToken cancel = default) =>
        Told(await PostAsync($"/control/square/accounts/{seller}/advance", new { kind, count }, cancel));

    /// <summary>The seller disconnects at Square. Answers the event that says so.</summary>
    public async Task<string> RevokeSellerAsync(string seller, CancellationToken cancel = default) =>
        Told(await PostAsync($"/control/square/accounts/{seller}/revoke", new { }, cancel)).EventIds[^1];

    /// <param name="order">As the control API spells it: url, secret, notification_url, account, type, event_id, body, count, duplicate.</param>
    /// <param name="cancel">Stops the call.</param>
    public async Task<WebhookOutcome> SendSquareWebhooksAsync(object order, CancellationToken cancel = default)
    {
        var outcome = await PostAsync("/control/square/webhooks", order, cancel);
        return new(
            outcome["statuses"]!.AsObject().ToDictionary(pair => pair.Key, pair => (int)pair.Value!),
            Texts(outcome["event_ids"]), Texts(outcome["accepted_event_ids"]));
    }
}
