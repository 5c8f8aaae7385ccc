namespace FinanceIntegrations.Testing;

/// <summary>The simulated PayPal's part.</summary>
public sealed partial class SandboxControl
{
    /// <summary>A new merchant with books of its own, who has permitted nothing yet.</summary>
    public async Task<string> NewPayPalAccountAsync(int transactions = 150, CancellationToken cancel = default) =>
        (string)(await PostAsync("/control/paypal/accounts", new { transactions, seed = Interlocked.Increment(ref _seed) }, cancel))["id"]!;

    /// <summary>Ground truth.</summary>
    public async Task<PayPalBooks> PayPalBooksAsync(string account, CancellationToken cancel = default) =>
        new(await GetAsync($"/control/paypal/accounts/{account}/books", cancel));

    public async Task<(IReadOnlyList<string> Ids, IReadOnlyList<string> EventIds)> AdvancePayPalAsync(
        string account, string kind, int count = 1, CancellationToken cancel = default) =>
        Told(await PostAsync($"/control/paypal/accounts/{account}/advance", new { kind, count }, cancel));

    /// <summary>A payout to somebody goes on, as PayPal spells where to. Answers the events that tell of it.</summary>
    public async Task<IReadOnlyList<string>> AdvancePayPalPayoutAsync(string account, string batch, string status, CancellationToken cancel = default) =>
        Told(await PostAsync($"/control/paypal/accounts/{account}/payouts/{batch}", new { status }, cancel)).EventIds;

    /// <summary>The merchant takes the permission back. Answers the event that says so.</summary>
    public async Task<string> RevokePayPalAsync(string account, CancellationToken cancel = default) =>
        Told(await PostAsync($"/control/paypal/accounts/{account}/revoke", new { }, cancel)).EventIds[^1];

    /// <summary>The app's token dies; the next ones live so long.</summary>
    public async Task ExpirePayPalTokenAsync(int? seconds = null, CancellationToken cancel = default)
    {
        using var answer = await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(_http, Address("/control/paypal/tokens/expire"), new { seconds }, ApiUser.Json, cancel);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Events are signed with another certificate from now on.</summary>
    public Task RotatePayPalCertificateAsync(CancellationToken cancel = default) => PostAsync("/control/paypal/certificates", new { }, cancel);

    public async Task<WebhookOutcome> SendPayPalWebhookAsync(string url, string webhookId, string account, string eventId, int duplicate = 1, CancellationToken cancel = default)
    {
        var outcome = await PostAsync("/control/paypal/webhooks", new { url, webhook_id = webhookId, account, event_id = eventId, duplicate }, cancel);
        return new(outcome["statuses"]!.AsObject().ToDictionary(pair => pair.Key, pair => (int)pair.Value!), Texts(outcome["event_ids"]), Texts(outcome["accepted_event_ids"]));
    }

    /// <summary>How often the simulated PayPal was asked, for that merchant, on paths with that beginning.</summary>
    public async Task<int> PayPalRequestsAsync(string account, string path, CancellationToken cancel = default) =>
        (await GetAsync($"/control/requests?provider=paypal&path={path}", cancel)).AsArray().Count(one => (string?)one!["account"] == account);
}
