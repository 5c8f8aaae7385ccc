namespace FinanceIntegrations.Api.Cluster;

internal sealed partial class KeepTrying
{
    [LoggerMessage(Level = LogLevel.Information, Message = "No silo can be reached yet, trying again: {Reason}")]
    private partial void LogWaiting(string reason);
}
