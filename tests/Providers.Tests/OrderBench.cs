using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Web;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Sandbox;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace FinanceIntegrations.Providers.Tests;

/// <summary>A connector's write side against its simulated provider: real HTTP, faults on demand, and every exchange kept.</summary>
public abstract class OrderBench(ProviderId provider) : IAsyncLifetime
{
    private readonly WebApplication _sandbox = SandboxApplication.Build(
        ["--urls=http://127.0.0.1:0", "--environment=Development", "--Sandbox:Stripe:Transactions=50", "--Logging:LogLevel:Default=Warning"]);

    private readonly ConcurrentQueue<Exchange> _exchanges = new();
    private ServiceProvider _services = null!;
    private HttpClient _http = null!;
    private int _marks;

    public string Account { get; protected set; } = "";

    public ProviderAccess Access { get; private set; } = new() { IntegrationId = default };

    public IWrites Writes => Registry.Writer(provider)!;

    protected IConnector Connector => Registry.Find(provider)!;

    protected string Address { get; private set; } = "";

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    internal IReadOnlyList<Exchange> Exchanges => [.. _exchanges];

    private ProviderRegistry Registry => _services.GetRequiredService<ProviderRegistry>();

    /// <summary>Another one each time.</summary>
    public WriteMark Mark()
    {
        var number = Interlocked.Increment(ref _marks);
        return new($"ref{number:D6}", $"key-{number:D6}", TimeProvider.System.GetUtcNow());
    }

    public Task<ProviderResult<WriteReceipt>> SendAsync(WriteOrder order, WriteMark mark, IOrderFiles? files = null) =>
        Writes.SendAsync(Access, order, mark, files ?? OrderFiles.None, Cancel);

    public Task<ProviderResult<WriteSighting>> LookUpAsync(WriteOrder order, WriteMark mark) => Writes.LookUpAsync(Access, order, mark, Cancel);

    public async Task<WriteReceipt> DoneAsync(WriteOrder order, WriteMark mark, IOrderFiles? files = null)
    {
        var result = await SendAsync(order, mark, files);
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

    public async Task<ProviderError> ErrorAsync(WriteOrder order, WriteMark mark, IOrderFiles? files = null)
    {
        var result = await SendAsync(order, mark, files);
        Assert.False(result.Ok, $"{order}: no error");
        return result.Error!;
    }

    /// <summary>A fault strikes calls of one method, on paths with that beginning.</summary>
    public Task<JsonNode> FaultAsync(string kind, string method, string path, int? status = null, int after = 0) =>
        ControlAsync("faults", new { provider = provider.Value, path, method, kind, status, after, times = 1, milliseconds = 1 });

    public async Task<string> AdvanceAsync(string kind) =>
        (string)(await ControlAsync($"{provider.Value}/accounts/{Account}/advance", new { kind }))["ids"]![0]!;

    public async Task<JsonObject> BooksAsync() =>
        (await _http.GetFromJsonAsync<JsonObject>($"{Address}/control/{provider.Value}/accounts/{Account}/books", Cancel))!;

    public async Task<JsonNode> RowAsync(string kind, string key, string id) => (await BooksAsync())[kind]!.AsArray().Single(row => (string?)row![key] == id)!;

    public async Task<IReadOnlyList<string>> EventsAsync() => [.. (await BooksAsync())["events"]!.AsArray().Select(one => (string)(one!["event_type"] ?? one["type"])!)];

    public async ValueTask InitializeAsync()
    {
        await _sandbox.StartAsync(Cancel);
        Address = _sandbox.Urls.Single().TrimEnd('/');
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(Settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build();
        var services = new ServiceCollection().AddLogging().AddProviders(configuration);
        services.AddHttpClient(provider.Value).AddHttpMessageHandler(() => new Recorder(_exchanges));
        services.AddHttpClient("control").ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler { AllowAutoRedirect = false });
        _services = services.BuildServiceProvider();
        _http = _services.GetRequiredService<IHttpClientFactory>().CreateClient("control");
        await OpenAsync();
        await LogInAsync();
        _exchanges.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _services.DisposeAsync();
        await _sandbox.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract IEnumerable<(string Key, string Value)> Settings { get; }

    /// <summary>Makes the account.</summary>
    protected abstract Task OpenAsync();

    protected async Task<JsonNode> ControlAsync(string path, object order)
    {
        using var answer = await _http.PostAsJsonAsync($"{Address}/control/{path}", order, Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    private async Task LogInAsync()
    {
        var auth = Registry.Authorizer(provider)!;
        var callback = new Uri("http://127.0.0.1:9/callback");
        var url = auth.AuthorizationUrl(new("state-1", callback, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));   // RFC 7636's own pair
        using var answer = await _http.GetAsync($"{url}&sandbox_account={Account}", Cancel);
        Assert.True(answer.Headers.Location is not null, $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancel)}");
        var code = HttpUtility.ParseQueryString(answer.Headers.Location.Query)["code"]!;
        var grant = (await auth.ExchangeAsync(new(code, callback, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), Cancel)).Value;
        Access = new() { IntegrationId = default, ExternalAccountId = Account, AccessToken = grant.AccessToken };
    }

    internal sealed record Exchange(SentRequest Request, int Status, string Answer)
    {
        public JsonNode? Json => JsonNode.Parse(Answer);
    }

    private sealed class Recorder(ConcurrentQueue<Exchange> exchanges) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var sent = await SentRequest.OfAsync(request, cancellationToken);
            var answer = await base.SendAsync(request, cancellationToken);
            await answer.Content.LoadIntoBufferAsync(cancellationToken);
            exchanges.Enqueue(new(sent, (int)answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellationToken)));
            return answer;
        }
    }
}
