using FinanceIntegrations.Data;
using FinanceIntegrations.Grains.Abstractions;
using Microsoft.Extensions.Logging;

namespace FinanceIntegrations.Grains;

/// <summary>A database's exceptions cannot travel to another process: a passing fault goes over as one that can. Everything else is a bug and stays one.</summary>
internal sealed partial class StoreFaults(ILogger<StoreFaults> log) : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (Exception fault) when (DatabaseFaults.IsUnavailable(fault))
        {
            LogUnavailable(fault, context.TargetId, context.MethodName);
            throw new StoreUnavailableException("The database cannot be reached now.");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Grain}.{Method} could not reach the database")]
    private partial void LogUnavailable(Exception fault, GrainId grain, string method);
}
