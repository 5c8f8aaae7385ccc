using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace FinanceIntegrations.Testing;

/// <summary>One request that the sandbox saw.</summary>
public sealed record SandboxRequest(long Sequence, string Method, string Path, string Query, string? Account, int Status, string? Fault)
{
    /// <summary>When it arrived, by the sandbox's clock.</summary>
    public DateTimeOffset At { get; init; }
}

/// <summary>The sandbox's control API, Stripe's part and what all share. See tools/Sandbox/README.md.</summary>
public sealed partial class SandboxControl(string sandbox, string stripeKey) : IDisposable
{
    private static int _seed = 1_000;

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(10) };

    public void Dispose() => _http.Dispose();

    /// <summary>A new account with books of its own, to which nobody is connected.</summary>
    public Task<string> NewAccountAsync(int transactions = 300, CancellationToken cancel = default) =>
        NewAccountAsync(transactions, Interlocked.Increment(ref _seed), cancel);

    /// <param name="seed">Of the books: the same seed, the same books.</param>
    public async Task<string> NewAccountAsync(int transactions, int seed, CancellationToken cancel = default) =>
        (string)(await PostAsync("/control/stripe/accounts", new { transactions, seed }, cancel))["id"]!;

    /// <summary>A new account that has so much money to pay out: an account of a plausible business may have none just now.</summary>
    /// <param name="minor">In pence.</param>
    public async Task<string> NewAccountWithMoneyAsync(int transactions, int minor, CancellationToken cancel = default)
    {
        for (var tries = 0; tries < 50; tries++)
        {
            var account = await NewAccountAsync(transactions, cancel);
            // Else it depends on the hour whether a payout has just emptied it.
            await AdvanceAsync(account, "charge", count: 20, cancel: cancel);
            await AdvanceAsync(account, "settle", until: TimeProvider.System.GetUtcNow().AddDays(60).ToUnixTimeSeconds(), cancel: cancel);
            if ((await BooksAsync(account, cancel)).Available("gbp") >= minor) return account;
        }
        throw new InvalidOperationException("No account of fifty has money to pay out.");
    }

    public async Task<JsonNode> AccountAsync(string account, CancellationToken cancel = default) =>
        (await GetAsync("/control/stripe/accounts", cancel)).AsArray().Single(one => (string?)one!["id"] == account)!;

    /// <summary>Ground truth.</summary>
    public async Task<StripeBooks> BooksAsync(string account, CancellationToken cancel = default) =>
        new(await GetAsync($"/control/stripe/accounts/{account}/books", cancel));

    /// <summary>Lets something happen. Answers the ids of what it happened to, and of the events that tell of it.</summary>
    public async Task<(IReadOnlyList<string> Ids, IReadOnlyList<string> EventIds)> AdvanceAsync(
        string account, string kind, int count = 1, long? until = null, string? id = null, CancellationToken cancel = default) =>
        Told(await PostAsync($"/control/stripe/accounts/{account}/advance", new { kind, count, until, id }, cancel));

    /// <summary>The user disconnects at the provider. Answers the event that says so.</summary>
    public async Task<string> RevokeAsync(string account, CancellationToken cancel = default) =>
        Told(await PostAsync($"/control/stripe/accounts/{account}/revoke", new { }, cancel)).EventIds[^1];

    /// <param name="order">As the control API spells it: url, secret, account, type, event_id, count, concurrency…</param>
    public async Task<WebhookOutcome> SendWebhooksAsync(object order, CancellationToken cancel = default)
    {
        var outcome = await PostAsync("/control/stripe/webhooks", order, cancel);
        return new(
            outcome["statuses"]!.AsObject().ToDictionary(pair => pair.Key, pair => (int)pair.Value!),
            Texts(outcome["event_ids"]), Texts(outcome["accepted_event_ids"]));
    }

    /// <summary>What Stripe was asked, in order.</summary>
    /// <param name="account">Only calls for that account; null for all.</param>
    /// <param name="since">Only after that sequence number.</param>
    public Task<IReadOnlyList<SandboxRequest>> RequestsAsync(string? account = null, long since = 0, CancellationToken cancel = default) =>
        RequestsAsync("stripe", account, since, cancel);

    /// <summary>What a provider was asked, in order.</summary>
    public async Task<IReadOnlyList<SandboxRequest>> RequestsAsync(string provider, string? account, long since, CancellationToken cancel)
    {
        var all = await GetAsync($"/control/requests?provider={provider}&since={since}", cancel);
        return [.. all.AsArray().Select(one => new SandboxRequest(
                (long)one!["sequence"]!, (string)one["method"]!, (string)one["path"]!, (string)one["query"]!, (string?)one["account"],
                (int)one["status"]!, (string?)one["fault"])
            { At = (DateTimeOffset)one["at"]! })
            .Where(one => account is null || one.Account == account)];
    }

    public async Task<long> LastSequenceAsync(CancellationToken cancel = default) =>
        await RequestsAsync(cancel: cancel) is [.., var last] ? last.Sequence : 0;

    /// <summary>A fault that lasts until it is disposed. It strikes every account: tests that ask for one run alone.</summary>
    /// <param name="fault">As the control API spells it, without the provider.</param>
    public async Task<IAsyncDisposable> FaultAsync(object fault, CancellationToken cancel = default)
    {
        var order = System.Text.Json.JsonSerializer.SerializeToNode(fault, ApiUser.Json)!.AsObject();
        order["provider"] ??= "stripe";
        return new Fault(this, (int)(await PostAsync("/control/faults", order, cancel))["id"]!);
    }

    /// <summary>No fault is left, whoever asked for it.</summary>
    public async Task MendAsync(CancellationToken cancel = default)
    {
        using var answer = await _http.DeleteAsync(Address("/control/faults"), cancel);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>What the provider holds of a file, as the platform is shown it.</summary>
    public async Task<byte[]> FileAsync(string account, string file, CancellationToken cancel = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address($"/stripe/v1/files/{file}/contents"));
        request.Headers.Authorization = new("Bearer", stripeKey);
        request.Headers.Add("Stripe-Account", account);
        using var answer = await _http.SendAsync(request, cancel);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancel);
    }

    private Uri Address(string path) => new(sandbox + path);

    private async Task<JsonNode> GetAsync(string path, CancellationToken cancel)
    {
        using var answer = await _http.GetAsync(Address(path), cancel);
        return await ReadAsync(path, answer, cancel);
    }

    private async Task<JsonNode> PostAsync(string path, object body, CancellationToken cancel)
    {
        using var answer = await _http.PostAsJsonAsync(Address(path), body, ApiUser.Json, cancel);
        return await ReadAsync(path, answer, cancel);
    }

    private static async Task<JsonNode> ReadAsync(string path, HttpResponseMessage message, CancellationToken cancel) =>
        (await ApiAnswer.ReadAsync(message, cancel)).MustBeOk(path).Json ?? throw new InvalidOperationException($"{path} answered no JSON");

    private static (IReadOnlyList<string> Ids, IReadOnlyList<string> EventIds) Told(JsonNode change) => (Texts(change["ids"]), Texts(change["event_ids"]));

    private static string[] Texts(JsonNode? list) => [.. list!.AsArray().Select(text => (string)text!)];

    private sealed class Fault(SandboxControl sandbox, int id) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            using var answer = await sandbox._http.DeleteAsync(sandbox.Address($"/control/faults/{id}"));
        }
    }
}

/// <param name="Statuses">How many requests got which status; <c>0</c>: no answer.</param>
public sealed record WebhookOutcome(
    IReadOnlyDictionary<string, int> Statuses, IReadOnlyList<string> EventIds, IReadOnlyList<string> AcceptedEventIds);
