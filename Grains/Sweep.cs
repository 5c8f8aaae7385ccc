using FinanceIntegrations.Data.Sync;
using FinanceIntegrations.Data.Webhooks;
using FinanceIntegrations.Grains.Abstractions;
using FinanceIntegrations.Grains.Sync;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Grains;

/// <summary>Finds what a lost hint or a dead silo left behind: open runs that do not move, webhook deliveries that wait. Wakes their grains; decides nothing.</summary>
internal sealed partial class Sweep(
    OpenRuns runs, DeliveryQueue queue, IGrainFactory grains, TimeProvider clock, IOptions<SyncOptions> options, ILogger<Sweep> log) : BackgroundService
{
    private const int Limit = 1_000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, clock);
        do
        {
            try
            {
                await SweepOnceAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogSweepFailed(failure);   // the database is away: the next sweep finds the same and more
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task SweepOnceAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        foreach (var integration in await runs.StartedBeforeAsync(now - options.Value.SweepInterval, Limit, cancel))
            await grains.GetGrain<IIntegrationGrain>(integration).GetStatus(cancel);   // an activation resumes its open run
        foreach (var integration in await queue.WithPendingAsync(now, Limit, cancel))
            await grains.GetGrain<IIntegrationGrain>(integration).TakeWebhooks();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sweep failed; it tries again")]
    private partial void LogSweepFailed(Exception failure);
}
