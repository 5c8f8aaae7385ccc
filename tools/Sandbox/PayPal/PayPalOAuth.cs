using System.Security.Cryptography;
using FinanceIntegrations.Sandbox.OAuth;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;

namespace FinanceIntegrations.Sandbox.PayPal;

/// <summary>
/// Log in with PayPal: tells who the merchant is. Whoever logs in here grants the app its partner's permission too, as the onboarding page
/// would have asked.
/// </summary>
internal sealed class PayPalOAuth(IOptions<PayPalOptions> options, PayPalPlatform platform) : IOAuthDialect
{
    public const string Name = "paypal";

    private const string BadCode = "Invalid authorization code";

    public static readonly OAuthRoutes Routes = new("/paypal/signin/authorize", "/paypal/v1/oauth2/token",
        ["openid", "profile", "email", "address", "https://uri.paypal.com/services/paypalattributes"]);

    public string Provider => Name;
    public string AuthorizePath => Routes.AuthorizePath;
    public string TokenPath => Routes.TokenPath;
    public string ClientId => options.Value.ClientId;
    public IReadOnlyList<string> Scopes => Routes.Scopes;
    public string DefaultScope => "openid";
    public TimeSpan CodeLifetime => TimeSpan.FromMinutes(3);
    public TimeSpan? AccessTokenLifetime => TimeSpan.FromSeconds(900);

    public IReadOnlyList<ConsentChoice> Choices() => [.. platform.Merchants.Select(one => new ConsentChoice(one.Id, one.Name))];

    public void ReadTokenRequest(HttpRequest http, OpenIddictRequest request)
    {
        // Basic, as the standard has it: the server library has read it.
    }

    public string? RefuseClient(OpenIddictRequest request) =>
        request.ClientId == ClientId && request.ClientSecret == options.Value.ClientSecret ? null : "Client Authentication failed";

    public string NewToken(GrantKind kind, string subject, string scope) => kind switch
    {
        GrantKind.Code => "C21AA" + RandomNumberGenerator.GetHexString(48),
        GrantKind.AccessToken => "A23AA" + RandomNumberGenerator.GetHexString(80),
        _ => "R23AA" + RandomNumberGenerator.GetHexString(80),
    };

    public string DescribeUnusable(string token, Grant? grant) =>
        grant?.Kind == GrantKind.RefreshToken || token.StartsWith("R23", StringComparison.Ordinal) ? "Unable to refresh access token" : BadCode;

    public void CodeReused(Grant grant)
    {
        // Refused, and nothing more.
    }

    public void Exchanged(Grant grant)
    {
        if (grant.Kind == GrantKind.Code && platform.Find(grant.Subject) is { } merchant) platform.Grant(merchant);
    }

    public void WriteAuthorization(OpenIddictResponse response, string? scope)
    {
        if (response.Code is not null) response.Scope = scope;
    }

    /// <summary><c>access_denied</c> of a code, <c>invalid_request</c> of a refresh token (paypal.md §2b).</summary>
    public void WriteError(OpenIddictResponse response)
    {
        if (response.Error == OpenIddictConstants.Errors.InvalidGrant)
            response.Error = response.ErrorDescription == BadCode ? "access_denied" : "invalid_request";
        response["correlation_id"] = RandomNumberGenerator.GetHexString(13, lowercase: true);
    }

    public void WriteTokens(OpenIddictResponse response, string subject, string scope)
    {
        response.TokenType = "Bearer";
        response.ExpiresIn = 900;
        response.Scope = scope;
    }
}
