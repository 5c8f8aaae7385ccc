using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.Requests;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Sandbox.PayPal;

/// <summary>PayPal's error bodies (paypal.md §6).</summary>
internal static class PayPalErrors
{
    public static Task WriteAsync(
        HttpContext http, int status, string name, string message, string? field = null, string? issue = null, string location = "query", JsonObject? link = null)
    {
        var debug = RandomNumberGenerator.GetHexString(13, lowercase: true);
        var body = new JsonObject { ["name"] = name, ["message"] = message, ["debug_id"] = debug };
        if (issue is not null)
            body["details"] = new JsonArray(new JsonObject { ["field"] = field, ["location"] = location, ["issue"] = issue, ["description"] = message });
        body["links"] = link is null ? [] : new JsonArray(link);
        http.Response.StatusCode = status;
        http.Response.Headers["Paypal-Debug-Id"] = debug;
        return http.Response.WriteAsJsonAsync(body, http.RequestAborted);
    }

    /// <summary>Not the usual shape: a token that is dead (paypal.md §2a).</summary>
    public static Task DeadTokenAsync(HttpContext http)
    {
        http.Response.StatusCode = 401;
        return http.Response.WriteAsJsonAsync(new { error = "invalid_token", error_description = "Access Token not found in cache" }, http.RequestAborted);
    }
}

/// <summary>Who asks, and for whom: the app's token, and the assertion of the merchant that it acts for.</summary>
internal sealed class PayPalGate(IOptions<PayPalOptions> options, PayPalAppTokens tokens, PayPalPlatform platform, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long Second, int Calls)> _calls = [];

    /// <summary>Null: refused, and answered.</summary>
    public async Task<PayPalMerchant?> AdmitAsync(HttpContext http)
    {
        var header = http.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.Ordinal) || !tokens.IsAlive(header[7..].Trim()))
        {
            await PayPalErrors.DeadTokenAsync(http);
            return null;
        }
        var merchant = platform.Own;
        if (http.Request.Headers.TryGetValue("PayPal-Auth-Assertion", out var assertion))
        {
            merchant = MerchantIn(assertion.ToString());
            if (merchant is not { Granted: true })
            {
                await PayPalErrors.WriteAsync(http, 403, "NOT_AUTHORIZED", "Authorization failed due to insufficient permissions.",
                    issue: "PERMISSION_DENIED", location: "header");
                return null;
            }
        }
        if (http.Features.Get<LoggedRequest>() is { } request) request.Account = merchant.Id;
        if (MayCall(merchant.Id)) return merchant;
        await PayPalErrors.WriteAsync(http, 429, "RATE_LIMIT_REACHED", "Too many requests. Blocked due to rate limiting.");
        return null;
    }

    private PayPalMerchant? MerchantIn(string assertion)
    {
        var parts = assertion.Split('.');
        if (parts.Length != 3 || parts[2].Length != 0) return null;
        try
        {
            var (head, claims) = (Json(parts[0]), Json(parts[1]));
            return (string?)head["alg"] == "none" && (string?)claims["iss"] == options.Value.ClientId ? platform.Find((string?)claims["payer_id"]) : null;
        }
        catch (Exception odd) when (odd is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }

        static JsonObject Json(string part) => JsonNode.Parse(Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(part)))!.AsObject();
    }

    private bool MayCall(string account)
    {
        if (options.Value.RequestsPerSecond is not (> 0 and var limit)) return true;
        var second = clock.GetUtcNow().ToUnixTimeSeconds();
        lock (_lock)
        {
            var (at, calls) = _calls.GetValueOrDefault(account);
            calls = at == second ? calls + 1 : 1;
            _calls[account] = (second, calls);
            return calls <= limit;
        }
    }
}
