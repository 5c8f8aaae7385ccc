using FinanceIntegrations.Data.Migrations;
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

    /// <summary>Has the migrator run every script that this version knows?</summary>
    /// <exception cref="NpgsqlException">It does not answer.</exception>
    public async Task<bool> IsMigratedAsync(CancellationToken cancel)
    {
        await using var exists = database.CreateCommand("select to_regclass('migration_hashes') is not null");
        if (await exists.ExecuteScalarAsync(cancel) is not true) return false;
        await using var newest = database.CreateCommand("select exists (select 1 from migration_hashes where script = $1)");
        newest.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Migrator.NewestScript });
        return await newest.ExecuteScalarAsync(cancel) is true;
    }

    /// <summary>Makes the log partitions of a year from that day on.</summary>
    public async Task EnsureLogPartitionsAsync(DateOnly from, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select ensure_log_partitions($1)");
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = from });
        await command.ExecuteNonQueryAsync(cancel);
    }
}
