using System.Net;
using Microsoft.AspNetCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace FinanceIntegrations.Sandbox.OAuth;

/// <summary>Which authorization requests are let through to the consent page, and what the callback carries.</summary>
internal sealed class AuthorizationRules(OAuthDialects dialects) :
    IOpenIddictServerHandler<ValidateAuthorizationRequestContext>, IOpenIddictServerHandler<ApplyAuthorizationResponseContext>
{
    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context)
    {
        var dialect = dialects.Of(context.Transaction.GetHttpRequest());
        if (context.ClientId != dialect.ClientId)
            context.Reject(Errors.InvalidClient, $"No application matches the supplied client identifier: '{context.ClientId}'");
        else if (!context.Request.HasResponseType(ResponseTypes.Code))
            context.Reject(Errors.UnsupportedResponseType, "Only response_type=code is supported.");
        else if (context.Request.GetScopes().Except(dialect.Scopes).Any())
            context.Reject(Errors.InvalidScope, "Invalid scope provided.");
        else if (!IsLoopback(context.RedirectUri))
            context.Reject(Errors.InvalidRequest, "Invalid redirect URI: only http on a loopback address is registered here.");
        return ValueTask.CompletedTask;
    }

    public ValueTask HandleAsync(ApplyAuthorizationResponseContext context)
    {
        var dialect = dialects.Of(context.Transaction.GetHttpRequest());
        context.Response.RemoveParameter("error_uri");
        context.Response.RemoveParameter(Parameters.Iss);
        dialect.WriteAuthorization(context.Response, context.Request?.Scope ?? dialect.DefaultScope);
        return ValueTask.CompletedTask;
    }

    public static bool IsLoopback(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback;

    public static bool IsLoopback(HttpContext http) =>
        http.Request.Scheme == Uri.UriSchemeHttp && http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && IsLoopback($"http://{http.Request.Host}");
}
