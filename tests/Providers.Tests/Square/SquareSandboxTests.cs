using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
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

namespace FinanceIntegrations.Providers.Tests.Square;

/// <summary>The connector against the simulated Square: real HTTP, real OAuth, real books.</summary>
public sealed class SquareSandboxTests : IAsyncLifetime
{
    private const string Seller = "MLCONTRACT1";

    /// <summary>A stream and where its rows are in the books.</summary>
    private static readonly (string Stream, string Books)[] Lists =
        [("accounts", "locations"), ("payments", "payments"), ("refunds", "refunds"), ("payouts", "payouts"), ("transactions", "payout_entries"), ("disputes", "disputes")];

    /// <summary>A server makes its <c>Date</c> once a second.</summary>
    private static readonly TimeSpan LateDate = TimeSpan.FromSeconds(2);

    private readonly WebApplication _sandbox = SandboxApplication.Build(
        ["--urls=http://127.0.0.1:0", "--environment=Development", "--Sandbox:Square:Payments=20", "--Sandbox:Stripe:Transactions=20", "--Logging:LogLevel:Default=Warning"]);

    private ServiceProvider _services = null!;
    private ProviderRegistry _registry = null!;
    private HttpClient _http = null!;
    private string _address = "";
    private ProviderAccess _access = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IConnector Connector => _registry.Find(ProviderId.Square)!;

    private IAuthorizes Auth => _registry.Authorizer(ProviderId.Square)!;

    [Fact]
    public async Task A_full_pass_of_every_stream_is_exactly_the_books_of_all_locations()
    {
        await Connect();
        using var books = await Books();
        foreach (var (stream, name) in Lists)
        {
            var read = (await Pass(stream, null)).Records.ToDictionary(r => r.ExternalId);
            var rows = books.RootElement.GetProperty(name).EnumerateArray().ToList();
            Assert.NotEmpty(rows);
            Assert.Equal(rows.Select(Id).Order(StringComparer.Ordinal), read.Keys.Order(StringComparer.Ordinal));
            Assert.All(rows, row => Assert.True(JsonElement.DeepEquals(row, JsonDocument.Parse(read[Id(row)].Raw).RootElement)));
        }
    }

    [Fact]
    public async Task The_entries_of_each_payout_add_up_to_its_amount()
    {
        await Connect();
        var net = (await Pass("transactions", null)).Records.Cast<Transaction>().GroupBy(t => t.PayoutId!).ToDictionary(g => g.Key, g => g.Sum(t => t.Net));
        Assert.All((await Pass("payouts", null)).Records.Cast<Payout>(), payout => Assert.Equal(payout.Amount, net[payout.ExternalId]));
    }

    [Theory]
    [InlineData("payments")]
    [InlineData("transactions")]
    public async Task A_pass_resumed_at_any_page_is_the_same_pass(string stream)
    {
        await Connect();
        var whole = await Pass(stream, null);
        Assert.True(whole.Cursors.Count >= 4);
        for (var page = 0; page < whole.Cursors.Count - 1; page += Math.Max(1, whole.Cursors.Count / 8))
        {
            var later = (await Pass(stream, whole.Cursors[page])).Records;
            Assert.Equal(whole.Records.Skip(whole.Records.Count - later.Count).Select(r => r.ExternalId), later.Select(r => r.ExternalId));
        }
    }

