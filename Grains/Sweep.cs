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

    /// <summary>A grain that hangs costs 30 s (Orleans' time-out), and each cold one a read of its state: a few at once.</summary>
    private const int AtOnce = 4;

    /// <summary>Each kind by itself: grains that hang with their runs hold up no webhook.</summary>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        SweepAsync(
            now => runs.StartedBeforeAsync(now - options.Value.SweepInterval, Limit, stoppingToken),
            (grain, cancel) => grain.GetStatus(cancel),   // an activation resumes its open run
            stoppingToken),
        SweepAsync(now => queue.WithPendingAsync(now, Limit, stoppingToken), (grain, _) => grain.TakeWebhooks(), stoppingToken));

    private async Task SweepAsync(
        Func<DateTimeOffset, Task<IReadOnlyList<Guid>>> find, Func<IIntegrationGrain, CancellationToken, Task> wake, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, clock);
        do await WakeAsync(find, wake, stopping);
        while (await timer.WaitForNextTickAsync(stopping));
    }

    /// <summary>One that cannot be activated, or does not answer, holds up nobody behind it.</summary>
    private async Task WakeAsync(
        Func<DateTimeOffset, Task<IReadOnlyList<Guid>>> find, Func<IIntegrationGrain, CancellationToken, Task> wake, CancellationToken stopping)
    {
        try
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stopping };
            await Parallel.ForEachAsync(await find(clock.GetUtcNow()), parallel, async (integration, cancel) =>
            {
                try
                {
                    await wake(grains.GetGrain<IIntegrationGrain>(integration), cancel);
                }
                catch (Exception failure) when (!cancel.IsCancellationRequested)
                {
                    LogNotWoken(failure, integration);   // the next sweep finds it again
                }
            });
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            LogSweepFailed(failure);   // the database is away: the next sweep finds the same and more
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sweep failed; it tries again")]
    private partial void LogSweepFailed(Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Integration {Integration} could not be woken by the sweep; it tries again")]
    private partial void LogNotWoken(Exception failure, Guid integration);
}
