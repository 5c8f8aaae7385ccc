namespace FinanceIntegrations.Api.Cluster;

internal sealed partial class RedisConnection
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis cannot be asked, each process goes by itself: {Reason}")]
    private partial void LogAway(string reason);
}