    [Fact]
    public async Task Cursors_that_run_out_between_pages_cost_calls_and_no_row()
    {
        await Connect();
        var whole = await Pass("payments", null);
        await Control("cursors", new { lifetime_seconds = 0 });
        var broken = await Pass("payments", null);
        Assert.Equal(whole.Records.Select(r => r.ExternalId).Order(StringComparer.Ordinal), broken.Records.Select(r => r.ExternalId).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(whole.Cursors.Count, broken.Cursors.Count);
    }

    [Theory]
    [InlineData("payment", "payments")]
    [InlineData("refund", "payments")]
    [InlineData("refund", "refunds")]
    [InlineData("payout", "payouts")]
    [InlineData("payout", "transactions")]
    [InlineData("payout_paid", "payouts")]
    [InlineData("payout_failed", "payouts")]
    [InlineData("dispute", "disputes")]
    public async Task A_delta_sees_what_happened_and_ends_at_the_books(string kind, string stream)
    {
        await Connect();
        var held = new Dictionary<string, UnifiedRecord>();
        var rest = Apply(held, await Pass(stream, null));
        await Control($"accounts/{Seller}/advance", new { kind, count = 2 });
        var delta = await Pass(stream, rest);
        Assert.NotEmpty(delta.Records);
        Apply(held, delta);
        using var books = await Books();
        var rows = books.RootElement.GetProperty(Lists.First(list => list.Stream == stream).Books).EnumerateArray().ToList();
        Assert.Equal(rows.Select(Id).Order(StringComparer.Ordinal), held.Keys.Order(StringComparer.Ordinal));
        Assert.All(rows, row => Assert.True(JsonElement.DeepEquals(row, JsonDocument.Parse(held[Id(row)].Raw).RootElement), Id(row)));
    }

    [Fact]
    public async Task Derived_balances_are_what_the_books_have_not_paid_out()
    {
        await Connect();
        await Agree();
        await Control($"accounts/{Seller}/advance", new { kind = "payment", count = 5 });
        await Control($"accounts/{Seller}/advance", new { kind = "refund", count = 2 });
        await Agree();
        await Control($"accounts/{Seller}/advance", new { kind = "payout", count = 1 });
        await Agree();

        async Task Agree()
        {
            using var books = await Books();
            var expected = books.RootElement.GetProperty("unpaid").EnumerateArray()
                .Select(row => (row.GetProperty("location_id").GetString()!, row.GetProperty("sales").GetInt64() / 100m)).Order();
            Assert.Equal(expected, (await Pass("balances", null)).Records.Cast<Balance>().Select(b => (b.AccountId, b.Pending)).Order());
        }
    }

    [Fact]
    public async Task The_connection_test_works()
    {
        await Connect();
        var test = await Connector.TestAsync(_access, Cancel);
        Assert.True(test.Success, string.Join(' ', test.Checks.Select(c => c.Message)));
    }

    [Fact]
    public async Task A_confidential_consent_is_given_used_refreshed_and_withdrawn()
    {
        var grant = (await Auth.ExchangeAsync(new(await Code(), Callback, null), Cancel)).Value;
        Assert.Equal((Seller, null), (grant.ExternalAccountId, grant.LiveMode));
        Assert.InRange(grant.ExpiresIn!.Value, TimeSpan.FromDays(29.9), TimeSpan.FromDays(30) + LateDate);
        Assert.Null(grant.RefreshExpiresIn);
        var refreshed = (await Auth.RefreshAsync(grant.RefreshToken!, Cancel)).Value;
        Assert.Equal(grant.RefreshToken, refreshed.RefreshToken);
        Assert.NotEqual(grant.AccessToken, refreshed.AccessToken);
        Assert.True((await Auth.RefreshAsync(grant.RefreshToken!, Cancel)).Ok);
        foreach (var token in new[] { grant.AccessToken, refreshed.AccessToken })
            Assert.True((await Connector.FetchPageAsync(new(Access(token), "refunds", null, false), Cancel)).Ok);
        Assert.True((await Auth.RevokeAsync(Access(grant.AccessToken), Cancel)).Value);
        Assert.True((await Auth.RevokeAsync(Access(grant.AccessToken), Cancel)).Value);
        var gone = (await Connector.FetchPageAsync(new(Access(grant.AccessToken), "refunds", null, false), Cancel)).Error!;
        Assert.Equal((ErrorClass.Consent, "ACCESS_TOKEN_REVOKED"), (gone.Class, gone.Code));
        Assert.Equal(ErrorClass.Consent, (await Auth.RefreshAsync(grant.RefreshToken!, Cancel)).Error!.Class);
    }

    [Fact]
    public async Task A_public_consent_rotates_its_refresh_token_each_time()
    {
        await using var services = Services(("SQUARE_USE_PKCE", "true"), ("SQUARE_CLIENT_SECRET", ""));
        var auth = services.GetRequiredService<ProviderRegistry>().Authorizer(ProviderId.Square)!;
        var verifier = new string('v', 43);
        var challenge = System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        var wrong = await auth.ExchangeAsync(new(await Code(auth, challenge), Callback, new string('w', 43)), Cancel);
        Assert.Equal(ErrorClass.Consent, wrong.Error!.Class);
        var grant = (await auth.ExchangeAsync(new(await Code(auth, challenge), Callback, verifier), Cancel)).Value;
        Assert.InRange(grant.RefreshExpiresIn!.Value, TimeSpan.FromDays(89.9), TimeSpan.FromDays(90) + LateDate);
        var refreshed = (await auth.RefreshAsync(grant.RefreshToken!, Cancel)).Value;
        Assert.NotEqual(grant.RefreshToken, refreshed.RefreshToken);
        Assert.Equal(ErrorClass.Consent, (await auth.RefreshAsync(grant.RefreshToken!, Cancel)).Error!.Class);
        Assert.True((await auth.RefreshAsync(refreshed.RefreshToken!, Cancel)).Ok);
    }

    [Fact]
    public async Task A_code_used_twice_is_refused_and_a_wrong_secret_gets_nothing()
    {
        var code = await Code();
        Assert.True((await Auth.ExchangeAsync(new(code, Callback, null), Cancel)).Ok);
        Assert.Equal(ErrorClass.Consent, (await Auth.ExchangeAsync(new(code, Callback, null), Cancel)).Error!.Class);
        await using var services = Services(("SQUARE_CLIENT_SECRET", "wrong"));
        var auth = services.GetRequiredService<ProviderRegistry>().Authorizer(ProviderId.Square)!;
        Assert.False((await auth.ExchangeAsync(new(await Code(), Callback, null), Cancel)).Ok);
        Assert.True((await auth.RevokeAsync(Access("EAAA"), Cancel)).Error!.OwnCredential);
    }

    public async ValueTask InitializeAsync()
    {
        await _sandbox.StartAsync(Cancel);
        _address = _sandbox.Urls.Single().TrimEnd('/');
        _services = Services();
        _registry = _services.GetRequiredService<ProviderRegistry>();
        _http = _services.GetRequiredService<IHttpClientFactory>().CreateClient("control");
        await Control("accounts", new { id = Seller, payments = 900, seed = 7 });
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _services.DisposeAsync();
        await _sandbox.DisposeAsync();
    }

    private Uri Callback => new($"{_address}/callback");

    private ServiceProvider Services(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["SQUARE_CLIENT_ID"] = "sandbox-sq0idb-sandbox",
            ["SQUARE_CLIENT_SECRET"] = "sandbox-sq0csb-sandbox",
            ["SQUARE_API_BASE"] = $"{_address}/square",
            ["Providers:Square:Limits:CallsPerSecondPerAccount"] = "0",
        }).AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build();
        var services = new ServiceCollection().AddLogging().AddProviders(configuration);
        services.AddHttpClient("control").ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler { AllowAutoRedirect = false });
        return services.BuildServiceProvider();
    }

    private static ProviderAccess Access(string token) => new() { IntegrationId = default, ExternalAccountId = Seller, AccessToken = token };

    private static string Id(JsonElement row) => row.GetProperty("id").GetString()!;

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
            var result = await Connector.FetchPageAsync(new(_access, stream, cursor, Full: false), Cancel);
            Assert.True(result.Ok, $"{stream}: {result.Error}");
            page = result.Value;
            Assert.Empty(page.Rejected);
            records.AddRange(page.Records);
            cursors.Add(cursor = page.Cursor);
        }
        while (!page.EndOfPass);
        return (records, cursors);
    }

    private async Task Connect() => _access = Access((await Auth.ExchangeAsync(new(await Code(), Callback, null), Cancel)).Value.AccessToken);

    private async Task<string> Code(IAuthorizes? auth = null, string? challenge = null)
    {
        var url = (auth ?? Auth).AuthorizationUrl(new("state-1", Callback, challenge));
        using var answer = await _http.GetAsync($"{url}&sandbox_account={Seller}", Cancel);
        Assert.True(answer.Headers.Location is not null, $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancel)}");
        var query = HttpUtility.ParseQueryString(answer.Headers.Location.Query);
        Assert.Equal(("state-1", "code"), (query["state"], query["response_type"]));
        return query["code"]!;
    }

    private async Task<JsonDocument> Books() => JsonDocument.Parse(await _http.GetByteArrayAsync($"{_address}/control/square/accounts/{Seller}/books", Cancel));

    private async Task Control(string path, object order)
    {
        using var answer = await _http.PostAsJsonAsync($"{_address}/control/square/{path}", order, Cancel);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancel)}");
    }
}
