using FinanceIntegrations.Grains.Abstractions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FinanceIntegrations.Api.Problems;

/// <summary>Every refusal of the API, as an RFC 9457 document with a stable code.</summary>
internal static class Problem
{
    public static ProblemHttpResult Of(int status, string code, string detail, params ReadOnlySpan<(string Key, object? Value)> more)
    {
        var extensions = new Dictionary<string, object?> { ["code"] = code };
        foreach (var (key, value) in more) extensions[key] = value;
        return TypedResults.Problem(detail, statusCode: status, extensions: extensions);
    }

    public static ProblemHttpResult Invalid(string field, string message) => Of(StatusCodes.Status400BadRequest, "validation_failed",
        "The request is not valid.", ("errors", new Dictionary<string, string[]> { [field] = [message] }));

    /// <summary>Foreign and unknown read alike.</summary>
    public static ProblemHttpResult NotFound(string what) =>
        Of(StatusCodes.Status404NotFound, $"{what}_not_found", $"There is no such {what.Replace('_', ' ')}.");

    /// <summary>What a grain refuses. A wait that it names becomes Retry-After.</summary>
    public static ProblemHttpResult From(Refusal refusal, params ReadOnlySpan<(string Key, object? Value)> more)
    {
        if (refusal.Code == "not_found") return NotFound("integration");
        if (refusal.Code == "attention_item_not_found") return NotFound("attention_item");
        var problem = Of(StatusOf(refusal), refusal.Code, refusal.Message, more);
        if (refusal.ErrorClass is { } error) problem.ProblemDetails.Extensions["error_class"] = error;
        if (refusal.RetryAfter is { } wait) problem.ProblemDetails.Extensions[RetryAfter] = (long)Math.Ceiling(wait.TotalSeconds);
        return problem;
    }

    /// <summary>Seconds; stands in the header of that name too.</summary>
    public const string RetryAfter = "retry_after";

    private static int StatusOf(Refusal refusal) => refusal.Code switch
    {
        "state_invalid" or "state_expired" or "state_used" or "authorization_denied" or "provider_unknown"
            or "integration_type_unknown" or "choice_unknown" or "stream_unknown" => StatusCodes.Status400BadRequest,
        "not_due" or "switched_off" or "authorization_expired" or "not_connected" or "circuit_open" or "sync_running"
            or "already_resolved" or "authorization_needed" or "rows_still_parked" or "nothing_to_accept" or "no_refresh_token" or "provider_switched_off"
            or "write_switched_off" or "too_many_writes" or "not_supported" or "other_account" or "calls_under_way" => StatusCodes.Status409Conflict,
        _ => refusal.ErrorClass switch
        {
            "rate_limited" => StatusCodes.Status503ServiceUnavailable,
            "network" or "provider_unavailable" or "validation" => StatusCodes.Status502BadGateway,
            "outcome_unknown" => StatusCodes.Status504GatewayTimeout,
            "business_rule" => StatusCodes.Status422UnprocessableEntity,
            _ => StatusCodes.Status409Conflict,
        },
    };
}
