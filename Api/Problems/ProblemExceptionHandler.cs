using FinanceIntegrations.Api.Cluster;
using Microsoft.AspNetCore.Diagnostics;
using Npgsql;
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
            _ when DatabaseFaults.IsUnavailable(exception) => Unavailable("database_unavailable", "The database cannot be reached now."),
            ClusterNotConnectedException or OrleansException or TimeoutException =>
                Unavailable("service_unavailable", "The service cannot be reached now."),
            _ => Problem.Of(StatusCodes.Status500InternalServerError, "internal_error", "Something went wrong on our side."),
        };
        if (problem.StatusCode == StatusCodes.Status503ServiceUnavailable) LogUnavailable(context.Request.Path, exception);
        if (problem.StatusCode == StatusCodes.Status500InternalServerError) LogFailed(context.Request.Path, exception);
        await problem.ExecuteAsync(context);
        return true;
    }

    private static Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult Unavailable(string code, string detail) =>
        Problem.Of(StatusCodes.Status503ServiceUnavailable, code, detail, (Problem.RetryAfter, WaitSeconds));
}

/// <summary>What an exception says about the database.</summary>
internal static class DatabaseFaults
{
    private const string DatabaseMissing = "3D000";
    private const string TableMissing = "42P01";

    /// <summary>Classes of SQLSTATE: connection, log-in, conflict, resources, operator, system.</summary>
    private static readonly string[] Passing = ["08", "28", "40", "53", "57", "58"];

    /// <summary>Away, restarting, not migrated yet, out of connections, or a conflict that another try resolves.</summary>
    public static bool IsUnavailable(Exception? exception) => exception switch
    {
        null => false,
        PostgresException p => Passing.Contains(p.SqlState[..2]) || p.SqlState is DatabaseMissing or TableMissing,
        NpgsqlException => true,
        // A grain's, which cannot travel: only its type's name does.
        CodecNotFoundException { Message: var unsent } => unsent.Contains(nameof(Npgsql) + ".", StringComparison.Ordinal),
        UnavailableExceptionFallbackException { ExceptionType: { } unknown } =>
            unknown.StartsWith(nameof(Npgsql), StringComparison.Ordinal),
        _ => IsUnavailable(exception.InnerException),
    };

    /// <summary>PostgreSQL's text has no NUL (22021).</summary>
    public static bool IsBadText(Exception exception) => exception is PostgresException { SqlState: "22021" };
}
