using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Web;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests.Square;

/// <summary>A sandbox with a seller of its own, as an application of Square's sees it.</summary>
public sealed class SquareSeller : IAsyncDisposable
{
    public const string ClientId = "sandbox-sq0idb-sandbox";
    public const string Secret = "sandbox-sq0csb-sandbox";
    public const string AllScopes = "MERCHANT_PROFILE_READ PAYMENTS_READ PAYOUTS_READ DISPUTES_READ BANK_ACCOUNTS_READ";

    private SquareSeller(RunningSandbox sandbox, string id) => (Sandbox, Id) = (sandbox, id);

    public RunningSandbox Sandbox { get; }

    public string Id { get; }

    /// <summary>Empty: nobody is connected.</summary>
    public string Token { get; private set; } = "";

    public string Main { get; private set; } = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The books end now: lists go back one year from the real clock.</summary>
    public static async Task<SquareSeller> StartAsync(int payments = 400, string currency = "GBP", bool connect = true, int seed = 5, params string[] settings)
    {
        var now = TimeProvider.System.GetUtcNow();
        var sandbox = await RunningSandbox.StartAsync([$"--Sandbox:Anchor={now:yyyy-MM-dd'T'HH':00:00Z'}", "--Sandbox:Square:Payments=10", "--Sandbox:Stripe:Transactions=20", .. settings]);
        var seller = new SquareSeller(sandbox, (string)(await sandbox.ControlAsync("/control/square/accounts", new { payments, currency, seed }))["id"]!);
        seller.Main = (string)(await seller.BooksAsync())["main_location"]!;
        if (connect) seller.Token = (string)(await seller.ExchangeAsync((await seller.AuthorizeAsync())["code"])).Body["access_token"]!;
        return seller;
    }

    public Task<JsonNode> BooksAsync() => Sandbox.ControlAsync($"/control/square/accounts/{Id}/books");

    public async Task<IReadOnlyList<string>> AdvanceAsync(string kind, int count = 1) =>
        [.. (await Sandbox.ControlAsync($"/control/square/accounts/{Id}/advance", new { kind, count }))["ids"]!.AsArray().Select(id => (string)id!)];

    public async Task<JsonNode> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Sandbox.Url}/square{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? Token);
        request.Headers.Add("Square-Version", "2025-08-20");
        using var answer = await Sandbox.Client.SendAsync(request, Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.StatusCode == expected, $"{path}: {answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>The code of the first error.</summary>
    public async Task<string> ErrorAsync(string path, HttpStatusCode expected, string? token = null)
    {
        var error = (await GetAsync(path, expected, token))["errors"]![0]!;
        Assert.NotNull(error["category"]);
        Assert.NotNull(error["detail"]);
        return (string)error["code"]!;
    }

    /// <summary>Every row of a list, page by page.</summary>
    public async Task<List<JsonNode>> ListAsync(string path, string name)
    {
        var rows = new List<JsonNode>();
        string? cursor = null;
        do
        {
            var page = await GetAsync($"{path}{(cursor is null ? "" : $"{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}cursor={Uri.EscapeDataString(cursor)}")}");
            rows.AddRange(page[name]?.AsArray().OfType<JsonNode>() ?? []);
            cursor = (string?)page["cursor"];
        }
        while (cursor is not null);
        return rows;
    }

    /// <summary>What the callback is called with.</summary>
    public async Task<Dictionary<string, string>> AuthorizeAsync(string? choice = null, string? challenge = null, string scope = AllScopes)
    {
        var query = $"client_id={ClientId}&response_type=code&scope={Uri.EscapeDataString(scope)}&state=s1&session=false"
            + $"&redirect_uri={Uri.EscapeDataString(RunningSandbox.Callback)}&{choice ?? "sandbox_account=" + Id}"
            + (challenge is null ? "" : $"&code_challenge={challenge}&code_challenge_method=S256");
        using var answer = await Sandbox.Client.GetAsync(new Uri($"{Sandbox.Url}/square/oauth2/authorize?{query}"), Cancel);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        var carried = HttpUtility.ParseQueryString(answer.Headers.Location!.Query);
        return carried.AllKeys.OfType<string>().ToDictionary(key => key, key => carried[key]!);
    }

    public Task<(HttpStatusCode Status, JsonNode Body)> ExchangeAsync(string code) => PostAsync(
        "/oauth2/token", new { client_id = ClientId, client_secret = Secret, grant_type = "authorization_code", code, redirect_uri = RunningSandbox.Callback });

    public async Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(string path, object body, string? authorization = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Sandbox.Url}/square{path}") { Content = JsonContent.Create(body) };
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var answer = await Sandbox.Client.SendAsync(request, Cancel);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!);
    }

    public ValueTask DisposeAsync() => Sandbox.DisposeAsync();
}
