using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Web;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Domain.Webhooks;
using FinanceIntegrations.Sandbox;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.PayPal;

/// <summary>The connector against the simulated PayPal: real HTTP, real OAuth, real books.</summary>
public sealed class PayPalSandboxTests : IAsyncLifetime
{
    /// <summary>So few rows per query, that windows of a month have too many.</summary>
    private readonly WebApplication _sandbox = SandboxApplication.Build(
        ["--urls=http://127.0.0.1:0", "--environment=Development", "--Sandbox:PayPal:MaxRows=15", "--Sandbox:Stripe:Transactions=50", "--Logging:LogLevel:Default=Warning"]);

    private ServiceProvider _services = null!;
    private ProviderRegistry _registry = null!;
    private HttpClient _http = null!;
    private string _address = "";
    private string _account = "";
    private TokenGrant _grant = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ProviderAccess Access => new() { IntegrationId = default, ExternalAccountId = _account, AccessToken = _grant.AccessToken };

    private IConnector Connector => _registry.Find(ProviderId.PayPal)!;

    private IAuthorizes Auth => _registry.Authorizer(ProviderId.PayPal)!;

    [Fact]
    public async Task A_full_pass_is_exactly_the_books_to_the_cent()
    {
        using var books = await Books();
        var rows = books.RootElement.GetProperty("transactions").EnumerateArray().Select(r => r.GetProperty("transaction_info")).ToList();
        var read = (await Pass("transactions", null)).Records.Cast<Transaction>().ToList();
        Assert.Equal(200, rows.Count);
        Assert.Equal(rows.Select(Text("transaction_id")).Order(StringComparer.Ordinal), read.Select(r => r.ExternalId.Split('|')[0]).Order(StringComparer.Ordinal));
        var totals = books.RootElement.GetProperty("balances").EnumerateArray().ToDictionary(b => Text("currency")(b), b => decimal.Parse(Text("total")(b), CultureInfo.InvariantCulture));
        Assert.Equal(
            totals.OrderBy(total => total.Key),
            read.Where(t => t.Status == "posted").GroupBy(t => t.Currency).Select(g => KeyValuePair.Create(g.Key, g.Sum(t => t.Net))).OrderBy(total => total.Key));
        var withdrawals = rows.Where(r => Text("transaction_event_code")(r) == "T0400").ToList();
        var payouts = (await Pass("payouts", null)).Records.Cast<Payout>().ToList();
        Assert.NotEmpty(withdrawals);
        Assert.Equal(withdrawals.Sum(Amount), -payouts.Sum(p => p.Amount));
        Assert.Equal(withdrawals.Count, payouts.Count);
    }

    [Fact]
    public async Task Balances_disputes_and_the_account_are_the_books()
    {
        using var books = await Books();
        var balances = (await Pass("balances", null)).Records.Cast<Balance>().ToDictionary(b => b.Currency, b => (b.Available, b.Reserved));
        Assert.Equal(
            books.RootElement.GetProperty("balances").EnumerateArray().ToDictionary(b => Text("currency")(b), b => (Decimal(b, "available"), (decimal?)Decimal(b, "withheld"))).OrderBy(b => b.Key),
            balances.OrderBy(b => b.Key));
        var oldest = TimeProvider.System.GetUtcNow().AddDays(-179);
        var disputes = books.RootElement.GetProperty("disputes").EnumerateArray().Where(d => d.GetProperty("update_time").GetDateTimeOffset() > oldest).ToList();
        var read = (await Pass("disputes", null)).Records.Cast<Dispute>().ToList();
        Assert.Equal(disputes.Select(Text("dispute_id")).Order(StringComparer.Ordinal), read.Select(d => d.ExternalId).Order(StringComparer.Ordinal));
        Assert.Equal(_account, Assert.Single((await Pass("accounts", null)).Records).ExternalId);
        Assert.True((await Connector.TestAsync(Access, Cancel)).Success);
    }

