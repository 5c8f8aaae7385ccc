using System.Text.Json.Nodes;
using System.Web;

namespace FinanceIntegrations.Testing;

/// <summary>What a user's application does: create, connect, sync.</summary>
public sealed partial class ApiUser
{
    private static readonly TimeSpan RunLimit = TimeSpan.FromMinutes(2);

    /// <returns>The new integration's id.</returns>
    public async Task<string> CreateStripeAsync(string name = "Shop", int? frequency = null, CancellationToken cancel = default) =>
        (await PostAsync("/", StripeIntegration(name, frequency), cancel)).MustBeOk("create")["id"];

    public static object StripeIntegration(string name, int? frequency = null) =>
        new { name, integration_type = "payment_processor", provider = "stripe", sync_frequency_minutes = frequency };

    /// <summary>Creates, connects to the simulated PayPal, and waits until everything is read.</summary>
    public async Task<string> PayPalConnectedAsync(string account, CancellationToken cancel = default)
    {
        var id = (await PostAsync("/", new { name = "Shop", integration_type = "payment_processor", provider = "paypal" }, cancel)).MustBeOk("create")["id"];
        await ConnectAsync(id, account, cancel);
        await HistoryReadAsync(id, cancel);
        return id;
    }

    /// <summary>The attention list of an integration, without what the calendar puts there: a plausible business may have a dispute that is due.</summary>
    public async Task<List<JsonNode>> AttentionAsync(string id, string status = "open", CancellationToken cancel = default) =>
        [.. (await ListAsync($"/attention?integration={id}&status={status}", cancel: cancel)).Where(item => (string?)item["kind"] != "dispute_due")];

    /// <summary>Begins an authorization.</summary>
    public async Task<string> AuthorizeAsync(string id, CancellationToken cancel = default) =>
        (await PostAsync("/oauth/authorize", new { integration_id = id }, cancel)).MustBeOk("authorize")["authorization_url"];

    /// <summary>What a person does at the provider's page: consents, or as the choice says. Answers what the callback carries.</summary>
    /// <param name="choice"><c>sandbox_account=acct_…</c>, <c>sandbox_deny=1</c>.</param>
    public async Task<Dictionary<string, string>> ConsentAsync(string authorizationUrl, string choice, CancellationToken cancel = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{authorizationUrl}&{choice}"));
        using var answer = await _http.SendAsync(request, cancel);
        var callback = answer.Headers.Location ?? throw new InvalidOperationException($"the consent page answered {(int)answer.StatusCode}");
        var query = HttpUtility.ParseQueryString(callback.Query);
        return query.AllKeys.OfType<string>().ToDictionary(key => key, key => query[key]!);
    }

    /// <summary>Connects to an account of the sandbox, from the authorization to the tokens. Answers what the callback carried.</summary>
    public async Task<Dictionary<string, string>> ConnectAsync(string id, string account, CancellationToken cancel = default)
    {
        var carried = await ConsentAsync(await AuthorizeAsync(id, cancel), $"sandbox_account={account}", cancel);
        (await PostAsync("/oauth/token", carried, cancel)).MustBeOk("token");
        return carried;
    }

    /// <summary>A hosted authorization, as a browser goes through it. Answers the page at its end.</summary>
    public async Task<ApiAnswer> HostedConsentAsync(string id, string choice, CancellationToken cancel = default)
    {
        var begun = (await PostAsync("/oauth/authorize", new { integration_id = id, hosted = true }, cancel)).MustBeOk("authorize");
        using var start = await _http.GetAsync(new Uri(begun["start_url"]), cancel);
        var cookie = start.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        using var consented = await _http.GetAsync(new Uri($"{begun["authorization_url"]}&{choice}"), cancel);
        using var callback = new HttpRequestMessage(HttpMethod.Get, consented.Headers.Location);
        callback.Headers.Add("Cookie", cookie);
        using var page = await _http.SendAsync(callback, cancel);
        return await ApiAnswer.ReadAsync(page, cancel);
    }

    /// <summary>Creates, connects, and waits until everything is read: the first sync's window, and then history.</summary>
    public async Task<string> ConnectedAsync(string account, int? frequency = null, CancellationToken cancel = default)
    {
        var id = await CreateStripeAsync(frequency: frequency, cancel: cancel);
        await ConnectAsync(id, account, cancel);
        await HistoryReadAsync(id, cancel);
        return id;
    }

    /// <summary>The first sync has ended well, and history is read to its beginning, if there is any behind the first sync's window.</summary>
    public Task HistoryReadAsync(string id, CancellationToken cancel = default) =>
        Eventually.HoldsAsync($"history of {id} is read", async () => (await GetAsync($"/{id}/status", cancel)).MustBeOk("status").Json!,
            seen => seen["current_run"] is null && (string?)seen["last_run"]?["status"] == "succeeded"
                && (seen["history"] is not { } history || (string?)history["state"] == "complete"), RunLimit, cancel);

    /// <summary>Starts a sync, or joins the one that runs, and answers the run when it has ended.</summary>
    public async Task<JsonNode> SyncAsync(string id, bool full = false, CancellationToken cancel = default)
    {
        var answer = await SendAsync(
            HttpMethod.Post, $"/{id}/sync?force=true{(full ? "&full=true" : "")}", null, cancel, ("Prefer", "wait=60"));
        var run = answer.MustBeOk("sync")["run_id"];
        return await EndOfRunAsync(id, run, cancel);
    }

    public async Task<JsonNode> EndOfRunAsync(string id, string run, CancellationToken cancel = default) =>
        await Eventually.HoldsAsync($"run {run} of {id} ends", async () => (await GetAsync($"/{id}/syncs/{run}", cancel)).MustBeOk("run").Json!,
            seen => seen["ended_at"] is not null, RunLimit, cancel);

    /// <summary>The newest run, once it has ended as told.</summary>
    public async Task<JsonNode> NewestRunAsync(string id, string status, CancellationToken cancel = default) =>
        (await Eventually.HoldsAsync($"the newest run of {id} ends {status}",
            async () => (await GetAsync($"/{id}/syncs?limit=1", cancel)).MustBeOk("runs").Json!["items"]!.AsArray().FirstOrDefault(),
            seen => (string?)seen?["status"] == status, RunLimit, cancel))!;
}
