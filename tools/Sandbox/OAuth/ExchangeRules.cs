using Microsoft.AspNetCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace FinanceIntegrations.Sandbox.OAuth;

/// <summary>Token requests, in the order in which the server library takes them: read, check the client, exchange, answer.</summary>
internal sealed class ExchangeRules(OAuthDialects dialects, GrantStore grants, RefreshLog log, TimeProvider clock) :
    IOpenIddictServerHandler<ExtractTokenRequestContext>, IOpenIddictServerHandler<ValidateTokenRequestContext>,
    IOpenIddictServerHandler<HandleTokenRequestContext>, IOpenIddictServerHandler<ApplyTokenResponseContext>
{
    public ValueTask HandleAsync(ExtractTokenRequestContext context)
    {
        var http = context.Transaction.GetHttpRequest()!;
        if (context.Request is not null) dialects.Of(http).ReadTokenRequest(http, context.Request);
        return ValueTask.CompletedTask;
    }

    public ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        if (dialects.Of(context.Transaction.GetHttpRequest()).RefuseClient(context.Request) is { } reason)
            context.Reject(Errors.InvalidClient, reason);
        return ValueTask.CompletedTask;
    }

    public ValueTask HandleAsync(HandleTokenRequestContext context)
    {
        var dialect = dialects.Of(context.Transaction.GetHttpRequest());
        var token = context.Request.IsAuthorizationCodeGrantType() ? context.Request.Code! : context.Request.RefreshToken!;
        var grant = grants.Find(token)!;
        if (grant.Kind == GrantKind.Code && !grants.Redeem(token))
        {
            dialect.CodeReused(grant);
            context.Reject(Errors.InvalidGrant, dialect.DescribeUnusable(token, grants.Find(token)));
            return ValueTask.CompletedTask;
        }
        if (grant.Kind == GrantKind.RefreshToken && dialect.LifeOf(grant.Family) is { } life)
        {
            var outcome = grants.Rotate(token, life, clock.GetUtcNow().ToUnixTimeMilliseconds());
            context.Transaction.SetProperty(RefreshOutcomeOf.Name, new RefreshOutcomeOf(token, outcome));
            if (outcome is RefreshOutcome.Refused or RefreshOutcome.Burned)
            {
                context.Reject(Errors.InvalidGrant, dialect.DescribeUnusable(token, grants.Find(token)));
                return ValueTask.CompletedTask;
            }
        }
        dialect.Exchanged(grant);
        context.Principal = context.AuthorizationCodePrincipal ?? context.RefreshTokenPrincipal;
        return ValueTask.CompletedTask;
    }

    public ValueTask HandleAsync(ApplyTokenResponseContext context)
    {
        var dialect = dialects.Of(context.Transaction.GetHttpRequest());
        context.Response.RemoveParameter("error_uri");
        if (context.Response.Error is null && grants.Find(context.Response.AccessToken) is { } grant)
            dialect.WriteTokens(context.Response, grant.Subject, grant.Scope);
        if (context.Response.Error is not null) dialect.WriteError(context.Response);
        if (context.Request?.RefreshToken is { } presented)
            log.Add(dialect.Provider, presented, grants.Find(presented), context.Response.RefreshToken,
                context.Transaction.GetProperty<RefreshOutcomeOf>(RefreshOutcomeOf.Name)?.Outcome ?? RefreshOutcome.Refused);
        return ValueTask.CompletedTask;
    }
}
