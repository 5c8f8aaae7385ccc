using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.Foundation;
using FinanceIntegrations.Sandbox.OAuth;
using FinanceIntegrations.Sandbox.Square.Ledger;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;

namespace FinanceIntegrations.Sandbox.Square;

/// <summary>
/// Square's OAuth in both client forms. With the secret, the same refresh token comes back for ever; with PKCE, each works once and for 90 days.
/// Access tokens live 30 days either way, and an old one outlives a refresh.
/// </summary>
internal sealed class SquareOAuth : IOAuthDialect
{
    public const string Name = "square";

    public static readonly OAuthRoutes Routes = new("/square/oauth2/authorize", "/square/oauth2/token",
    [
        "MERCHANT_PROFILE_READ", "PAYMENTS_READ", "SETTLEMENTS_READ", "BANK_ACCOUNTS_READ", "PAYOUTS_READ", "DISPUTES_READ", "ORDERS_READ",
        "PAYMENTS_WRITE", "DISPUTES_WRITE", "CUSTOMERS_READ", "ITEMS_READ",
    ]);

    private static readonly TimeSpan Always = TimeSpan.FromDays(36_500);

    private readonly HashSet<string> _public = [];
    private readonly Lock _lock = new();
    private readonly SquareOptions _options;
    private readonly SquareTokens _tokens;
    private readonly SquarePlatform _platform;
    private readonly GrantStore _grants;
    private readonly Journal _journal;

    public SquareOAuth(IOptions<SquareOptions> options, SquareTokens tokens, SquarePlatform platform, GrantStore grants, Journal journal)
    {
        (_options, _tokens, _platform, _grants, _journal) = (options.Value, tokens, platform, grants, journal);
        foreach (var entry in journal.Past("square-pkce")) _public.Add((string)entry["family"]!);
    }

    public string Provider => Name;
    public string AuthorizePath => Routes.AuthorizePath;
    public string TokenPath => Routes.TokenPath;
    public string ClientId => _options.ClientId;
    public IReadOnlyList<string> Scopes => Routes.Scopes;
    public string DefaultScope => "MERCHANT_PROFILE_READ PAYMENTS_READ SETTLEMENTS_READ BANK_ACCOUNTS_READ";
    public TimeSpan CodeLifetime => TimeSpan.FromMinutes(5);
    public TimeSpan? AccessTokenLifetime => _tokens.Value.Life.AccessLifetime;

    /// <summary>Of a public client: each works once.</summary>
    private TokenLife Rotating => _tokens.Value.Life;

    /// <summary>Of a confidential client: the value stays.</summary>
    private TokenLife Lasting => _tokens.Value.Life with { Lifetime = Always, KeepsValueFor = Always, Grace = TimeSpan.Zero, ReuseBurns = false };

    public TokenLife? LifeOf(string? family) => IsPublic(family) ? Rotating : Lasting;

    public IReadOnlyList<ConsentChoice> Choices() => [.. _platform.Sellers.Select(seller => new ConsentChoice(seller.Id, seller.Name))];

    public void ReadTokenRequest(HttpRequest http, OpenIddictRequest request)
    {
        // The standard wants the redirect_uri again; Square's exchange may leave it out.
        request.RedirectUri ??= _grants.Find(request.Code)?.Claims
            .FirstOrDefault(claim => claim.Type == OpenIddictConstants.Claims.Private.RedirectUri)?.Value;
    }

    /// <summary>Without the secret, only what was begun with a challenge goes on.</summary>
    public string? RefuseClient(OpenIddictRequest request)
    {
        if (request.ClientId != ClientId) return "Not Authorized";
        if (!string.IsNullOrEmpty(request.ClientSecret)) return request.ClientSecret == _options.ClientSecret ? null : "Not Authorized";
        var grant = _grants.Find(request.Code ?? request.RefreshToken);
        return grant is not null && (HasChallenge(grant) || IsPublic(grant.Family)) ? null : "Not Authorized";
    }

    public string NewToken(GrantKind kind, string subject, string scope) => kind switch
    {
        GrantKind.Code => "sq0cgb-" + Random(22),
        GrantKind.AccessToken => "EAAA" + Random(60),
        _ => "EQAA" + Random(60),
    };

    public string DescribeUnusable(string token, Grant? grant) => grant?.Kind == GrantKind.RefreshToken || token.StartsWith("EQAA", StringComparison.Ordinal)
        ? "The refresh token is invalid, expired or revoked."
        : "The authorization code is invalid, expired or used.";

    public void CodeReused(Grant grant)
    {
        // Refused, and nothing more.
    }

    public void Exchanged(Grant grant)
    {
        if (grant is not { Kind: GrantKind.Code, Family: { } family } || !HasChallenge(grant)) return;
        lock (_lock)
            if (_public.Add(family)) _journal.Append("square-pkce", new JsonObject { ["family"] = family });
    }

    public void WriteAuthorization(OpenIddictResponse response, string? scope)
    {
        if (response.Code is not null) response["response_type"] = "code";
        else response.ErrorDescription = response.Error == OpenIddictConstants.Errors.AccessDenied ? "user_denied" : response.ErrorDescription;
    }

    /// <summary>Moments, not seconds to live, and the end of the refresh token only where it has one.</summary>
    public void WriteTokens(OpenIddictResponse response, string subject, string scope)
    {
        response.RemoveParameter(OpenIddictConstants.Parameters.ExpiresIn);
        response.RemoveParameter(OpenIddictConstants.Parameters.Scope);
        response.TokenType = "bearer";
        response["expires_at"] = End(_grants.Find(response.AccessToken));
        response["merchant_id"] = subject;
        response["short_lived"] = false;
        if (_grants.Find(response.RefreshToken) is { } refresh && IsPublic(refresh.Family)) response["refresh_token_expires_at"] = End(refresh);
    }

    private static string? End(Grant? grant) => grant?.ExpiresAt is { } end ? SquareJson.Time(end * 1_000)[..19] + "Z" : null;

    private static bool HasChallenge(Grant grant) => grant.Claims.Any(claim => claim.Type == OpenIddictConstants.Claims.Private.CodeChallenge);

    private bool IsPublic(string? family)
    {
        lock (_lock) return family is not null && _public.Contains(family);
    }

    private static string Random(int length) =>
        RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", length);
}

internal sealed record SquareTokens(RotatingTokens Value);
