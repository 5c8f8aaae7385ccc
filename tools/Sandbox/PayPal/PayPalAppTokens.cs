using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FinanceIntegrations.Sandbox.Requests;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Sandbox.PayPal;

/// <summary>The app's own token: the same one comes again, with the seconds that are left, until it dies. Nothing of it is kept over a restart.</summary>
internal sealed class PayPalAppTokens(IOptions<PayPalOptions> options, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private string? _token;
    private DateTimeOffset _until;
    private int? _seconds;

    public (string Token, long Left) Current()
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            if (_token is null || now >= _until)
            {
                _token = "A21AA" + RandomNumberGenerator.GetHexString(90);
                _until = now.AddSeconds(_seconds ?? options.Value.TokenSeconds);
            }
            return (_token, (long)Math.Ceiling((_until - now).TotalSeconds));
        }
    }

    public bool IsAlive(string? token)
    {
        lock (_lock) return token is not null && token == _token && clock.GetUtcNow() < _until;
    }

    /// <summary>Kills the token; the next ones live so long.</summary>
    public void Expire(int? seconds)
    {
        lock (_lock)
        {
            _token = null;
            _seconds = seconds ?? _seconds;
        }
    }
}

/// <summary>Answers <c>grant_type=client_credentials</c> before the server library sees it: PayPal's cached token is not the standard's.</summary>
internal sealed class PayPalClientCredentials(RequestDelegate next, PayPalAppTokens tokens, IOptions<PayPalOptions> options, PayPalPlatform platform)
{
    private const string Scope = "https://uri.paypal.com/services/reporting/search/read https://uri.paypal.com/services/reporting/balances/read "
        + "https://uri.paypal.com/services/disputes/read-seller https://uri.paypal.com/services/disputes/update-seller https://uri.paypal.com/payments/payouts https://uri.paypal.com/services/applications/webhooks openid";

    public async Task InvokeAsync(HttpContext http)
    {
        if (http.Request.Path != PayPalOAuth.Routes.TokenPath || !HttpMethods.IsPost(http.Request.Method) || !http.Request.HasFormContentType
            || (await http.Request.ReadFormAsync(http.RequestAborted))["grant_type"] != "client_credentials")
        {
            await next(http);
            return;
        }
        http.Response.Headers["Paypal-Debug-Id"] = RandomNumberGenerator.GetHexString(13, lowercase: true);
        var expected = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.Value.ClientId}:{options.Value.ClientSecret}"));
        if (http.Request.Headers.Authorization != expected)
        {
            http.Response.StatusCode = 401;
            await http.Response.WriteAsJsonAsync(new { error = "invalid_client", error_description = "Client Authentication failed" }, http.RequestAborted);
            return;
        }
        if (http.Features.Get<LoggedRequest>() is { } request) request.Account = platform.Own.Id;
        var (token, left) = tokens.Current();
        await http.Response.WriteAsJsonAsync(new
        {
            scope = Scope,
            access_token = token,
            token_type = "Bearer",
            app_id = "APP-80W284485P519543T",
            expires_in = left,
            nonce = DateTimeOffset.UnixEpoch.AddSeconds(left).ToString("O", CultureInfo.InvariantCulture),
        }, http.RequestAborted);
    }
}
