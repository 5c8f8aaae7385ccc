using System.Security.Claims;
using Microsoft.AspNetCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace FinanceIntegrations.Sandbox.OAuth;

/// <summary>Gives the server library codes and tokens that look like the provider's, and recognises them again.</summary>
internal sealed class GrantTokens(OAuthDialects dialects, GrantStore grants, TimeProvider clock) :
    IOpenIddictServerHandler<GenerateTokenContext>, IOpenIddictServerHandler<ValidateTokenContext>
{
    public ValueTask HandleAsync(GenerateTokenContext context)
    {
        if (KindOf(context.TokenType) is not { } kind) return ValueTask.CompletedTask;
        var dialect = dialects.Of(context.Transaction.GetHttpRequest());
        var principal = context.Principal;
        var subject = principal.GetClaim(Claims.Subject)!;
        var scope = string.Join(' ', principal.GetScopes().Where(scope => scope != Scopes.OfflineAccess));
        var lifetime = kind switch
        {
            GrantKind.Code => dialect.CodeLifetime,
            GrantKind.AccessToken => dialect.AccessTokenLifetime,
            _ => dialect.LifeOf(principal.GetClaim(Consent.FamilyClaim))?.Lifetime,
        };
        var now = clock.GetUtcNow();
        if (kind == GrantKind.RefreshToken && context.Transaction.GetProperty<RefreshOutcomeOf>(RefreshOutcomeOf.Name) is { Outcome: RefreshOutcome.Kept } kept)
        {
            context.Token = kept.Token;   // the value that the caller has stays
            return ValueTask.CompletedTask;
        }
        context.Token = dialect.NewToken(kind, subject, scope);
        grants.Issue(new Grant
        {
            Token = context.Token,
            Kind = kind,
            Provider = dialect.Provider,
            Subject = subject,
            Scope = scope,
            ExpiresAt = lifetime is { } span ? now.Add(span).ToUnixTimeSeconds() : null,
            Family = principal.GetClaim(Consent.FamilyClaim),
            IssuedAt = now.ToUnixTimeMilliseconds(),
            Claims = [.. principal.Claims.Select(claim => new GrantClaim(claim.Type, claim.Value, claim.ValueType))],
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask HandleAsync(ValidateTokenContext context)
    {
        var dialect = dialects.Of(context.Transaction.GetHttpRequest());
        var grant = grants.Find(context.Token);
        if (grant is { Kind: GrantKind.Code, Redeemed: true }) dialect.CodeReused(grant);
        var usable = grant is { Redeemed: false, Revoked: false } && grant.Provider == dialect.Provider
            && (grant.ExpiresAt is not { } end || clock.GetUtcNow().ToUnixTimeSeconds() < end);
        if (!usable)
        {
            context.Reject(Errors.InvalidGrant, dialect.DescribeUnusable(context.Token, grant));
            return ValueTask.CompletedTask;
        }
        var identity = new ClaimsIdentity("grant", Claims.Name, Claims.Role);
        identity.AddClaims(grant!.Claims.Select(claim => new Claim(claim.Type, claim.Value, claim.ValueType)));
        context.Principal = new ClaimsPrincipal(identity).SetTokenType(TypeOf(grant.Kind)).SetExpirationDate(null);
        return ValueTask.CompletedTask;
    }

    private static GrantKind? KindOf(string type) => type switch
    {
        TokenTypeIdentifiers.Private.AuthorizationCode => GrantKind.Code,
        TokenTypeIdentifiers.AccessToken => GrantKind.AccessToken,
        TokenTypeIdentifiers.RefreshToken => GrantKind.RefreshToken,
        _ => null,
    };

    private static string TypeOf(GrantKind kind) => kind switch
    {
        GrantKind.Code => TokenTypeIdentifiers.Private.AuthorizationCode,
        GrantKind.RefreshToken => TokenTypeIdentifiers.RefreshToken,
        _ => TokenTypeIdentifiers.AccessToken,
    };
}
