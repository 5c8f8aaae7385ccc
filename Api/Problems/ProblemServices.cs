using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;

namespace FinanceIntegrations.Api.Problems;

internal static class ProblemServices
{
    /// <summary>Problem documents for every way in which a request can fail.</summary>
    public static IServiceCollection AddProblems(this IServiceCollection services) => services
        .AddProblemDetails(o => o.CustomizeProblemDetails = Complete)
        .AddExceptionHandler<ProblemExceptionHandler>()
        .Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);   // so that its cause reaches the exception handler

    public static void UseProblems(this IApplicationBuilder app)
    {
        // Handled is answered, not logged as unhandled: the handler logs what somebody may have to look at.
        app.UseExceptionHandler(new ExceptionHandlerOptions { SuppressDiagnosticsCallback = _ => true });
        app.UseStatusCodePages();
    }

    private static void Complete(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        if (problem is HttpValidationProblemDetails invalid)
        {
            // As callers spell them.
            invalid.Errors = invalid.Errors.ToDictionary(e => JsonNamingPolicy.SnakeCaseLower.ConvertName(e.Key), e => e.Value);
        }
        if (!problem.Extensions.ContainsKey("code")) problem.Extensions["code"] = CodeOf(problem);
        if (problem.Extensions.TryGetValue(Problem.RetryAfter, out var seconds))
            context.HttpContext.Response.Headers.RetryAfter = Convert.ToString(seconds, CultureInfo.InvariantCulture);
    }

    private static string CodeOf(ProblemDetails problem) => problem.Status switch
    {
        _ when problem is HttpValidationProblemDetails => "validation_failed",
        StatusCodes.Status400BadRequest => "bad_request",
        StatusCodes.Status401Unauthorized => "unauthorized",
        StatusCodes.Status403Forbidden => "forbidden",
        StatusCodes.Status404NotFound => "not_found",
        StatusCodes.Status405MethodNotAllowed => "method_not_allowed",
        StatusCodes.Status406NotAcceptable => "not_acceptable",
        StatusCodes.Status413PayloadTooLarge => "body_too_large",
        StatusCodes.Status415UnsupportedMediaType => "unsupported_media_type",
        StatusCodes.Status429TooManyRequests => "rate_limited",
        StatusCodes.Status503ServiceUnavailable => "service_unavailable",
        >= 500 => "internal_error",
        _ => "request_failed",
    };
}
