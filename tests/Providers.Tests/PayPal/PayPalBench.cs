using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers.PayPal;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.PayPal;

/// <summary>The connector as the silo has it, with a script in place of the network and a clock that stands still.</summary>
internal sealed class PayPalBench : IDisposable
{
    public const string Merchant = "2TGN4U6GH3WZC";

    private readonly ServiceProvider _services;

    public PayPalBench(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["PAYPAL_CLIENT_ID"] = "app_1",
            ["PAYPAL_CLIENT_SECRET"] = "secret_1",
            ["Providers:PayPal:Limits:RetryDelay"] = "00:00:00",
            ["Providers:PayPal:Limits:CallsPerSecondPerAccount"] = "0",
        }).AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(Clock).AddProviders(configuration);
        services.AddHttpClient(PayPalApi.Client).ConfigurePrimaryHttpMessageHandler(() => Provider);
        _services = services.BuildServiceProvider();
        Registry = _services.GetRequiredService<ProviderRegistry>();
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));

    public ScriptedProvider Provider { get; } = new();

    public ProviderRegistry Registry { get; }

    public IConnector Connector => Registry.Find(ProviderId.PayPal)!;

    public IAuthorizes Auth => Registry.Authorizer(ProviderId.PayPal)!;

    public ProviderAccess Access { get; } = new() { IntegrationId = Guid.CreateVersion7(), ExternalAccountId = Merchant, AccessToken = "A21AA1" };

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Task<ProviderResult<SyncPage>> FetchAsync(
        string stream, string? cursor = null, bool full = false, DateTimeOffset? from = null, DateTimeOffset? until = null) =>
        Connector.FetchPageAsync(new(Access, stream, cursor, full) { From = from, Until = until }, Cancel);

    /// <summary>The stream of batches, of those.</summary>
    public Task<ProviderResult<SyncPage>> FollowAsync(params string[] batches) => FollowAsync([.. batches.Select(id => Followed(id))], null);

    public Task<ProviderResult<SyncPage>> FollowAsync(IReadOnlyList<FollowedPayout> batches, string? cursor) =>
        Connector.FetchPageAsync(new(Access, PayPalStreams.PayoutBatches, cursor, Full: cursor is null) { Payouts = batches }, Cancel);

    public static FollowedPayout Followed(string id, bool calledBack = false) => new(id, DateTimeOffset.UnixEpoch, calledBack, DateTimeOffset.UnixEpoch);

    /// <summary>A batch of items of those statuses, each over 30.00; none: one that PayPal has only just taken.</summary>
    public static string Batch(string id, string status, params string[] items)
    {
        var rows = items.Select((item, place) => $$$"""
            {"payout_item_id":"I{{{place}}}","transaction_id":"2GU46822C17{{{place}}}","transaction_status":"{{{item}}}",
            "payout_item_fee":{"currency":"GBP","value":"0.25"},"payout_batch_id":"{{{id}}}",
            "payout_item":{"recipient_type":"EMAIL","amount":{"currency":"GBP","value":"30.00"},"note":"Thank you","receiver":"jane@example.com"},
            "time_processed":"2026-10-20T10:00:05Z"{{{(item is "UNCLAIMED" or "FAILED" or "RETURNED" ? Unregistered : "")}}}}
            """);
        var amount = items.Length == 0 ? "" : $$""","amount":{"currency":"GBP","value":"{{30 * items.Length}}.00"}""";
        return $$$"""
            {"total_items":{{{items.Length}}},"total_pages":1,"batch_header":{"payout_batch_id":"{{{id}}}","batch_status":"{{{status}}}",
            "time_created":"2026-10-20T10:00:00Z","sender_batch_header":{"sender_batch_id":"ref1"}{{{amount}}}},"items":[{{{string.Join(',', rows)}}}]}
            """;
    }

    private const string Unregistered = ""","errors":{"name":"RECEIVER_UNREGISTERED","message":"Receiver is unregistered","debug_id":"d"}""";

    /// <summary>A page of the report, as PayPal words it.</summary>
    public static string Page(string refreshed, int page, int pages, params string[] rows) =>
        $$"""{"transaction_details":[{{string.Join(',', rows)}}],"account_number":"{{Merchant}}","last_refreshed_datetime":"{{refreshed}}","page":{{page}},"total_items":{{rows.Length}},"total_pages":{{pages}},"links":[]}""";

    public static string Row(
        string id, string at = "2026-10-20T10:00:00+0000", string code = "T0006", string status = "S", string amount = "465.00", string? fee = "-13.79", string currency = "GBP") =>
        $$$"""{"transaction_info":{"transaction_id":"{{{id}}}","transaction_event_code":"{{{code}}}","transaction_initiation_date":"{{{at}}}","transaction_updated_date":"{{{at}}}","transaction_amount":{"currency_code":"{{{currency}}}","value":"{{{amount}}}"},{{{(fee is null ? "" : $$"""
        "fee_amount":{"currency_code":"{{currency}}","value":"{{fee}}"},
        """)}}}"transaction_status":"{{{status}}}"}}""";

    public static string Dispute(string id, string status = "WAITING_FOR_SELLER_RESPONSE", string? outcome = null, string updated = "2026-10-21T10:00:00.000Z") =>
        $$$"""{"dispute_id":"{{{id}}}","create_time":"2026-10-20T10:00:00.000Z","update_time":"{{{updated}}}","disputed_transactions":[{"seller_transaction_id":"3BC38643YC807283D","seller":{"merchant_id":"{{{Merchant}}}"}}],"reason":"UNAUTHORISED","status":"{{{status}}}","dispute_amount":{"currency_code":"GBP","value":"30.00"},"dispute_life_cycle_stage":"CHARGEBACK","seller_response_due_date":"2026-11-05T10:00:00.000Z"{{{(outcome is null ? "" : $$""","dispute_outcome":{"outcome_code":"{{outcome}}"}""")}}}}""";

    public void Dispose()
    {
        _services.Dispose();
        Provider.Dispose();
    }
}
