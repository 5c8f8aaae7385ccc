using FinanceIntegrations.Data;
using FinanceIntegrations.Data.Budgets;
using FinanceIntegrations.Data.Endpoints;

namespace FinanceIntegrations.Silo;

/// <summary>
/// At the start and once a day: keeps the months' log partitions a year ahead, for processes that run longer than a year without a migration,
/// and forgets idempotency keys that no client repeats any more, and call budgets whose periods are over.
/// </summary>
internal sealed partial class Housekeeping(
    DatabaseState database, IdempotencyKeys keys, CallBudgetStore budgets, TimeProvider clock, ILogger<Housekeeping> log) : BackgroundService
{
    /// <summary>A client's retries end within days; a month leaves room for a job that somebody restarts by hand.</summary>
    private static readonly TimeSpan KeysAreKept = TimeSpan.FromDays(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var daily = new PeriodicTimer(TimeSpan.FromDays(1), clock);
        do
        {
            var now = clock.GetUtcNow();
            try
            {
                await database.EnsureLogPartitionsAsync(DateOnly.FromDateTime(now.UtcDateTime), stoppingToken);
                var forgotten = await keys.ForgetAsync(now - KeysAreKept, stoppingToken);
                if (forgotten > 0) LogForgotten(forgotten);
                await budgets.ForgetAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)   // what else escapes ends the process
            {
                LogFailed(failure);   // log rows go to the default partition, and keys stay, until tomorrow's try
            }
        }
        while (await daily.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} idempotency keys were forgotten")]
    private partial void LogForgotten(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The day's housekeeping failed; the next try is tomorrow")]
    private partial void LogFailed(Exception failure);
}
