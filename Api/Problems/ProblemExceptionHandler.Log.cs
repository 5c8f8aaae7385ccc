namespace FinanceIntegrations.Api.Problems;

internal sealed partial class ProblemExceptionHandler
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} was refused because something behind the API is away.")]
    private partial void LogUnavailable(string path, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} failed.")]
    private partial void LogFailed(string path, Exception exception);
}
