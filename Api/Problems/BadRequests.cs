using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FinanceIntegrations.Api.Problems;

/// <summary>Says what is wrong with a request that could not be read. The framework tells its reasons only in words.</summary>
internal static partial class BadRequests
{
    public static ProblemHttpResult Explain(BadHttpRequestException bad) => bad switch
    {
        { StatusCode: StatusCodes.Status413PayloadTooLarge } => Problem.Of(bad.StatusCode, "body_too_large", "The body is larger than this endpoint takes."),
        { StatusCode: StatusCodes.Status415UnsupportedMediaType } =>
            Problem.Of(bad.StatusCode, "unsupported_media_type", "The body must be application/json."),
        { InnerException: JsonException json } => Explain(json),
        _ when Parameter().Match(bad.Message) is { Success: true } match =>
            Unreadable(JsonNamingPolicy.SnakeCaseLower.ConvertName(match.Groups["name"].Value)),
        _ when bad.Message.Contains("no body was provided", StringComparison.Ordinal) =>
            Problem.Of(StatusCodes.Status400BadRequest, "body_missing", "The request needs a JSON body."),
        _ => Problem.Of(bad.StatusCode, "bad_request", "The request cannot be read."),
    };

    private static ProblemHttpResult Unreadable(string parameter) => Problem.Of(
        StatusCodes.Status400BadRequest, "parameter_invalid", $"The parameter {parameter} cannot be read.", ("parameter", parameter));

    private static ProblemHttpResult Explain(JsonException json)
    {
        var field = Field(json.Path);
        if (Unmapped().Match(json.Message) is { Success: true } unmapped)
            return Problem.Of(StatusCodes.Status400BadRequest, "unknown_field", $"There is no field {unmapped.Groups["name"].Value}.",
                ("field", unmapped.Groups["name"].Value));
        if (json.Message.Contains("could not be converted", StringComparison.Ordinal))
            return Problem.Invalid(field, "The value has the wrong type.");
        if (json.Message.Contains("missing required properties", StringComparison.Ordinal))
            return Problem.Invalid(field, "A required field is missing.");
        return Problem.Of(StatusCodes.Status400BadRequest, "malformed_json", "The body is not well-formed JSON.");
    }

    private static string Field(string? path) =>
        path is null or "$" ? "body" : path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path;

    [GeneratedRegex("""^Failed to bind parameter "\S+ (?<name>\w+)" from""", RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();

    [GeneratedRegex("^The JSON property '(?<name>.{1,100}?)' could not be mapped", RegexOptions.CultureInvariant)]
    private static partial Regex Unmapped();
}
