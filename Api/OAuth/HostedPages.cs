using System.Security.Cryptography;
using System.Text;
using FinanceIntegrations.Api.Cluster;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Providers;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Api.OAuth;

/// <summary>
/// The hosted authorization: our start page binds the browser by a cookie, our callback page ends only what that browser began. The start
/// page names whose account will receive the data and goes on only by a click: a link sent to somebody else is seen for what it is.
/// </summary>
internal static class HostedPages
{
    public const string StartPath = "/api/integrations/oauth/start";
    public const string CallbackPath = "/api/integrations/oauth/callback";
    private const string CookiePath = "/api/integrations/oauth";

    public static void MapHostedAuthorization(this RouteGroupBuilder api)
    {
        api.MapGet("/oauth/start", Start).AllowAnonymous().ExcludeFromDescription();
        api.MapGet("/oauth/callback", Callback).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<ContentHttpResult> Start(
        string? ticket, HttpContext http, AuthorizationSeals seals, IntegrationReader reader, IOptions<ApiOptions> api, TimeProvider clock, CancellationToken cancel)
    {
        if (seals.OpenTicket(ticket) is not var (state, url)) return Pages.NotOurs();
        if (clock.GetUtcNow() >= state.ExpiresAt) return Pages.TooLate();
        if (await reader.FindAsync(state.Integration, state.User, cancel) is not { } integration) return Pages.NotOurs();
        http.Response.Cookies.Append(CookieName(state), seals.SealCookie(state), Cookie(api.Value, state.ExpiresAt - clock.GetUtcNow()));
        return Pages.Confirm(integration.Provider, integration.Name, state.User, url);
    }

    private static async Task<ContentHttpResult> Callback(
        HttpContext http, AuthorizationSeals seals, IntegrationReader reader, IntegrationGrains grains, IOptions<ApiOptions> api, TimeProvider clock,
        CancellationToken cancel)
    {
        var query = http.Request.Query;
        if (seals.OpenState(query["state"]) is not { } state) return Pages.NotOurs();
        if (!seals.CookieFits(http.Request.Cookies[CookieName(state)], state)) return Pages.FinishInApplication();
        http.Response.Cookies.Delete(CookieName(state), Cookie(api.Value, TimeSpan.Zero));
        if (clock.GetUtcNow() >= state.ExpiresAt) return Pages.TooLate();

        string? code = query["code"], error = query["error"];
        if (string.IsNullOrEmpty(code) && string.IsNullOrEmpty(error)) return Pages.NotOurs();
        var reply = await grains.Get(state.Integration).CompleteAuthorization(new()
        {
            Nonce = state.Nonce,
            Code = string.IsNullOrEmpty(error) ? code : null,
            Error = string.IsNullOrEmpty(error) ? null : error,
            Parameters = query.Where(q => q.Key is not ("code" or "state" or "error")).ToDictionary(q => q.Key, q => q.Value.ToString()),
        }, CancellationToken.None);   // a code is exchanged once, whether or not the browser still waits
        if (error == Denials.AccessDenied) return Pages.Declined();
        if (reply.Refusal is { } refusal) return Pages.Failed(refusal.Message);
        var integration = await reader.FindAsync(state.Integration, state.User, cancel);
        return Pages.Connected(integration?.Name ?? "");
    }

    /// <summary>One cookie per authorization, so that two in one browser do not disturb each other.</summary>
    private static string CookieName(AuthorizationState state) =>
        $"fi_oauth_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(state.Nonce)).AsSpan(0, 6))}";

    /// <summary>Lax: the provider's redirect is a top-level navigation, and only those bring it along. A proxy may hide from us that the browser speaks https.</summary>
    private static CookieOptions Cookie(ApiOptions api, TimeSpan lifetime) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = api.PublicUrl!.Scheme == Uri.UriSchemeHttps,
        Path = CookiePath,
        MaxAge = lifetime,
        IsEssential = true,
    };
}
