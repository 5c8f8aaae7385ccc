using System.Security.Cryptography;
using FinanceIntegrations.Sandbox.OAuth;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>
/// Connect's OAuth: the client is known by the platform's secret key alone, tokens never expire, and a code used twice ends the connection.
/// </summary>
internal sealed class StripeOAuth(IOptions<StripeOptions> options, StripePlatform platform, GrantStore grants) : IOAuthDialect
{
    public static readonly OAuthRoutes Routes = new("/stripe/oauth/authorize", "/stripe/oauth/token", ["read_write", "read_only"]);

    public string Provider => "stripe";
    public string AuthorizePath => Routes.AuthorizePath;
    public string TokenPath => Routes.TokenPath;
    public string ClientId => options.Value.ClientId;
    public IReadOnlyList<string> Scopes => Routes.Scopes;
    public string DefaultScope => "read_only";
    public TimeSpan CodeLifetime => TimeSpan.FromMinutes(5);
    public TimeSpan? AccessTokenLifetime => null;

    public IReadOnlyList<ConsentChoice> Choices() => [.. platform.Accounts.Select(account => new ConsentChoice(account.Id, account.Name))];

    public void ReadTokenRequest(HttpRequest http, OpenIddictRequest request)
    {
        request.ClientSecret = StripeAuthentication.KeyIn(http.Headers.Authorization) ?? request.ClientSecret;
        request.ClientId = ClientId;
        // The standard wants the redirect_uri again; Stripe's exchange does not carry it.
        request.RedirectUri ??= grants.Find(request.Code)?.Claims
            .FirstOrDefault(claim => claim.Type == OpenIddictConstants.Claims.Private.RedirectUri)?.Value;
    }

    public string? RefuseClient(OpenIddictRequest request) =>
        request.ClientSecret == options.Value.SecretKey ? null
        : string.IsNullOrEmpty(request.ClientSecret) ? StripeError.NoKey.Message
        : StripeError.BadKey(request.ClientSecret).Message;

    public string NewToken(GrantKind kind, string subject, string scope)
    {
        switch (kind)
        {
            case GrantKind.Code:
                return "ac_" + RandomNumberGenerator.GetHexString(32, lowercase: true);
            case GrantKind.AccessToken:
                // Any earlier access token of the same scope and mode is revoked.
                grants.Revoke(Provider, subject, GrantKind.AccessToken, scope);
                return "sk_test_" + RandomNumberGenerator.GetHexString(40, lowercase: true);
            default:
                return grants.Living(Provider, subject, GrantKind.RefreshToken)?.Token
                    ?? "rt_" + RandomNumberGenerator.GetHexString(32, lowercase: true);
        }
    }

    public string DescribeUnusable(string token, Grant? grant) => grant switch
    {
        { Kind: GrantKind.Code, Redeemed: true } =>
            "This authorization code has already been used. All tokens issued with this code have been revoked.",
        { Kind: GrantKind.Code, Revoked: false } => $"Authorization code expired: {token}",
        { Kind: GrantKind.RefreshToken } => $"Refresh token has been revoked: {token}",
        _ when token.StartsWith("rt_", StringComparison.Ordinal) => $"Refresh token does not exist: {token}",
        _ => $"Authorization code does not exist: {token}",
    };

    public void CodeReused(Grant grant) => platform.Disconnect(grant.Subject);

    public void Exchanged(Grant grant)
    {
        if (grant.Kind == GrantKind.Code) platform.Connect(grant.Subject, grant.Scope);
    }

    public void WriteAuthorization(OpenIddictResponse response, string? scope)
    {
        if (response.Code is not null) response.Scope = scope;
    }

    public void WriteTokens(OpenIddictResponse response, string subject, string scope)
    {
        response.RemoveParameter(OpenIddictConstants.Parameters.ExpiresIn);
        response.TokenType = "bearer";
        response.Scope = scope;
        response["livemode"] = false;
        response["stripe_publishable_key"] = "pk_test_" + subject["acct_".Length..];
        response["stripe_user_id"] = subject;
    }
}
