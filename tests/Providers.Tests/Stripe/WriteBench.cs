using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Sandbox;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Stripe;

/// <summary>The connector's write side against the simulated Stripe, with an account that has money, and faults on demand.</summary>
public sealed class WriteBench : IAsyncLifetime
{
    public const string Account = "acct_writes1";

    private readonly WebApplication _sandbox = SandboxApplication.Build(
        ["--urls=http://127.0.0.1:0", "--environment=Development", "--Sandbox:Stripe:RequestsPerSecond=0", "--Sandbox:Stripe:Transactions=50", "--Logging:LogLevel:Default=Warning"]);

    private ServiceProvider _services = null!;
    private HttpClient _http = null!;
    private string _address = "";
    private int _marks;

    public IWrites Writes => _services.GetRequiredService<ProviderRegistry>().Writer(ProviderId.Stripe)!;

    public static ProviderAccess Access { get; } = new() { IntegrationId = default, ExternalAccountId = Account };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Another one each time.</summary>
    public WriteMark Mark()
    {
        var number = Interlocked.Increment(ref _marks);
        return new($"ref{number:D6}", $"key-{number:D6}", TimeProvider.System.GetUtcNow());
    }

    /// <summary>Where orders find their files.</summary>
    internal OrderFiles Files { get; } = new();

    public Task<ProviderResult<WriteReceipt>> SendAsync(WriteOrder order, WriteMark mark) => Writes.SendAsync(Access, order, mark, Files, Cancel);

    public Task<ProviderResult<WriteSighting>> LookUpAsync(WriteOrder order, WriteMark mark) => Writes.LookUpAsync(Access, order, mark, Cancel);

    public async Task<WriteReceipt> DoneAsync(WriteOrder order, WriteMark mark)
    {
        var result = await SendAsync(order, mark);
        Assert.True(result.Ok, $"{order}: {result.Error}");
        return result.Value;
    }

    /// <returns>Null: the provider shows nothing of it.</returns>
    public async Task<WriteReceipt?> SeenAsync(WriteOrder order, WriteMark mark)
    {
        var result = await LookUpAsync(order, mark);
        Assert.True(result.Ok, $"{order}: {result.Error}");
        return result.Value.Receipt;
    }

    public async Task<ProviderError> ErrorAsync(WriteOrder order, WriteMark mark)
    {
        var result = await SendAsync(order, mark);
        Assert.False(result.Ok, $"{order}: no error");
        return result.Error!;
    }

    /// <summary>Payouts on the books with the reference, whatever was answered.</summary>
    public async Task<int> MadeAsync(WriteMark mark) => (await RowsAsync("payouts")).Count(p => (string?)p["metadata"]!["fi_reference"] == mark.Reference);

    public async Task<JsonNode> RowAsync(string resource, string id) => (await RowsAsync(resource)).Single(row => (string?)row["id"] == id);

    public async Task<IReadOnlyList<JsonNode>> RowsAsync(string resource)
    {
        var books = await _http.GetFromJsonAsync<JsonObject>($"{_address}/control/stripe/accounts/{Account}/books", Cancel);
        return [.. books![resource]!.AsArray().Select(row => row!)];
    }

    /// <summary>What the provider holds of a file.</summary>
    public async Task<byte[]> ContentAsync(string file)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{_address}/stripe/v1/files/{file}/contents");
        request.Headers.Authorization = new("Bearer", "sk_test_sandbox");
        request.Headers.Add("Stripe-Account", Account);
        using var answer = await _http.SendAsync(request, Cancel);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(Cancel);
    }

    /// <summary>Requests to the provider that were seen on its side.</summary>
    public async Task<int> RequestsAsync(string method) =>
        (await _http.GetFromJsonAsync<JsonArray>($"{_address}/control/requests?provider=stripe", Cancel))!.Count(r => (string?)r!["method"] == method);

    public Task<JsonNode> FaultAsync(object fault) => ControlAsync("faults", fault);

    /// <summary>A fault strikes calls of one method.</summary>
    public Task<JsonNode> FaultAsync(string kind, string method, string path = "/v1", int? status = null, int times = 1, int? milliseconds = 1) =>
        FaultAsync(new { provider = "stripe", path, method, kind, status, times, milliseconds });

    public async Task NoFaultsAsync()
    {
        using var answer = await _http.DeleteAsync(new Uri($"{_address}/control/faults"), Cancel);
        answer.EnsureSuccessStatusCode();
    }

    public async Task<string> AdvanceAsync(string kind) =>
        (string)(await ControlAsync($"stripe/accounts/{Account}/advance", new { kind }))["ids"]![0]!;

    public async ValueTask InitializeAsync()
    {
        await _sandbox.StartAsync(Cancel);
        _address = _sandbox.Urls.Single().TrimEnd('/');
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["STRIPE_CLIENT_ID"] = "ca_sandbox",
            ["STRIPE_CLIENT_SECRET"] = "sk_test_sandbox",
            ["STRIPE_API_BASE"] = $"{_address}/stripe",
            ["STRIPE_CONNECT_BASE"] = $"{_address}/stripe",
            ["STRIPE_FILES_BASE"] = $"{_address}/stripe",
            ["Providers:Stripe:Limits:CallsPerSecondPerAccount"] = "0",
            ["Providers:Stripe:Limits:RetryDelay"] = "00:00:00",
        }).Build();
        var services = new ServiceCollection().AddLogging().AddProviders(configuration);
        services.AddHttpClient("control");
        _services = services.BuildServiceProvider();
        _http = _services.GetRequiredService<IHttpClientFactory>().CreateClient("control");
        await ControlAsync("stripe/accounts", new { id = Account, transactions = 450, seed = 7 });
        await ControlAsync($"stripe/accounts/{Account}/connect", new { scope = "read_write" });
        await EarnAsync();
    }

    /// <summary>
    /// Takes payments until there is more than all payouts and disputes of these tests can take, £5,000: what the account's own past leaves
    /// depends on the hour of its last daily payout.
    /// </summary>
    private async Task EarnAsync()
    {
        for (var rounds = 0; await AvailablePenceAsync() < 500_000; rounds++)
        {
            Assert.True(rounds < 50, "5,000 payments have not brought £5,000.");
            await ControlAsync($"stripe/accounts/{Account}/advance", new { kind = "charge", count = 100 });
            await ControlAsync($"stripe/accounts/{Account}/advance", new { kind = "settle", until = 4_000_000_000 });
        }
    }

    private async Task<long> AvailablePenceAsync()
    {
        var books = await _http.GetFromJsonAsync<JsonObject>($"{_address}/control/stripe/accounts/{Account}/books", Cancel);
        return books!["balance"]!["available"]!.AsArray().Where(sum => (string?)sum!["currency"] == "gbp").Sum(sum => (long)sum!["amount"]!);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _services.DisposeAsync();
        await _sandbox.DisposeAsync();
    }

    private async Task<JsonNode> ControlAsync(string path, object order)
    {
        using var answer = await _http.PostAsJsonAsync($"{_address}/control/{path}", order, Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }
}
