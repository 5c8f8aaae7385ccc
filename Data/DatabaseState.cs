using Npgsql;

namespace FinanceIntegrations.Data;

/// <summary>What a process asks about its database as a whole.</summary>
public sealed class DatabaseState(NpgsqlDataSource database)
{
    /// <exception cref="NpgsqlException">It does not answer.</exception>
    public async Task PingAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select 1");
        await command.ExecuteScalarAsync(cancel);
    }

    /// <summary>Has the migrator brought it as far as a silo needs?</summary>
    /// <exception cref="NpgsqlException">It does not answer.</exception>
    public async Task<bool> IsMigratedAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select to_regproc('orleans_write_state') is not null");
        return await command.ExecuteScalarAsync(cancel) is true;
    }

    /// <summary>Makes the log partitions of a year from that day on.</summary>
    public async Task EnsureLogPartitionsAsync(DateOnly from, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select ensure_log_partitions($1)");
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = from });
        await command.ExecuteNonQueryAsync(cancel);
    }
}
