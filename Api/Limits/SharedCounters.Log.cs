namespace FinanceIntegrations.Api.Limits;

internal sealed partial class SharedCounters
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis cannot be asked, each process counts for itself: {Reason}")]
    private partial void LogAway(string reason);
}