    [Theory]
    [InlineData("sale", "transactions")]
    [InlineData("refund", "transactions")]
    [InlineData("withdrawal", "payouts")]
    [InlineData("settle", "transactions")]
    [InlineData("dispute", "disputes")]
    [InlineData("dispute_resolved", "disputes")]
    public async Task A_delta_sees_what_happened(string kind, string stream)
    {
        if (kind == "settle") await Control($"accounts/{_account}/advance", new { kind = "pending_sale" });
        if (kind == "dispute_resolved") await Control($"accounts/{_account}/advance", new { kind = "dispute" });
        var first = await Pass(stream, null);
        var ids = (await Control($"accounts/{_account}/advance", new { kind })).GetProperty("ids").EnumerateArray().Select(id => id.GetString()!).ToList();
        Assert.NotEmpty(ids);
        var seen = (await Pass(stream, first.Cursors[^1])).Records;
        Assert.All(ids, id => Assert.Contains(seen, r => r.ExternalId.Split('|')[0] == id));
        if (kind == "settle")
            Assert.Equal("posted", seen.Cast<Transaction>().Last(t => t.ExternalId.Split('|')[0] == ids[0]).Status);
        if (kind == "dispute_resolved") Assert.Contains(seen.Cast<Dispute>().Single(d => d.ExternalId == ids[0]).Status, (string[])["won", "lost"]);
    }

    [Fact]
    public async Task A_pass_resumed_at_any_page_is_the_same_pass()
    {
        var whole = await Pass("transactions", null);
        Assert.True(whole.Cursors.Count > 10);
        foreach (var page in new[] { 0, 5, whole.Cursors.Count - 2 })
        {
            var rest = await Pass("transactions", whole.Cursors[page]);
            Assert.Equal(whole.Cursors[^1], rest.Cursors[^1]);
            Assert.Equal(whole.Records.TakeLast(rest.Records.Count).Select(r => r.ExternalId), rest.Records.Select(r => r.ExternalId));
        }
    }

