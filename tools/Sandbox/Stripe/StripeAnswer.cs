using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>What every answer carries.</summary>
internal static class StripeAnswer
{
    private static readonly string Run = RunMark();
    private static long _last;

    public static string NewRequestId() => "req_" + Run + Interlocked.Increment(ref _last).ToString("D8", CultureInfo.InvariantCulture);

    public static Task WriteAsync(HttpContext http, byte[] body)
    {
        Begin(http, body.Length);
        return http.Response.BodyWriter.WriteAsync(body).AsTask();
    }

    /// <param name="requestId">Null: a new one.</param>
    public static void Begin(HttpContext http, long length, string? requestId = null)
    {
        var headers = http.Response.Headers;
        headers.ContentType = "application/json";
        headers.ContentLength = length;
        headers.CacheControl = "no-cache, no-store";
        headers["Request-Id"] = requestId ?? NewRequestId();
        headers["Stripe-Version"] = http.Request.Headers["Stripe-Version"] is { Count: > 0 } asked
            ? asked
            : http.RequestServices.GetRequiredService<IOptions<StripeOptions>>().Value.ApiVersion;
        if (http.Request.Headers["Stripe-Account"] is { Count: > 0 } account) headers["Stripe-Account"] = account;
    }

    private static string RunMark() => Convert.ToHexString(RandomNumberGenerator.GetBytes(3));
}
