using FinanceIntegrations.Data;
using Npgsql;

namespace FinanceIntegrations.Silo;

/// <summary>A silo may be started before its database is up or migrated; it waits, and says so.</summary>
internal static partial class DatabaseWait
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static async Task UntilMigratedAsync(IServiceProvider services, CancellationToken stopping)
    {
        var database = services.GetRequiredService<DatabaseState>();
        var clock = services.GetRequiredService<TimeProvider>();
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger("FinanceIntegrations.Silo.DatabaseWait");
        using var timer = new PeriodicTimer(Pause, clock);
        while (!await IsMigratedAsync(database, log, stopping)) await timer.WaitForNextTickAsync(stopping);
    }

    private static async Task<bool> IsMigratedAsync(DatabaseState database, ILogger log, CancellationToken stopping)
    {
        try
        {
            if (await database.IsMigratedAsync(stopping)) return true;
            LogWaiting(log, "it is not migrated yet");
        }
        catch (NpgsqlException away)
        {
            LogWaiting(log, away.Message);
        }
        return false;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Waiting for the database: {Reason}")]
    private static partial void LogWaiting(ILogger log, string reason);
}
