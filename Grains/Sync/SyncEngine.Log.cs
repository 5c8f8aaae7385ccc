using Microsoft.Extensions.Logging;

namespace FinanceIntegrations.Grains.Sync;

internal sealed partial class SyncEngine
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Stream {Stream} failed: {ErrorClass}, {Code} (HTTP {Status}, request {RequestId})")]
    private partial void LogStreamFailed(string stream, string errorClass, string code, int? status, string? requestId);
}
