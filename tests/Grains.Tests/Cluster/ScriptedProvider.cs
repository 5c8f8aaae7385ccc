using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Domain.Webhooks;
using FinanceIntegrations.Providers;
using Microsoft.Extensions.DependencyInjection;

namespace FinanceIntegrations.Grains.Tests.Cluster;

/// <summary>A provider that answers by each integration's <see cref="Script"/>. One instance serves both silos.</summary>
/// <param name="id">A provider that this deployment has no connector for.</param>
/// <param name="streams">All of transactions; each has rows of its own.</param>
public sealed class ScriptedProvider(ProviderId id, params string[] streams) : IConnector, IAuthorizes, IReadsWebhooks, IMapsRows, IKnowsTotals, IWrites
{
    /// <summary>Of the provider with one stream, which most tests use.</summary>
    public static readonly ProviderId Id = ProviderId.Sage;

    /// <summary>Of the one with two.</summary>
    public static readonly ProviderId OfTwoStreams = ProviderId.Xero;

    /// <summary>Of the one whose first sync reads a window, and history afterwards.</summary>
    public static readonly ProviderId OfHistory = ProviderId.QuickBooks;

    private readonly ConcurrentDictionary<Guid, Script> _scripts = new();
    private int _moments;

    public ProviderInfo Info { get; } = new()
    {
        Id = id,
        Name = "Scripted",
        Type = IntegrationType.Accounting,
        Streams = [.. streams.Select(stream => new StreamInfo(stream, RecordKind.Transaction, "Rows of the script.")
        {
            Policy = id != OfHistory ? new() : new()
            {
                Window = TimeSpan.FromDays(90),
                FullEvery = TimeSpan.FromDays(30),
                Every = stream == "fees" ? TimeSpan.FromDays(1) : null,
            },
            RowType = streams.Length == 1 ? null : stream == "fees" ? "fee" : "charge",
        })],
        Scopes = ["read"],
        Writes = [WriteKinds.CreatePayout, WriteKinds.CancelPayout],
        Features = ["oauth", "webhooks", "delta_sync", "revoke"],
        SetUpHints = [],
        RequiredSettings = [],
        DocumentationUrl = new("https://provider.test/"),
    };

    public bool UsesPkce => true;

    public IReadOnlyList<string> SignatureHeaders => [];

    public Script Of(Guid integration) => _scripts.GetOrAdd(integration, id => new(id));

    public void Register(IServiceCollection services) => services
        .AddSingleton<IConnector>(this)
        .AddKeyedSingleton<IAuthorizes>(id.Value, this)
        .AddKeyedSingleton<IReadsWebhooks>(id.Value, this)
        .AddKeyedSingleton<IWrites>(id.Value, this)
        .AddSingleton(new CatalogueEntry(Info, Configured: true));

    public Task<ProviderResult<SyncPage>> FetchPageAsync(PageRequest request, CancellationToken cancel) =>
        Of(request.Access.IntegrationId).PageAsync(request, cancel);

    public bool HasTotals(string stream) => streams.Length == 1;

    public Task<ProviderResult<StreamTotals>> TotalsAsync(ProviderAccess access, string stream, CancellationToken cancel) =>
        Task.FromResult(Of(access.IntegrationId).Totals());

    public MappedRow MapAgain(RawRow row)
    {
        var (record, rejected) = Of(Guid.Parse(row.ExternalAccountId!["acct-".Length..])).Map(row.Raw.ToArray(), row.AsOf);
        return new(record is null ? [] : [record], rejected);
    }

    public async Task<ConnectionTest> TestAsync(ProviderAccess access, CancellationToken cancel)
    {
        await Of(access.IntegrationId).OnTest(cancel);
        return new([]);
    }

    public Uri AuthorizationUrl(AuthorizationRequest request) => new($"https://provider.test/authorize?state={request.State}");

    public Task<ProviderResult<TokenGrant>> ExchangeAsync(CodeExchange exchange, CancellationToken cancel) => OfToken(exchange.Code).ExchangeAsync(cancel);

    public Task<ProviderResult<TokenGrant>> RefreshAsync(string refreshToken, CancellationToken cancel) =>
        OfToken(refreshToken).RefreshAsync(refreshToken);

    public Task<ProviderResult<bool>> RevokeAsync(ProviderAccess access, CancellationToken cancel) =>
        Of(access.IntegrationId).RevokeAsync(access, cancel);

    public IReadOnlySet<string> Kinds { get; } = new HashSet<string> { WriteKinds.CreatePayout, WriteKinds.CancelPayout };

    public Task<ProviderResult<WriteReceipt>> SendAsync(ProviderAccess access, WriteOrder order, WriteMark mark, IOrderFiles files, CancellationToken cancel) =>
        Of(access.IntegrationId).WriteAsync(access, order, mark, cancel);

    public Task<ProviderResult<WriteSighting>> LookUpAsync(ProviderAccess access, WriteOrder order, WriteMark mark, CancellationToken cancel) =>
        Task.FromResult(Of(access.IntegrationId).LookUp(mark));

    public WebhookVerdict Verify(
        ReadOnlySpan<byte> body, ReadOnlySpan<string> headers, ReadOnlySpan<WebhookSecret> secrets, DateTimeOffset now) =>
        WebhookVerdict.Authentic;

    public WebhookEnvelope? ReadEnvelope(ReadOnlySpan<byte> body) => null;

    /// <summary>The body: the row's id and version, a dispute's id, status and deadline, the streams that have news, or the moment at which the user left.</summary>
    public WebhookEffect Interpret(string eventType, ReadOnlyMemory<byte> body)
    {
        var words = Encoding.UTF8.GetString(body.Span).Split(' ');
        return eventType switch
        {
            "row" => new() { Records = [Script.Row(words[0], int.Parse(words[1], CultureInfo.InvariantCulture))] },
            "news" => new() { StreamsToSync = words },
            "left" => new() { ConsentWithdrawnAt = DateTimeOffset.Parse(words[0], CultureInfo.InvariantCulture) },
            "dispute" => new() { Records = [Script.Dispute(words[0], words[1], DateTimeOffset.Parse(words[2], CultureInfo.InvariantCulture), Interlocked.Increment(ref _moments))] },
            "unreadable" => new() { Unreadable = "The body does not fit." },
            "oversized" => new() { Records = [Script.Row(words[0], 1) with { Currency = "POUNDS" }] },   // the column takes three letters
            "bug" => throw new InvalidOperationException("A bug of the connector."),
            _ => WebhookEffect.Nothing("not of interest"),
        };
    }

    /// <summary>Every token and code carries its integration: <c>kind-guid-generation</c>.</summary>
    private Script OfToken(string token)
    {
        var (first, last) = (token.IndexOf('-', StringComparison.Ordinal), token.LastIndexOf('-'));
        return Of(Guid.Parse(token.AsSpan(first + 1, last - first - 1)));
    }
}
