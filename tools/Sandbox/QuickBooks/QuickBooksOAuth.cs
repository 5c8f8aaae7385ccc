using System.Security.Cryptography;
using FinanceIntegrations.Sandbox.OAuth;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;

namespace FinanceIntegrations.Sandbox.QuickBooks;

/// <summary>The application that Intuit knows. Section <c>Sandbox:QuickBooks</c>.</summary>
internal sealed class QuickBooksOptions
{
    public const string Section = "Sandbox:QuickBooks";

    public string ClientId { get; set; } = "quickbooks-sandbox";

    public string ClientSecret { get; set; } = "quickbooks-sandbox-secret";
}

/// <summary>
/// Intuit's OAuth: the refresh token's value changes about every 24 hours; the one before lives for 24 hours more. The company's id comes in
/// the callback only.
/// </summary>
internal sealed class QuickBooksOAuth(
    IOptions<QuickBooksOptions> options, QuickBooksTokens tokens, QuickBooksOrganisations organisations, GrantStore grants) : IOAuthDialect
{
    public const string Name = "quickbooks";

    public static readonly OAuthRoutes Routes = new("/quickbooks/connect/oauth2", "/quickbooks/oauth2/v1/tokens/bearer",
        ["com.intuit.quickbooks.accounting", "openid", "profile", "email"]);

    public string Provider => Name;
    public string AuthorizePath => Routes.AuthorizePath;
    public string TokenPath => Routes.TokenPath;
    public string ClientId => options.Value.ClientId;
    public string ClientSecret => options.Value.ClientSecret;
    public IReadOnlyList<string> Scopes => Routes.Scopes;
    public string DefaultScope => "com.intuit.quickbooks.accounting";
    public TimeSpan CodeLifetime => TimeSpan.FromMinutes(5);
    public TimeSpan? AccessTokenLifetime => tokens.Value.Life.AccessLifetime;
    public TokenLife? RefreshTokens => tokens.Value.Life;

    public IReadOnlyList<ConsentChoice> Choices() => organisations.Value.All;

    public void ReadTokenRequest(HttpRequest http, OpenIddictRequest request)
    {
        // Basic or form, as the standard has it: the server library has read it.
    }

    public string? RefuseClient(OpenIddictRequest request) =>
        request.ClientId == ClientId && request.ClientSecret == ClientSecret ? null : "invalid_client";

    public string NewToken(GrantKind kind, string subject, string scope) => kind switch
    {
        GrantKind.Code => "AB1" + RandomNumberGenerator.GetHexString(47),
        GrantKind.AccessToken => "eyJ." + RandomNumberGenerator.GetHexString(120, lowercase: true) + ".sandbox",
        _ => "RT1-" + RandomNumberGenerator.GetHexString(46),
    };

    public string DescribeUnusable(string token, Grant? grant) => "Incorrect or invalid refresh token";

    public void CodeReused(Grant grant)
    {
        // Refused, and nothing more.
    }

    public void Exchanged(Grant grant)
    {
        // The company came with the callback.
    }

    public void WriteAuthorization(OpenIddictResponse response, string? scope)
    {
        if (grants.Find(response.Code) is { } grant) response["realmId"] = grant.Subject;
    }

    public void WriteTokens(OpenIddictResponse response, string subject, string scope)
    {
        response.TokenType = "bearer";
        response.ExpiresIn = (long)tokens.Value.Life.AccessLifetime.TotalSeconds;
        response["x_refresh_token_expires_in"] = (long)tokens.Value.Life.Lifetime.TotalSeconds;
        response.RemoveParameter(OpenIddictConstants.Parameters.Scope);
    }
}

internal sealed record QuickBooksTokens(RotatingTokens Value);

internal sealed record QuickBooksOrganisations(Organisations Value);
