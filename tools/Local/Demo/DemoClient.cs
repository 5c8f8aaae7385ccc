using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Web;
using FinanceIntegrations.Local.Services;

namespace FinanceIntegrations.Local.Demo;

/// <summary>The calls that a user's application would make. All that the demo knows of the api's and the sandbox's spelling is here.</summary>
internal sealed class DemoClient : IDisposable
{
    private const string Base = "/api/integrations";
    private const int PageSize = 500;

    /// <summary>The api limits how often it is asked.</summary>
    private const int PagesCounted = 20;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly Uri _api;
    private readonly Uri _sandbox;
    private readonly HttpClient _http;

    public DemoClient(string api, string sandbox, string token)
    {
        _api = new(api);
        _sandbox = new(sandbox);
        // Loopback only; redirects are the answers that the demo reads.
        _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(100) };
        _http.DefaultRequestHeaders.Authorization = new("Bearer", token);
    }

    public void Dispose() => _http.Dispose();

    public async Task<JsonNode?> FindAsync(string name, CancellationToken cancel) =>
        (await AllAsync($"{Base}/", cancel)).FirstOrDefault(item => (string?)item["name"] == name);

    public async Task<IReadOnlyList<string>> StripeAccountsAsync(CancellationToken cancel) =>
        [.. (await AllAsync($"{Base}/", cancel))
            .Where(item => (string?)item["provider"] == "stripe")
            .Select(item => (string?)item["external_account_id"])
            .OfType<string>()
            .Distinct()];

    public async Task<JsonNode> CreateAsync(string name, CancellationToken cancel) =>
        await PostAsync($"{Base}/", new { name, integration_type = "payment_processor", provider = "stripe", sync_frequency_minutes = 15 }, cancel);

    public Task<JsonNode> GetAsync(string id, CancellationToken cancel) => SendAsync(HttpMethod.Get, $"{Base}/{id}", null, cancel);

    /// <summary>Consents as the user would in the browser.</summary>
    /// <param name="id">The integration.</param>
    /// <param name="cancel">Stops the wait.</param>
    /// <param name="account">Whose consent; the sandbox's first account unless told.</param>
    public async Task ConnectAsync(string id, CancellationToken cancel, string? account = null)
    {
        var begun = await PostAsync($"{Base}/oauth/authorize", new { integration_id = id }, cancel);
        var consent = (string?)begun["authorization_url"] + (account is null ? "&sandbox_approve=1" : "&sandbox_account=" + account);
        using var answer = await _http.GetAsync(new Uri(consent), cancel);
        if (answer.Headers.Location is not { } callback)
            throw new LocalStartException($"the sandbox's consent page answered {(int)answer.StatusCode} and did not go on to the callback");
        var query = HttpUtility.ParseQueryString(new Uri(_api, callback).Query);
        var carried = query.AllKeys.OfType<string>().ToDictionary(key => key, key => query[key]);
        await PostAsync($"{Base}/oauth/token", carried, cancel);
    }

    /// <summary>Waits until everything is read, the first sync's window and the history behind it, and answers the runs that did, newest first.</summary>
    public async Task<IReadOnlyList<JsonNode>> WholeAsync(string id, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (true)
        {
            var status = await SendAsync(HttpMethod.Get, $"{Base}/{id}/status", null, cancel);
            var failed = status["last_problem"] is not null;
            if (status["current_run"] is null && (failed || status["history"] is not { } history || (string?)history["state"] == "complete"))
                return [.. (await AllAsync($"{Base}/{id}/syncs", cancel)).Where(run => (string?)run["trigger"] is "connected" or "backfill")];
            await timer.WaitForNextTickAsync(cancel);
        }
    }

    /// <summary>How many records of a kind are held, or how many webhook events; whoever holds very many is not counted to the end.</summary>
    public async Task<(int Seen, bool More)> CountAsync(string id, string kind, CancellationToken cancel)
    {
        var (items, more) = await ListAsync($"{Base}/{id}/{kind}", PagesCounted, cancel);
        return (items.Count, more);
    }

    /// <summary>The newest webhook event; null if there is none.</summary>
    public async Task<JsonNode?> NewestEventAsync(string id, CancellationToken cancel) =>
        (await SendAsync(HttpMethod.Get, $"{Base}/{id}/webhook-events?limit=1", null, cancel))["items"]?.AsArray().FirstOrDefault();

    public async Task<string> HealthScoreAsync(string id, CancellationToken cancel) =>
        (await SendAsync(HttpMethod.Get, $"{Base}/{id}/status", null, cancel))["health_score"]?.ToString() ?? "unknown";

    public async Task SendWebhookAsync(string account, string secret, CancellationToken cancel)
    {
        var order = new { url = new Uri(_api, EndpointPaths.StripeWebhooks), secret, account, type = "payout.paid", count = 1 };
        using var answer = await _http.PostAsJsonAsync(new Uri(_sandbox, "/control/stripe/webhooks"), order, Json, cancel);
        await RequireSuccessAsync(answer, "the sandbox's webhook", cancel);
    }

    private async Task<IReadOnlyList<JsonNode>> AllAsync(string path, CancellationToken cancel) =>
        (await ListAsync(path, int.MaxValue, cancel)).Items;

    private async Task<(List<JsonNode> Items, bool More)> ListAsync(string path, int pages, CancellationToken cancel)
    {
        List<JsonNode> items = [];
        var cursor = "";
        for (var read = 0; cursor is not null && read < pages; read++)
        {
            var page = await SendAsync(HttpMethod.Get, $"{path}?limit={PageSize}{cursor}", null, cancel);
            items.AddRange(page["items"]?.AsArray().OfType<JsonNode>() ?? []);
            cursor = page["next_cursor"] is { } next ? $"&cursor={Uri.EscapeDataString(next.ToString())}" : null;
        }
        return (items, cursor is not null);
    }

    private Task<JsonNode> PostAsync(string path, object body, CancellationToken cancel) => SendAsync(HttpMethod.Post, path, body, cancel);

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, new Uri(_api, path));
        request.Content = body is null ? null : JsonContent.Create(body, options: Json);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var answer = await _http.SendAsync(request, cancel);
        await RequireSuccessAsync(answer, $"{method} {path}", cancel);
        return await answer.Content.ReadFromJsonAsync<JsonNode>(Json, cancel)
            ?? throw new LocalStartException($"{method} {path} answered {(int)answer.StatusCode} without a body");
    }

    private static async Task RequireSuccessAsync(HttpResponseMessage answer, string what, CancellationToken cancel)
    {
        if (answer.StatusCode >= HttpStatusCode.BadRequest)
            throw new LocalStartException($"{what} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancel)}");
    }
}
