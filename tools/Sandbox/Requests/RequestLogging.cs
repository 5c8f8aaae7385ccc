using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace FinanceIntegrations.Sandbox.Requests;

/// <summary>Notes every request to a provider route, with the path as the provider spells it, without our prefix.</summary>
internal sealed class RequestLogging(RequestDelegate next, RequestLog log)
{
    private static readonly HashSet<string> Secret =
        new(StringComparer.OrdinalIgnoreCase) { "code", "state", "client_secret", "code_verifier", "refresh_token", "access_token" };

    public async Task InvokeAsync(HttpContext http)
    {
        var provider = http.Features.GetRequiredFeature<ISandboxProvider>();
        var path = http.Request.Path.Value![(provider.Name.Length + 1)..];
        var request = log.Begin(provider.Name, http.Request.Method, path, Redacted(http.Request.QueryString));
        http.Features.Set(request);
        try
        {
            await next(http);
        }
        finally
        {
            // Whose connection ended before an answer began was not answered, whatever was going to be said.
            if (http.Response.HasStarted || !(http.RequestAborted.IsCancellationRequested || http.Features.Get<Unanswered>() is not null))
                request.Status = http.Response.StatusCode;
        }
    }

    private static string Redacted(QueryString query)
    {
        if (!query.HasValue) return "";
        var text = query.Value!;
        foreach (var pair in new QueryStringEnumerable(text))
        {
            if (!Secret.Contains(pair.DecodeName().ToString())) continue;
            return "?" + string.Join('&', text[1..].Split('&').Select(part =>
                Secret.Contains(Uri.UnescapeDataString(part.Split('=')[0])) ? part.Split('=')[0] + "=***" : part));
        }
        return text;
    }
}
