using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;

namespace FinanceIntegrations.Sandbox.Square;

/// <summary>
/// Square's token endpoint around the standard one: the request is JSON with the client's credentials in it, and a refusal has Square's errors.
/// </summary>
internal sealed class SquareTokenEndpoint(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (http.Request.Path != SquareOAuth.Routes.TokenPath || !HttpMethods.IsPost(http.Request.Method))
        {
            await next(http);
            return;
        }
        if (await ReadAsync(http.Request) is not { } fields)
        {
            await SquareError.Bad("EXPECTED_JSON_BODY", "Expected a JSON body.", "").WriteAsync(http);
            return;
        }
        if (Missing(fields) is { } missing)
        {
            await SquareError.Bad("MISSING_REQUIRED_PARAMETER", $"Missing required parameter `{missing}`.", missing).WriteAsync(http);
            return;
        }
        using var form = new FormUrlEncodedContent(fields);
        http.Request.Body = await form.ReadAsStreamAsync(http.RequestAborted);
        http.Request.ContentLength = form.Headers.ContentLength;
        http.Request.ContentType = "application/x-www-form-urlencoded";
        await AnswerAsync(http);
    }

    private async Task AnswerAsync(HttpContext http)
    {
        using var answer = new MemoryStream();
        var real = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(answer));
        try
        {
            await next(http);
            await http.Response.BodyWriter.FlushAsync();
        }
        finally
        {
            http.Features.Set(real);
        }
        var body = answer.ToArray();
        if (http.Response.StatusCode == 200 || JsonNode.Parse(body) is not JsonObject refusal || (string?)refusal["error"] is not { } error)
        {
            await http.Response.Body.WriteAsync(body);
            return;
        }
        http.Response.Headers.ContentLength = null;
        http.Response.Headers.Remove("WWW-Authenticate");
        var detail = (string?)refusal["error_description"] ?? "Not Authorized";
        await (error is "invalid_client" or "invalid_grant"
            ? SquareError.Unauthorized with { Detail = detail }
            : SquareError.Bad("BAD_REQUEST", detail, error == "unsupported_grant_type" ? "grant_type" : "")).WriteAsync(http);
    }

    private static string? Missing(List<KeyValuePair<string, string>> fields) =>
        ((string[])["client_id", "grant_type"]).FirstOrDefault(name => fields.TrueForAll(field => field.Key != name || field.Value.Length == 0));

    /// <summary>Null: the body is no JSON object.</summary>
    private static async Task<List<KeyValuePair<string, string>>?> ReadAsync(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || type.MediaType != "application/json") return null;
        try
        {
            return await JsonNode.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted) is JsonObject body
                ? [.. body.Where(field => field.Value is JsonValue).Select(field => KeyValuePair.Create(field.Key, field.Value!.ToString()))]
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
