using FinanceIntegrations.Api.Cluster;
using FinanceIntegrations.Data;
using FinanceIntegrations.Grains.Abstractions;
using Microsoft.AspNetCore.Diagnostics;
using Orleans.Serialization;

namespace FinanceIntegrations.Api.Problems;

/// <summary>Exceptions become problem documents here and nowhere else. Nothing of an exception's text goes out.</summary>
internal sealed partial class ProblemExceptionHandler(ILogger<ProblemExceptionHandler> log) : IExceptionHandler
{
    private const int WaitSeconds = 2;

    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested) return true;   // nobody listens
        var problem = exception switch
        {
            BadHttpRequestException bad => BadRequests.Explain(bad),
            _ when DatabaseFaults.IsBadText(exception) =>
                Problem.Of(StatusCodes.Status400BadRequest, "invalid_text", "A text holds a character that cannot be stored."),
            _ when exception is StoreUnavailableException || DatabaseFaults.IsUnavailable(exception) || IsUnreadState(exception) =>
                Unavailable("database_unavailable", "The database cannot be reached now."),
            ClusterNotConnectedException or OrleansException or TimeoutException =>
                Unavailable("service_unavailable", "The service cannot be reached now."),
            _ => Problem.Of(StatusCodes.Status500InternalServerError, "internal_error", "Something went wrong on our side."),
        };
        if (problem.StatusCode == StatusCodes.Status503ServiceUnavailable) LogUnavailable(context.Request.Path, exception);
        if (problem.StatusCode == StatusCodes.Status500InternalServerError) LogFailed(context.Request.Path, exception);
        await problem.ExecuteAsync(context);
        return true;
    }

    /// <summary>
    /// A grain that wakes reads its state before any filter of ours sees the call. What the database then says cannot travel: Orleans says so
    /// instead, and names the type that it could not send.
    /// </summary>
    private static bool IsUnreadState(Exception exception) =>
        exception is CodecNotFoundException && exception.Message.Contains(nameof(Npgsql) + ".", StringComparison.Ordinal);

    private static Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult Unavailable(string code, string detail) =>
        Problem.Of(StatusCodes.Status503ServiceUnavailable, code, detail, (Problem.RetryAfter, WaitSeconds));
}
