using System.Net.Http.Json;
using System.Text.Json;
using System.Web;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Sandbox;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Stripe;

/// <summary>The connector against the simulated Stripe: real HTTP, real OAuth, real books.</summary>
public sealed class StripeSandboxTests : IAsyncLifetime
{
    private const string Account = "acct_contract1";
    private static readonly string[] Lists = ["transactions", "charges", "refunds", "payouts", "disputes"];

    private readonly WebApplication _sandbox = SandboxApplication.Build(
        ["--urls=http://127.0.0.1:0", "--environment=Development", "--Sandbox:Stripe:RequestsPerSecond=0", "--Sandbox:Stripe:Transactions=50", "--Logging:LogLevel:Default=Warning"]);

    private ServiceProvider _services = null!;
    private ProviderRegistry _registry = null!;
    private HttpClient _http = null!;
    private string _address = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static ProviderAccess Access => new() { IntegrationId = default, ExternalAccountId = Account };

    private IConnector Connector => _registry.Find(ProviderId.Stripe)!;

    private IAuthorizes Auth => _registry.Authorizer(ProviderId.Stripe)!;

    [Fact]
    public async Task A_full_pass_of_every_list_is_exactly_the_books()
    {
        await Connect();
        using var books = await Books();
        foreach (var stream in Lists)
        {
            var read = (await Pass(stream, null)).Records;
            var rows = books.RootElement.GetProperty(stream == "transactions" ? "balance_transactions" : stream).EnumerateArray().ToList();
            Assert.NotEmpty(rows);
            Assert.Equal(rows.Select(Id), read.Select(r => r.ExternalId));
            Assert.All(rows.Zip(read), pair => Assert.True(JsonElement.DeepEquals(pair.First, JsonDocument.Parse(pair.Second.Raw).RootElement)));
        }
    }

    [Fact]
    public async Task The_entries_of_every_reconciled_payout_are_the_books_and_add_up_to_its_amount()
    {
        await Connect();
        using var books = await Books();
        var payouts = books.RootElement.GetProperty("payouts").EnumerateArray()
            .Where(row => row.GetProperty("reconciliation_status").GetString() == "completed").ToDictionary(Id, row => row.GetProperty("amount").GetInt64());
        var expected = books.RootElement.GetProperty("payout_of_balance_transaction").EnumerateObject()
            .Select(pair => (Payout: pair.Value.GetString()!, Transaction: pair.Name)).Where(pair => payouts.ContainsKey(pair.Payout)).ToHashSet();
        var own = books.RootElement.GetProperty("balance_transactions").EnumerateArray()
            .Where(row => row.GetProperty("type").GetString() == "payout").ToDictionary(Id, row => row.GetProperty("source").GetString());
        expected.RemoveWhere(pair => own.TryGetValue(pair.Transaction, out var payout) && payout == pair.Payout);

        var read = await Pass("payout_entries", null);
        var entries = read.Records.Cast<PayoutEntry>().ToList();

        Assert.Equal(expected.Order(), entries.Select(entry => (entry.PayoutId, entry.TransactionId)).Order());
        Assert.All(entries.GroupBy(entry => entry.PayoutId), of =>
            Assert.Equal(payouts[of.Key], (long)(of.Sum(entry => entry.Net) * (of.First().Currency == "JPY" ? 1 : 100))));
        Assert.Equal(payouts.Keys.Order(), entries.Select(entry => entry.PayoutId).Distinct().Order());
        for (var page = 0; page < read.Cursors.Count - 1; page += Math.Max(1, read.Cursors.Count / 4))   // and a pass resumed anywhere is the same
        {
            var rest = (await Pass("payout_entries", read.Cursors[page])).Records;
            Assert.Equal(read.Records.TakeLast(rest.Count).Select(record => record.ExternalId), rest.Select(record => record.ExternalId));
        }

        await Control($"accounts/{Account}/advance", new { kind = "payout_paid", count = 1 });
        var news = (await Pass("payout_entries", read.Cursors[^1])).Records.Cast<PayoutEntry>().Select(entry => entry.PayoutId).Distinct();
        Assert.DoesNotContain(Assert.Single(news), payouts.Keys);
    }

    [Fact]
    public async Task A_pass_resumed_at_any_page_is_the_same_pass()
    {
        await Connect();
        var whole = await Pass("transactions", null);
        Assert.True(whole.Cursors.Count >= 4);
        for (var page = 0; page < whole.Cursors.Count - 1; page++)
        {
            var rest = await Pass("transactions", whole.Cursors[page]);
            Assert.Equal(whole.Records.Skip((page + 1) * 100).Select(r => r.ExternalId), rest.Records.Select(r => r.ExternalId));
            Assert.Equal(whole.Cursors[^1], rest.Cursors[^1]);
        }
    }

