using FinanceIntegrations.Data;
using Npgsql;

namespace FinanceIntegrations.Silo;

/// <summary>Keeps the months' log partitions a year ahead, once a day, for processes that run longer than a year without a migration.</summary>
internal sealed partial class LogPartitions(DatabaseState database, TimeProvider clock, ILogger<LogPartitions> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var daily = new PeriodicTimer(TimeSpan.FromDays(1), clock);
        while (await daily.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await database.EnsureLogPartitionsAsync(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), stoppingToken);
            }
            catch (NpgsqlException failure)
            {
                LogFailed(failure);   // rows go to the default partition until tomorrow's try
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Log partitions could not be made; the next try is tomorrow")]
    private partial void LogFailed(Exception failure);
}