    [Fact]
    public async Task The_token_is_the_same_until_it_dies_and_a_dead_one_is_replaced()
    {
        var again = (await ((IIssuesTokens)Auth).IssueAsync(_account, Cancel)).Value;
        Assert.Equal(_grant.AccessToken, again.AccessToken);
        Assert.True(again.ExpiresIn <= _grant.ExpiresIn);
        await Control("tokens/expire", new { seconds = 60 });
        var refused = (await Connector.FetchPageAsync(new(Access, "balances", null, false), Cancel)).Error!;
        Assert.Equal((ErrorClass.Authentication, "invalid_token"), (refused.Class, refused.Code));
        _grant = (await ((IIssuesTokens)Auth).IssueAsync(_account, Cancel)).Value;
        Assert.InRange(_grant.ExpiresIn!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        Assert.True((await Connector.FetchPageAsync(new(Access, "balances", null, false), Cancel)).Ok);
    }

    [Fact]
    public async Task A_withdrawn_permission_needs_the_merchant_and_a_new_log_in_mends_it()
    {
        await Control($"accounts/{_account}/revoke", new { });
        var refused = (await Connector.FetchPageAsync(new(Access, "balances", null, false), Cancel)).Error!;
        Assert.Equal((ErrorClass.Consent, "NOT_AUTHORIZED", true), (refused.Class, refused.Code, refused.NeedsUser));
        await LogIn();
        Assert.True((await Connector.FetchPageAsync(new(Access, "balances", null, false), Cancel)).Ok);
    }

    [Fact]
    public async Task A_code_works_once()
    {
        var code = await Code();
        Assert.True((await Auth.ExchangeAsync(code, Cancel)).Ok);
        Assert.Equal((ErrorClass.Consent, "access_denied"), (await Auth.ExchangeAsync(code, Cancel)).Error is { } error ? (error.Class, error.Code) : default);
    }

    [Fact]
    public async Task The_apps_own_account_is_read_without_a_log_in()
    {
        await using var services = new ServiceCollection().AddLogging().AddProviders(Configuration(("PAYPAL_OWN_ACCOUNT", "true"))).BuildServiceProvider();
        var registry = services.GetRequiredService<ProviderRegistry>();
        var callback = new Uri("http://127.0.0.1:9/callback");
        var carried = HttpUtility.ParseQueryString(registry.Authorizer(ProviderId.PayPal)!.AuthorizationUrl(new("state-1", callback, "challenge")).Query);
        var grant = (await registry.Authorizer(ProviderId.PayPal)!.ExchangeAsync(new(carried["code"]!, callback, "verifier"), Cancel)).Value;
        var own = JsonDocument.Parse(await _http.GetByteArrayAsync($"{_address}/control/paypal/accounts", Cancel)).RootElement.EnumerateArray().Single(a => a.GetProperty("own").GetBoolean());
        Assert.Equal((own.GetProperty("id").GetString(), null), (grant.ExternalAccountId, grant.RefreshToken));
        (_account, _grant) = (grant.ExternalAccountId!, grant);
        _registry = registry;
        Assert.Equal(own.GetProperty("transactions").GetInt32(), (await Pass("transactions", null)).Records.Count);
        Assert.True((await Connector.TestAsync(Access, Cancel)).Success);
    }

    /// <summary>The certificate fetched from the simulated PayPal, and its own word on the same events.</summary>
    [Theory]
    [InlineData("certificate")]
    [InlineData("api")]
    public async Task A_signed_event_is_authentic_and_no_other_is(string verification)
    {
        await Control($"accounts/{_account}/advance", new { kind = "sale" });
        var (body, headers) = await SentAsync("8PT597110X687430L");
        await using var services = new ServiceCollection().AddLogging().AddProviderCatalogue(Configuration(
            ("PAYPAL_WEBHOOK_VERIFICATION", verification), ("PAYPAL_WEBHOOK_ROOTS", await _http.GetStringAsync($"{_address}/control/paypal/root", Cancel)))).BuildServiceProvider();
        var webhooks = services.GetRequiredService<ProviderCatalogue>().Webhooks(ProviderId.PayPal)!;
        Assert.Equal(WebhookVerdict.Authentic, await VerdictAsync(body, "another", "8PT597110X687430L"));
        Assert.Equal(WebhookVerdict.Forged, await VerdictAsync(body, "another"));
        Assert.Equal(WebhookVerdict.Forged, await VerdictAsync([.. body, (byte)' '], "8PT597110X687430L"));
        if (verification == "certificate") Assert.Equal(WebhookVerdict.Authentic, webhooks.Verify(body, headers, [WebhookSecret.FromText("8PT597110X687430L")], Now()));
        Assert.Equal(_account, webhooks.ReadEnvelope(body)!.Account);

        async Task<WebhookVerdict> VerdictAsync(byte[] bytes, params string[] ids)
        {
            WebhookSecret[] secrets = [.. ids.Select(WebhookSecret.FromText)];
            var verdict = webhooks.Verify(bytes, headers, secrets, Now());
            return verdict == WebhookVerdict.Undecided ? await ((IDecidesWebhooks)webhooks).DecideAsync(bytes, headers, secrets, Now(), Cancel) : verdict;
        }

        static DateTimeOffset Now() => TimeProvider.System.GetUtcNow();
    }

    public async ValueTask InitializeAsync()
    {
        await _sandbox.StartAsync(Cancel);
        _address = _sandbox.Urls.Single().TrimEnd('/');
        var services = new ServiceCollection().AddLogging().AddProviders(Configuration());
        services.AddHttpClient("control").ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler { AllowAutoRedirect = false });
        _services = services.BuildServiceProvider();
        _registry = _services.GetRequiredService<ProviderRegistry>();
        _http = _services.GetRequiredService<IHttpClientFactory>().CreateClient("control");
        _account = (await Control("accounts", new { transactions = 200, seed = 7 })).GetProperty("id").GetString()!;
        await LogIn();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _services.DisposeAsync();
        await _sandbox.DisposeAsync();
    }

