using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;

namespace FinanceIntegrations.Domain.Providers;

/// <summary>A provider's door. Stateless, one instance for all integrations; never throws for what a provider does.</summary>
public interface IConnector
{
    ProviderInfo Info { get; }

    /// <summary>Fetches and maps one page. The cursor is the connector's own; the engine stores it with the page and hands it back.</summary>
    Task<ProviderResult<SyncPage>> FetchPageAsync(PageRequest request, CancellationToken cancel);

    /// <summary>Checks that the connection works: each check with its verdict and time. Reads only.</summary>
    Task<ConnectionTest> TestAsync(ProviderAccess access, CancellationToken cancel);
}

/// <summary>A connector that can tell in one call what the accounts hold at this moment.</summary>
public interface IReadsBalances
{
    Task<ProviderResult<IReadOnlyList<Balance>>> ReadBalancesAsync(ProviderAccess access, CancellationToken cancel);
}

/// <summary>A connector whose users consent by OAuth 2.0 (RFC 6749).</summary>
public interface IAuthorizes
{
    /// <summary>True where the provider takes PKCE (RFC 7636); then every authorization carries it.</summary>
    bool UsesPkce { get; }

    Uri AuthorizationUrl(AuthorizationRequest request);

    /// <summary>Exchanges the code, once: a code is never sent twice.</summary>
    Task<ProviderResult<TokenGrant>> ExchangeAsync(CodeExchange exchange, CancellationToken cancel);

    Task<ProviderResult<TokenGrant>> RefreshAsync(string refreshToken, CancellationToken cancel);

    /// <summary>Withdraws the consent at the provider. Ok where it was already gone.</summary>
    Task<ProviderResult<bool>> RevokeAsync(ProviderAccess access, CancellationToken cancel);
}

/// <summary>An authorizer whose access tokens are the deployment's own (RFC 6749 §4.4): a connection needs no refresh token to get the next one.</summary>
public interface IIssuesTokens
{
    /// <summary>Asked where no refresh token is held. May be repeated: nothing rotates, and nothing is lost with an answer.</summary>
    Task<ProviderResult<TokenGrant>> IssueAsync(string? externalAccountId, CancellationToken cancel);
}

/// <summary>What a call to a provider is made with. Held for the length of a call, never logged.</summary>
public sealed record ProviderAccess
{
    public required Guid IntegrationId { get; init; }

    /// <summary>Whose data: the account, tenant or company at the provider.</summary>
    public string? ExternalAccountId { get; init; }

    public string? AccessToken { get; init; }

    public string? RefreshToken { get; init; }

    /// <summary>How urgent the calls are that are made with it.</summary>
    public Lane Lane { get; init; }

    /// <summary>They may wait for a call budget to fill again: see <see cref="Caller.Patient"/>.</summary>
    public bool Patient { get; init; }

    public override string ToString() => $"{IntegrationId} ***";
}

/// <param name="State">Opaque to the provider; comes back in the callback.</param>
/// <param name="CodeChallenge">S256 challenge where the provider takes PKCE.</param>
public sealed record AuthorizationRequest(string State, Uri RedirectUri, string? CodeChallenge);

/// <summary>What the callback carried, and what we kept for it.</summary>
public sealed record CodeExchange(string Code, Uri RedirectUri, string? CodeVerifier)
{
    /// <summary>Everything else in the callback's query: <c>realmId</c>, <c>scope</c>…</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    public override string ToString() => "code ***";
}

/// <summary>Tokens as a provider gave them. Lives between the answer and its encryption.</summary>
public sealed record TokenGrant
{
    public required string AccessToken { get; init; }

    /// <summary>Null: the old one stays valid.</summary>
    public string? RefreshToken { get; init; }

    /// <summary>Null: the answer does not say; then <see cref="Tokens.TokenRules.AccessLifetime"/> holds.</summary>
    public TimeSpan? ExpiresIn { get; init; }

    /// <summary>Until the refresh token or the consent ends, whichever is sooner. Null: <see cref="Tokens.TokenRules.RefreshLifetime"/> holds.</summary>
    public TimeSpan? RefreshExpiresIn { get; init; }

    public string? Scope { get; init; }

    public string? ExternalAccountId { get; init; }

    /// <summary>False for the provider's test mode, null where it has none.</summary>
    public bool? LiveMode { get; init; }

    public override string ToString() => "tokens ***";
}

/// <summary>A connection test: good when every check is.</summary>
public sealed record ConnectionTest(IReadOnlyList<ConnectionCheck> Checks)
{
    public bool Success => Checks.All(c => c.Success);
}

/// <param name="Name">snake_case: <c>credentials</c>, <c>read_balance</c>.</param>
/// <param name="Elapsed">Time of the check.</param>
public sealed record ConnectionCheck(string Name, bool Success, string Message, TimeSpan Elapsed)
{
    public ProviderError? Error { get; init; }
}
