using System.Text.Json;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers.Square;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Square;

/// <summary>The connector as the silo has it, with a script in place of the network and a clock that stands still.</summary>
internal sealed class SquareBench : IDisposable
{
    public const string Seller = "ML1";

    private readonly ServiceProvider _services;

    public SquareBench(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["SQUARE_CLIENT_ID"] = "sq0idp-1",
            ["SQUARE_CLIENT_SECRET"] = "sq0csp-1",
            ["Providers:Square:Limits:RetryDelay"] = "00:00:00",
            ["Providers:Square:Limits:CallsPerSecondPerAccount"] = "0",
        }).AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(Clock).AddProviders(configuration);
        services.AddHttpClient(SquareApi.Client).ConfigurePrimaryHttpMessageHandler(() => Provider);
        _services = services.BuildServiceProvider();
        Registry = _services.GetRequiredService<ProviderRegistry>();
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));

    public ScriptedProvider Provider { get; } = new();

    public ProviderRegistry Registry { get; }

    public IConnector Connector => Registry.Find(ProviderId.Square)!;

    public IAuthorizes Auth => Registry.Authorizer(ProviderId.Square)!;

    public ProviderAccess Access { get; } = new() { IntegrationId = Guid.CreateVersion7(), ExternalAccountId = Seller, AccessToken = "EAAA1", RefreshToken = "EQAA1" };

    public long Now => Clock.GetUtcNow().ToUnixTimeSeconds();

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Task<ProviderResult<SyncPage>> FetchAsync(
        string stream, string? cursor = null, bool full = false, DateTimeOffset? from = null, DateTimeOffset? until = null) =>
        Connector.FetchPageAsync(new(Access, stream, cursor, full) { From = from, Until = until }, Cancel);

    /// <summary>Answers each path by its own script; the clock of the answers is the bench's.</summary>
    public void Answer(Func<SentRequest, string> script) =>
        Provider.Answer = (sent, _) => Task.FromResult(ScriptedProvider.Json(script(sent), date: Clock.GetUtcNow()));

    public static string Locations(params string[] ids) =>
        $$"""{"locations":[{{string.Join(',', ids.Select(id => $$"""{"id":"{{id}}","name":"Shop","currency":"GBP","country":"GB","status":"ACTIVE"}"""))}}]}""";

    public static string List(string name, string? cursor, params string[] rows) =>
        $$"""{"{{name}}":[{{string.Join(',', rows)}}]{{(cursor is null ? "" : $",\"cursor\":\"{cursor}\"")}}}""";

    public static string Payment(string id, string created = "2026-10-31T10:00:00.000Z", string? updated = null, string status = "COMPLETED", string currency = "GBP") =>
        $$$"""{"id":"{{{id}}}","created_at":"{{{created}}}","updated_at":"{{{updated ?? created}}}","status":"{{{status}}}","source_type":"CARD","total_money":{"amount":1000,"currency":"{{{currency}}}"},"processing_fee":[{"amount_money":{"amount":36,"currency":"GBP"}}]}""";

    public static string Payout(string id, string created = "2026-10-30T01:00:00Z", string? updated = null, string status = "PAID") =>
        $$"""{"id":"{{id}}","location_id":"L1","status":"{{status}}","created_at":"{{created}}","updated_at":"{{updated ?? created}}","amount_money":{"amount":964,"currency_code":"GBP"},"type":"BATCH","arrival_date":"2026-10-31","version":1}""";

    public static string Entry(string id, string payout, long gross = 1000, long fee = 36, long? net = null) =>
        $$$"""{"id":"{{{id}}}","payout_id":"{{{payout}}}","effective_at":"2026-10-29T10:00:00Z","type":"CHARGE","gross_amount_money":{"amount":{{{gross}}},"currency_code":"GBP"},"fee_amount_money":{"amount":{{{fee}}},"currency_code":"GBP"},"net_amount_money":{"amount":{{{net ?? gross - fee}}},"currency_code":"GBP"},"type_charge_details":{"payment_id":"pay_{{{id}}}"}}""";

    public static string Dispute(string id, string state) =>
        $$$"""{"id":"{{{id}}}","state":"{{{state}}}","reason":"NO_KNOWLEDGE","amount_money":{"amount":2500,"currency":"GBP"},"created_at":"2026-10-01T00:00:00.000Z","updated_at":"2026-10-02T00:00:00.000Z","due_at":"2026-10-20T00:00:00.000Z","disputed_payment":{"payment_id":"p1"}}""";

    /// <summary>The example that Square's own description gives of a schema.</summary>
    public static JsonElement Example(string schema)
    {
        using var description = Specifications.ReadJson("square/api.finance.json");
        return description.RootElement.GetProperty("components").GetProperty("schemas").GetProperty(schema).GetProperty("example").Clone();
    }

    public void Dispose()
    {
        _services.Dispose();
        Provider.Dispose();
    }
}
