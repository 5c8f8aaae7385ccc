using System.Text;
using FinanceIntegrations.Sandbox.OAuth;
using FinanceIntegrations.Sandbox.Requests;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>Who asks, and for whom: the platform's key with <c>Stripe-Account</c>, or an account's own access token.</summary>
internal sealed class StripeAuthentication(IOptions<StripeOptions> options, StripePlatform platform, GrantStore grants, TimeProvider clock)
{
    public StripeAccount? Identify(HttpContext http, out StripeError? error)
    {
        var account = Caller(http.Request, out error);
        if (account is null) return null;
        if (http.Features.Get<LoggedRequest>() is { } request) request.Account = account.Id;
        var limits = options.Value.Limits;
        if (account.Rate.Allows(options.Value.RequestsPerSecond, clock) && account.Windows.Allow(limits.Where(l => !l.App), clock)
            && platform.Windows.Allow(limits.Where(l => l.App), clock))
            return account;
        error = StripeError.RateLimited;
        return null;
    }

    public bool IsPlatform(HttpRequest request, string? formKey) =>
        (KeyIn(request.Headers.Authorization) ?? formKey) == options.Value.SecretKey;

    /// <summary>The key in an Authorization header: Bearer, or the user name of Basic.</summary>
    public static string? KeyIn(string? authorization)
    {
        if (string.IsNullOrEmpty(authorization)) return null;
        if (authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return authorization[7..].Trim();
        if (!authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)) return null;
        var bytes = new byte[authorization.Length];
        return Convert.TryFromBase64String(authorization[6..].Trim(), bytes, out var length)
            ? Encoding.UTF8.GetString(bytes, 0, length).Split(':')[0]
            : null;
    }

    private StripeAccount? Caller(HttpRequest request, out StripeError? error)
    {
        error = null;
        if (KeyIn(request.Headers.Authorization) is not { Length: > 0 } key)
        {
            error = StripeError.NoKey;
            return null;
        }
        var asked = (string?)request.Headers["Stripe-Account"];
        if (key == options.Value.SecretKey)
        {
            if (asked is null || asked == platform.Own.Id) return platform.Own;
            if (platform.Find(asked) is { GrantedScope: not null } connected) return connected;
            error = StripeError.NoAccess(key, asked);
            return null;
        }
        if (grants.Find(key) is not { Kind: GrantKind.AccessToken, Provider: "stripe", Revoked: false } grant
            || platform.Find(grant.Subject) is not { } own)
        {
            error = StripeError.BadKey(key);
            return null;
        }
        if (asked is null || asked == own.Id) return own;
        error = StripeError.NoAccess(key, asked);
        return null;
    }
}
