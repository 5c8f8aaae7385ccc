using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace FinanceIntegrations.Sandbox.OAuth;

/// <summary>
/// Asks the person, or decides at once, on plain loopback http only: <c>sandbox_approve=1</c>, <c>sandbox_account=…</c>,
/// <c>sandbox_deny=1</c>.
/// </summary>
internal sealed class Consent(OAuthDialects dialects)
{
    /// <summary>Tells the tokens of one consent from those of another by the same account.</summary>
    public const string FamilyClaim = "sandbox_family";

    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;

    public void Map(IEndpointRouteBuilder routes, IOAuthDialect dialect) =>
        routes.MapMethods(dialect.AuthorizePath, [HttpMethods.Get, HttpMethods.Post], DecideAsync);

    private Task DecideAsync(HttpContext http)
    {
        var dialect = dialects.Of(http.Request);
        var request = http.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("Not an authorization request.");
        var byForm = (string?)request["sandbox_decision"];
        var atOnce = AuthorizationRules.IsLoopback(http);
        if (byForm == "deny" || (atOnce && (string?)request["sandbox_deny"] == "1")) return DenyAsync(http);
        var chosen = (string?)request["sandbox_account"];
        var decided = byForm == "approve" || (atOnce && (chosen is not null || (string?)request["sandbox_approve"] == "1"));
        var choices = dialect.Choices();
        if (decided && choices.FirstOrDefault(choice => chosen is null || choice.Id == chosen) is { } choice)
            return http.SignInAsync(Scheme, Principal(choice, request, dialect));
        return ConsentPage.WriteAsync(http, dialect, request, choices);
    }

    private static ClaimsPrincipal Principal(ConsentChoice choice, OpenIddictRequest request, IOAuthDialect dialect)
    {
        var identity = new ClaimsIdentity("consent", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, choice.Id);
        identity.AddClaim(new Claim(FamilyClaim, RandomNumberGenerator.GetHexString(16, lowercase: true)).SetDestinations(Destinations.AccessToken));
        var asked = request.GetScopes();
        identity.SetScopes(asked.IsEmpty ? [dialect.DefaultScope, Scopes.OfflineAccess] : asked.Add(Scopes.OfflineAccess));
        return new ClaimsPrincipal(identity);
    }

    private static Task DenyAsync(HttpContext http) => http.ForbidAsync(Scheme, new AuthenticationProperties(new Dictionary<string, string?>
    {
        [OpenIddictServerAspNetCoreConstants.Properties.Error] = Errors.AccessDenied,
        [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = "The user denied your request",
    }));
}
