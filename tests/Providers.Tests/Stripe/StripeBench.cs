using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers.Stripe;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Stripe;

/// <summary>The connector as the silo has it, with a script in place of the network and a clock that stands still.</summary>
internal sealed class StripeBench : IDisposable
{
    public const string Account = "acct_1";

    private readonly ServiceProvider _services;

    public StripeBench(params (string Key, string Value)[] settings)
        : this(null, settings)
    {
    }

    public StripeBench(ICallBudgets? budgets, params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["STRIPE_CLIENT_ID"] = "ca_1",
            ["STRIPE_CLIENT_SECRET"] = "sk_test_1",
            ["Providers:Stripe:Limits:RetryDelay"] = "00:00:00",
            ["Providers:Stripe:Limits:CallsPerSecondPerAccount"] = "0",
        }).AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(Clock).AddProviders(configuration);
        if (budgets is not null) services.AddSingleton(budgets);
        services.AddHttpClient(StripeApi.Client).ConfigurePrimaryHttpMessageHandler(() => Provider);
        _services = services.BuildServiceProvider();
        Registry = _services.GetRequiredService<ProviderRegistry>();
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));

    public ScriptedProvider Provider { get; } = new();

    public ProviderRegistry Registry { get; }

    public IConnector Connector => Registry.Find(ProviderId.Stripe)!;

    public IAuthorizes Auth => Registry.Authorizer(ProviderId.Stripe)!;

    public ProviderAccess Access { get; } = new() { IntegrationId = Guid.CreateVersion7(), ExternalAccountId = Account, AccessToken = "sk_acct", RefreshToken = "rt_1" };

    public long Now => Clock.GetUtcNow().ToUnixTimeSeconds();

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Task<ProviderResult<SyncPage>> FetchAsync(
        string stream, string? cursor = null, bool full = false, DateTimeOffset? from = null, DateTimeOffset? until = null) =>
        Connector.FetchPageAsync(new(Access, stream, cursor, full) { From = from, Until = until }, Cancel);

    /// <summary>An answer dated by the bench's clock.</summary>
    public HttpResponseMessage List(bool hasMore, params string[] rows) =>
        ScriptedProvider.Json($$"""{"object":"list","url":"/v1/x","has_more":{{(hasMore ? "true" : "false")}},"data":[{{string.Join(',', rows)}}]}""", date: Clock.GetUtcNow());

    public static string Transaction(string id, long created, string status = "available", long? availableOn = null, string currency = "gbp") =>
        $$"""{"id":"{{id}}","object":"balance_transaction","amount":1000,"fee":30,"net":970,"currency":"{{currency}}","created":{{created}},"available_on":{{availableOn ?? created}},"status":"{{status}}","type":"charge","reporting_category":"charge","source":"ch_1"}""";

    public static string Payout(string id, string status, long created = 1_700_000_000) =>
        $$"""{"id":"{{id}}","object":"payout","amount":1100,"currency":"gbp","created":{{created}},"arrival_date":{{created}},"status":"{{status}}","method":"standard","automatic":true}""";

    public static string Event(string id, string type, long created, string @object, string? account = Account, bool live = false) =>
        $$"""{"id":"{{id}}","object":"event","api_version":"2020-08-27","created":{{created}},"type":"{{type}}","livemode":{{(live ? "true" : "false")}},{{(account is null ? "" : $"\"account\":\"{account}\",")}}"data":{"object":{{@object}}},"pending_webhooks":1,"request":null}""";

    public void Dispose()
    {
        _services.Dispose();
        Provider.Dispose();
    }
}
