using FinanceIntegrations.Domain.Tokens;
using Microsoft.Extensions.Logging;

namespace FinanceIntegrations.Grains.Integrations;

internal sealed partial class IntegrationGrain
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Integration {Integration}: its state could not be stored; the activation is dropped")]
    private partial void LogCommitFailed(Exception failure, Guid integration);

    [LoggerMessage(Level = LogLevel.Information, Message = "Integration {Integration}: its data was erased")]
    private partial void LogPurged(Guid integration);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Integration {Integration}: its data is not erased yet; that goes on within a minute")]
    private partial void LogPurgeInterrupted(Exception reason, Guid integration);

    [LoggerMessage(Level = LogLevel.Information, Message = "Integration {Integration}: run {Run} starts ({Trigger})")]
    private partial void LogRunStarts(Guid integration, Guid run, string trigger);

    [LoggerMessage(Level = LogLevel.Information, Message = "Integration {Integration}: run {Run} ended {Status}: {Message}")]
    private partial void LogRunEnded(Guid integration, Guid run, string status, string message);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Integration {Integration}: run {Run} was interrupted and stays open; it is resumed from its last page")]
    private partial void LogRunInterrupted(Exception reason, Guid integration, Guid run);

    [LoggerMessage(Level = LogLevel.Error, Message = "Integration {Integration}: run {Run} failed at a bug, or at data that does not fit")]
    private partial void LogRunStopped(Exception reason, Guid integration, Guid run);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Integration {Integration}: webhook deliveries could not be taken; the sweep tries again")]
    private partial void LogPumpStopped(Exception reason, Guid integration);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Integration {Integration}: {What} failed at the provider: {ErrorClass}, {Code}")]
    private partial void LogProviderRefused(Guid integration, string what, string errorClass, string code);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Integration {Integration}: the token refresh could not be made; it is tried again")]
    private partial void LogKeepingStopped(Exception reason, Guid integration);

    [LoggerMessage(Level = LogLevel.Error, Message = "Integration {Integration}: its tokens cannot be opened; the consent is withdrawn without them, where the provider takes that")]
    private partial void LogTokensStayClosed(Exception reason, Guid integration);

    [LoggerMessage(Level = LogLevel.Information, Message = "Integration {Integration}: another activation refreshes the tokens, or died of it; waiting until {Deadline}")]
    private partial void LogRefreshElsewhere(Guid integration, DateTimeOffset deadline);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Integration {Integration}: a refresh ended in nobody knows what; the same refresh token is sent again ({Step})")]
    private partial void LogTokenReused(Guid integration, RefreshStep step);

    [LoggerMessage(Level = LogLevel.Error, Message = "Integration {Integration}: the token refresh broke at a bug: {Kind}")]
    private partial void LogRefreshBroke(Guid integration, string kind);

    [LoggerMessage(Level = LogLevel.Error, Message = "Integration {Integration}: new tokens cannot be stored yet ({Reason}); trying again")]
    private partial void LogTokensWait(Guid integration, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Integration {Integration}: the answer to write {Write} could not be stored; it is looked up later")]
    private partial void LogWriteInterrupted(Exception reason, Guid integration, Guid write);

    [LoggerMessage(Level = LogLevel.Error, Message = "Integration {Integration}: write {Write} broke at a bug; it is looked up")]
    private partial void LogWriteBroke(Exception reason, Guid integration, Guid write);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Integration {Integration}: open writes could not be looked up; that is tried again")]
    private partial void LogLookStopped(Exception reason, Guid integration);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Integration {Integration}: the consent at {Provider} ends at {Ends}")]
    private partial void LogConsentEndsSoon(Guid integration, string provider, DateTimeOffset? ends);
}
