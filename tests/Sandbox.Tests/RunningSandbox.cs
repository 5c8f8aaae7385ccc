using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests;

/// <summary>A sandbox in this process, on a port of its own, with a fixed anchor and no rate limit unless a test asks for one.</summary>
public sealed class RunningSandbox : IAsyncDisposable
{
    public const string Key = "sk_test_sandbox";
    public const string Callback = "http://127.0.0.1:9/callback";
    private readonly WebApplication _app;

    private RunningSandbox(WebApplication app)
    {
        _app = app;
        Url = app.Urls.Single();
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(Url) };
    }

    public string Url { get; }

    /// <summary>Can be read when the sandbox is gone, too: nothing is under way then.</summary>
    internal RequestLog Requests => _app.Services.GetRequiredService<RequestLog>();
    public HttpClient Client { get; }

    /// <summary>The default account; nobody is connected to it yet.</summary>
    public string Account { get; private set; } = "";

    public static async Task<RunningSandbox> StartAsync(params string[] settings)
    {
        var app = SandboxApplication.Build(
        [
            "--environment=Development", "--urls=http://127.0.0.1:0", "--Sandbox:Anchor=2026-06-17T15:00:00Z",
            "--Sandbox:Stripe:RequestsPerSecond=0", "--Logging:LogLevel:Default=Warning", .. settings,
        ]);
        await app.StartAsync(TestContext.Current.CancellationToken);
        var sandbox = new RunningSandbox(app);
        sandbox.Account = (string)(await sandbox.ControlAsync("/control/stripe/accounts"))[0]!["id"]!;
        return sandbox;
    }

    public static async Task<RunningSandbox> StartConnectedAsync(params string[] settings)
    {
        var sandbox = await StartAsync(settings);
        await sandbox.ControlAsync($"/control/stripe/accounts/{sandbox.Account}/connect", new { });
        return sandbox;
    }

    public async Task<JsonNode> ControlAsync(string path, object? body = null)
    {
        using var answer = body is null
            ? await Client.GetAsync(new Uri(Url + path), TestContext.Current.CancellationToken)
            : await Client.PostAsJsonAsync(new Uri(Url + path), body, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    /// <summary>As the platform, for the account given or the default one.</summary>
    public Task<HttpResponseMessage> SendAsync(string path, string? account = null, string key = Key)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, Url + path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (account != "") request.Headers.Add("Stripe-Account", account ?? Account);
        return Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async Task<JsonNode> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK, string? account = null, string key = Key)
    {
        using var answer = await SendAsync(path, account, key);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == expected, $"{path}: {answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>Every row of a list, page by page, from the newest to the oldest.</summary>
    public async Task<List<JsonNode>> ListAsync(string path, int limit = 100)
    {
        var rows = new List<JsonNode>();
        while (true)
        {
            var after = rows.Count == 0 ? "" : $"&starting_after={rows[^1]["id"]}";
            var page = await GetAsync($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit={limit}{after}");
            rows.AddRange(page["data"]!.AsArray().OfType<JsonNode>());
            if (!(bool)page["has_more"]!) return rows;
        }
    }

    /// <summary>What the callback of an authorization would be called with.</summary>
    public async Task<Dictionary<string, string>> AuthorizeAsync(string choice, string scope = "read_write")
    {
        var query = $"client_id=ca_sandbox&response_type=code&scope={scope}&state=s1&redirect_uri={Uri.EscapeDataString(Callback)}&{choice}";
        using var answer = await Client.GetAsync(new Uri($"{Url}/stripe/oauth/authorize?{query}"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.StartsWith(Callback, answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        return answer.Headers.Location.Query[1..].Split('&').Select(part => part.Split('='))
            .ToDictionary(part => part[0], part => Uri.UnescapeDataString(part[1].Replace('+', ' ')));
    }

    public async Task<(HttpStatusCode Status, JsonNode Body)> PostFormAsync(string path, params (string Name, string Value)[] fields)
    {
        using var form = new StringContent(
            string.Join('&', fields.Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value)}")), Encoding.UTF8,
            "application/x-www-form-urlencoded");
        using var answer = await Client.PostAsync(new Uri(Url + path), form, TestContext.Current.CancellationToken);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!);
    }

    /// <summary>A call that changes something, as the platform for the default account.</summary>
    /// <param name="idempotencyKey">Null: none is sent.</param>
    public async Task<Written> WriteAsync(string path, string? idempotencyKey = null, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url + path)
        {
            Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
        };
        return await WrittenAsync(request, idempotencyKey);
    }

    private async Task<Written> WrittenAsync(HttpRequestMessage request, string? idempotencyKey)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        request.Headers.Add("Stripe-Account", Account);
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        using var answer = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return new(
            (int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!,
            answer.Headers.TryGetValues("Idempotent-Replayed", out var replayed) && replayed.Single() == "true",
            answer.Headers.GetValues("Request-Id").Single());
    }

    /// <summary>Uploads a file, as the platform for the default account.</summary>
    public async Task<Written> UploadAsync(byte[] content, string name = "receipt.pdf", string purpose = "dispute_evidence", string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url + "/v1/files")
        {
            Content = new MultipartFormDataContent { { new StringContent(purpose), "purpose" }, { new ByteArrayContent(content), "file", name } },
        };
        return await WrittenAsync(request, idempotencyKey);
    }

    public Task<(HttpStatusCode Status, JsonNode Body)> ExchangeAsync(string code) => PostFormAsync(
        "/oauth/token", ("grant_type", "authorization_code"), ("code", code), ("client_secret", Key));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}

/// <summary>What a call that changes something was answered.</summary>
public sealed record Written(int Status, JsonNode Body, bool Replayed, string RequestId)
{
    public string? Error => (string?)Body["error"]?["code"] ?? (string?)Body["error"]?["type"];
}
