using System.Text.Json.Nodes;

namespace FinanceIntegrations.Sandbox.Square;

/// <summary>An answer that is an error: <c>{"errors":[{category, code, detail, field}]}</c>.</summary>
internal sealed record SquareError(int Status, string Category, string Code, string Detail, string? Field = null)
{
    private const string Invalid = "INVALID_REQUEST_ERROR";
    private const string Authentication = "AUTHENTICATION_ERROR";

    public static SquareError Unauthorized => new(401, Authentication, "UNAUTHORIZED", "This request could not be authorized.");

    public static SquareError Expired => new(401, Authentication, "ACCESS_TOKEN_EXPIRED", "The access token is expired.");

    public static SquareError Revoked => new(401, Authentication, "ACCESS_TOKEN_REVOKED", "The access token has been revoked.");

    public static SquareError InvalidCursor => new(400, Invalid, "INVALID_CURSOR", "The pagination cursor is invalid or has expired.", "cursor");

    public static SquareError Scopes(string missing) => new(403, Authentication, "INSUFFICIENT_SCOPES",
        $"The merchant has not given your application sufficient permissions to do that. The merchant must authorize your application for the following scopes: {missing}");

    public static SquareError NotFound(string what) => new(404, Invalid, "NOT_FOUND", $"{what} not found");

    public static SquareError Bad(string code, string detail, string field) => new(400, Invalid, code, detail, field);

    public static SquareError OfStatus(int status) => status switch
    {
        401 => Unauthorized,
        403 => new(403, Authentication, "FORBIDDEN", "You are not permitted to do this."),
        404 => NotFound("Resource"),
        408 => new(408, Invalid, "REQUEST_TIMEOUT", "Request timed out."),
        409 => new(409, Invalid, "CONFLICT", "Conflict."),
        429 => new(429, "RATE_LIMIT_ERROR", "RATE_LIMITED", "Your request has been rate limited."),
        502 => new(502, "API_ERROR", "BAD_GATEWAY", "Bad gateway."),
        503 => new(503, "API_ERROR", "SERVICE_UNAVAILABLE", "Service unavailable."),
        504 => new(504, "API_ERROR", "GATEWAY_TIMEOUT", "Gateway timeout."),
        >= 500 => new(status, "API_ERROR", "INTERNAL_SERVER_ERROR", "An internal error has occurred."),
        _ => new(status, Invalid, "BAD_REQUEST", "The request could not be processed."),
    };

    public Task WriteAsync(HttpContext http)
    {
        var error = new JsonObject { ["category"] = Category, ["code"] = Code, ["detail"] = Detail };
        if (Field is not null) error["field"] = Field;
        http.Response.StatusCode = Status;
        return http.Response.WriteAsJsonAsync(new JsonObject { ["errors"] = new JsonArray(error) });
    }
}
