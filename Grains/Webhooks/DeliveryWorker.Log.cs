using Microsoft.Extensions.Logging;

namespace FinanceIntegrations.Grains.Webhooks;

internal sealed partial class DeliveryWorker
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Integration {Integration}: the database refuses the data of event {Event} (SQLSTATE {SqlState})")]
    private partial void LogRefused(Guid integration, long @event, string sqlState);

    [LoggerMessage(Level = LogLevel.Error, Message = "Event {Event} could not be interpreted")]
    private partial void LogInterpretationFailed(Exception bug, long @event);

    [LoggerMessage(Level = LogLevel.Error, Message = "Integration {Integration}: what follows from {Count} events could not be stored")]
    private partial void LogFollowUpFailed(Exception failure, Guid integration, int count);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Integration {Integration}: event {Event} is a dead letter and is not tried again; its document says why. When that is mended, POST /api/integrations/{Integration}/webhook-events/{Event}/replay takes it again")]
    private partial void LogDead(Guid integration, long @event);
}