    [Theory]
    [InlineData("charge", "charges")]
    [InlineData("refund", "refunds")]
    [InlineData("payout", "payouts")]
    [InlineData("payout_paid", "payouts")]
    [InlineData("payout_failed", "payouts")]
    [InlineData("dispute", "disputes")]
    [InlineData("dispute_closed", "disputes")]
    [InlineData("settle", "transactions")]
    public async Task A_delta_sees_what_happened_and_ends_at_the_books(string kind, string stream)
    {
        await Connect();
        var held = new Dictionary<string, UnifiedRecord>();
        var rest = Apply(held, await Pass(stream, null));
        await Control($"accounts/{Account}/advance", new { kind, count = 2 });
        Apply(held, await Pass(stream, rest));
        using var books = await Books();
        var rows = books.RootElement.GetProperty(stream == "transactions" ? "balance_transactions" : stream).EnumerateArray().ToList();
        Assert.Equal(rows.Select(Id).Order(StringComparer.Ordinal), held.Keys.Order(StringComparer.Ordinal));
        if (stream != "transactions")
            Assert.All(rows, row => Assert.Equal(row.GetProperty("status").GetString(), StatusOf(held[Id(row)])));
    }

    [Fact]
    public async Task Account_balance_and_connection_test_work()
    {
        await Connect();
        Assert.Equal(Account, Assert.Single((await Pass("accounts", null)).Records).ExternalId);
        Assert.NotEmpty((await Pass("balances", null)).Records);
        var test = await Connector.TestAsync(Access, Cancel);
        Assert.True(test.Success);
        Assert.All(test.Checks, c => Assert.True(c.Elapsed > TimeSpan.Zero));
    }

    [Fact]
    public async Task Consent_is_given_used_refreshed_and_withdrawn()
    {
        Assert.Equal(ErrorClass.Consent, (await Connector.FetchPageAsync(new(Access, "payouts", null, false), Cancel)).Error!.Class);
        var grant = (await Auth.ExchangeAsync(new(await Code(), new($"{_address}/callback"), null), Cancel)).Value;
        Assert.Equal((Account, false), (grant.ExternalAccountId, grant.LiveMode));
        Assert.True((await Connector.FetchPageAsync(new(Access, "payouts", null, false), Cancel)).Ok);
        Assert.Equal(Account, (await Auth.RefreshAsync(grant.RefreshToken!, Cancel)).Value.ExternalAccountId);
        Assert.True((await Auth.RevokeAsync(Access, Cancel)).Value);
        Assert.True((await Auth.RevokeAsync(Access, Cancel)).Value);
        Assert.Equal("account_invalid", (await Connector.FetchPageAsync(new(Access, "payouts", null, false), Cancel)).Error!.Code);
    }

    [Fact]
    public async Task A_code_used_twice_is_refused_and_needs_the_user()
    {
        var code = await Code();
        Assert.True((await Auth.ExchangeAsync(new(code, new($"{_address}/callback"), null), Cancel)).Ok);
        var again = (await Auth.ExchangeAsync(new(code, new($"{_address}/callback"), null), Cancel)).Error!;
        Assert.Equal((ErrorClass.Consent, "invalid_grant"), (again.Class, again.Code));
    }

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
            ["Providers:Stripe:Limits:CallsPerSecondPerAccount"] = "0",
        }).Build();
        var services = new ServiceCollection().AddLogging().AddProviders(configuration);
        services.AddHttpClient("control").ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler { AllowAutoRedirect = false });
        _services = services.BuildServiceProvider();
        _registry = _services.GetRequiredService<ProviderRegistry>();
        _http = _services.GetRequiredService<IHttpClientFactory>().CreateClient("control");
        await Control("accounts", new { id = Account, transactions = 450, seed = 7 });
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _services.DisposeAsync();
        await _sandbox.DisposeAsync();
    }

    private static string Id(JsonElement row) => row.GetProperty("id").GetString()!;

    private static string StatusOf(UnifiedRecord record) => record switch
    {
        Payout payout => payout.Status,
        Dispute dispute => dispute.Status,
        Payment payment => payment.Status,
        _ => "",
    };

    /// <summary>As the database does: an older state never overwrites a newer one.</summary>
    private static string Apply(Dictionary<string, UnifiedRecord> held, (List<UnifiedRecord> Records, List<string> Cursors) pass)
    {
        foreach (var record in pass.Records)
            if (!held.TryGetValue(record.ExternalId, out var old) || (old.AsOf, old.Rank).CompareTo((record.AsOf, record.Rank)) <= 0)
                held[record.ExternalId] = record;
        return pass.Cursors[^1];
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
            records.AddRange(page.Records);
            cursors.Add(cursor = page.Cursor);
        }
        while (!page.EndOfPass);
        return (records, cursors);
    }

    private async Task Connect() => await Control($"accounts/{Account}/connect", new { scope = "read_write" });

    private async Task<string> Code()
    {
        var url = Auth.AuthorizationUrl(new("state-1", new($"{_address}/callback"), null));
        using var answer = await _http.GetAsync($"{url}&sandbox_account={Account}", Cancel);
        Assert.True(answer.Headers.Location is not null, $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancel)}");
        var query = HttpUtility.ParseQueryString(answer.Headers.Location.Query);
        Assert.Equal("state-1", query["state"]);
        return query["code"]!;
    }

    private async Task<JsonDocument> Books() => JsonDocument.Parse(await _http.GetByteArrayAsync($"{_address}/control/stripe/accounts/{Account}/books", Cancel));

    private async Task Control(string path, object order)
    {
        using var answer = await _http.PostAsJsonAsync($"{_address}/control/stripe/{path}", order, Cancel);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancel)}");
    }
}
