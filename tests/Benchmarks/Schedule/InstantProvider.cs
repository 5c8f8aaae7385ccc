using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers;
using Microsoft.Extensions.DependencyInjection;

namespace FinanceIntegrations.Benchmarks.Schedule;

/// <summary>A provider that answers at once and has nothing: what is left is our own work.</summary>
internal sealed class InstantProvider : IConnector, IAuthorizes
{
    public static readonly ProviderId Id = ProviderId.Sage;

    public ProviderInfo Info { get; } = new()
    {
        Id = Id,
        Name = "Instant",
        Type = IntegrationType.Accounting,
        Streams = [new("transactions", RecordKind.Transaction, "Nothing.")],
        Scopes = [],
        Features = ["oauth"],
        SetUpHints = [],
        RequiredSettings = [],
        DocumentationUrl = new("https://provider.test/"),
    };

    public bool UsesPkce => false;

    public void Register(IServiceCollection services) => services
        .AddSingleton<IConnector>(this)
        .AddKeyedSingleton<IAuthorizes>(Id.Value, this)
        .AddSingleton(new CatalogueEntry(Info, Configured: true));

    public Task<ProviderResult<SyncPage>> FetchPageAsync(PageRequest request, CancellationToken cancel) =>
        Task.FromResult<ProviderResult<SyncPage>>(new SyncPage { Records = [], Cursor = "end", EndOfPass = true });

    public Task<ConnectionTest> TestAsync(ProviderAccess access, CancellationToken cancel) => Task.FromResult(new ConnectionTest([]));

    public Uri AuthorizationUrl(AuthorizationRequest request) => new("https://provider.test/authorize");

    public Task<ProviderResult<TokenGrant>> ExchangeAsync(CodeExchange exchange, CancellationToken cancel) => Task.FromResult(Grant());

    public Task<ProviderResult<TokenGrant>> RefreshAsync(string refreshToken, CancellationToken cancel) => Task.FromResult(Grant());

    public Task<ProviderResult<bool>> RevokeAsync(ProviderAccess access, CancellationToken cancel) => Task.FromResult<ProviderResult<bool>>(true);

    /// <summary>Tokens of a usual size.</summary>
    private static ProviderResult<TokenGrant> Grant() => new TokenGrant
    {
        AccessToken = new string('a', 400),
        RefreshToken = new string('r', 64),
        ExpiresIn = TimeSpan.FromDays(365),
        ExternalAccountId = "account",
    };
}
