using System.Security.Cryptography;
using FinanceIntegrations.Sandbox.OAuth;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;

namespace FinanceIntegrations.Sandbox.Xero;

/// <summary>The application that Xero knows. Section <c>Sandbox:Xero</c>.</summary>
internal sealed class XeroOptions
{
    public const string Section = "Sandbox:Xero";

    public string ClientId { get; set; } = "xero-sandbox";

    public string ClientSecret { get; set; } = "xero-sandbox-secret";
}

/// <summary>
/// Xero's identity server: every refresh rotates the refresh token, and the old one works for another 30 minutes, in case the answer was
/// lost; after them it is refused.
/// </summary>
internal sealed class XeroOAuth(IOptions<XeroOptions> options, XeroTokens tokens, XeroOrganisations organisations) : IOAuthDialect
{
    public const string Name = "xero";

    public static readonly OAuthRoutes Routes = new("/xero/identity/connect/authorize", "/xero/connect/token",
        ["openid", "profile", "email", "accounting.settings.read", "accounting.invoices.read", "accounting.banktransactions.read"]);

    public string Provider => Name;
    public string AuthorizePath => Routes.AuthorizePath;
    public string TokenPath => Routes.TokenPath;
    public string ClientId => options.Value.ClientId;
    public string ClientSecret => options.Value.ClientSecret;
    public IReadOnlyList<string> Scopes => [.. Routes.Scopes, OpenIddictConstants.Scopes.OfflineAccess];
    public string DefaultScope => "accounting.settings.read";
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
        GrantKind.Code => RandomNumberGenerator.GetHexString(43, lowercase: true),
        GrantKind.AccessToken => "eyJ." + RandomNumberGenerator.GetHexString(120, lowercase: true) + ".sandbox",
        _ => RandomNumberGenerator.GetHexString(43, lowercase: true),
    };

    public string DescribeUnusable(string token, Grant? grant) => "invalid_grant";

    public void CodeReused(Grant grant)
    {
        // Refused, and nothing more.
    }

    public void Exchanged(Grant grant)
    {
        // What a consent connects is read from /connections.
    }

    public void WriteAuthorization(OpenIddictResponse response, string? scope)
    {
        if (response.Code is not null) response.Scope = scope;
    }

    /// <summary>Only the code: <c>{"error":"invalid_grant"}</c>.</summary>
    public void WriteError(OpenIddictResponse response) => response.RemoveParameter(OpenIddictConstants.Parameters.ErrorDescription);

    public void WriteTokens(OpenIddictResponse response, string subject, string scope)
    {
        response.TokenType = "Bearer";
        response.ExpiresIn = (long)tokens.Value.Life.AccessLifetime.TotalSeconds;
        response.Scope = $"{scope} {OpenIddictConstants.Scopes.OfflineAccess}";
    }
}

internal sealed record XeroTokens(RotatingTokens Value);

internal sealed record XeroOrganisations(Organisations Value);