    private static Func<JsonElement, string> Text(string name) => row => row.GetProperty(name).GetString()!;

    private static decimal Amount(JsonElement row) => Decimal(row.GetProperty("transaction_amount"), "value");

    private static decimal Decimal(JsonElement row, string name) => decimal.Parse(Text(name)(row), CultureInfo.InvariantCulture);

    private IConfiguration Configuration(params (string Key, string Value)[] more) => new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["PAYPAL_CLIENT_ID"] = "paypal-sandbox",
        ["PAYPAL_CLIENT_SECRET"] = "paypal-sandbox-secret",
        ["PAYPAL_API_BASE"] = $"{_address}/paypal",
        ["PAYPAL_LOGIN_BASE"] = $"{_address}/paypal",
        ["Providers:PayPal:Limits:CallsPerSecondPerAccount"] = "0",
    }).AddInMemoryCollection(more.Select(one => KeyValuePair.Create(one.Key, (string?)one.Value))).Build();

    /// <summary>The newest event as it arrives at an endpoint.</summary>
    private async Task<(byte[] Body, string[] Headers)> SentAsync(string webhookId)
    {
        var arrived = new TaskCompletionSource<(byte[], string[])>();
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Warning"]);
        await using var endpoint = builder.Build();
        endpoint.MapPost("/hook", async (Microsoft.AspNetCore.Http.HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, Cancel);
            arrived.SetResult((body.ToArray(), [.. _services.GetRequiredService<ProviderCatalogue>().Webhooks(ProviderId.PayPal)!.SignatureHeaders.Select(name => request.Headers[name].ToString())]));
        });
        await endpoint.StartAsync(Cancel);
        await Control("webhooks", new { url = endpoint.Urls.Single() + "/hook", webhook_id = webhookId, account = _account });
        return await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Cancel);
    }

    private async Task LogIn()
    {
        _grant = (await Auth.ExchangeAsync(await Code(), Cancel)) is { Ok: true } exchanged ? exchanged.Value : throw new InvalidOperationException("no log-in");
        Assert.Equal(_account, _grant.ExternalAccountId);
    }

    /// <summary>With PKCE, as the grain does (the pair is RFC 7636's own).</summary>
    private async Task<CodeExchange> Code()
    {
        var callback = new Uri("http://127.0.0.1:9/callback");
        var url = Auth.AuthorizationUrl(new("state-1", callback, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
        using var answer = await _http.GetAsync($"{url}&sandbox_account={_account}", Cancel);
        Assert.True(answer.Headers.Location is not null, $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancel)}");
        return new(HttpUtility.ParseQueryString(answer.Headers.Location.Query)["code"]!, callback, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    private async Task<(List<UnifiedRecord> Records, List<string> Cursors)> Pass(string stream, string? cursor)
    {
        var (records, cursors) = (new List<UnifiedRecord>(), new List<string>());
        SyncPage page;
        do
        {
            var result = await Connector.FetchPageAsync(new(Access, stream, cursor, Full: false), Cancel);
            Assert.True(result.Ok, $"{stream}: {result.Error}");
            page = result.Value;
            Assert.Empty(page.Rejected);
            records.AddRange(page.Records.Where(r => !records.Exists(held => held.ExternalId == r.ExternalId)));   // a window's end is the next one's begin
            cursors.Add(cursor = page.Cursor);
        }
        while (!page.EndOfPass);
        return (records, cursors);
    }

    private async Task<JsonDocument> Books() => JsonDocument.Parse(await _http.GetByteArrayAsync($"{_address}/control/paypal/accounts/{_account}/books", Cancel));

    private async Task<JsonElement> Control(string path, object order)
    {
        using var answer = await _http.PostAsJsonAsync($"{_address}/control/paypal/{path}", order, Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement.Clone();
    }
}
