using System.Reflection;
using System.Security.Cryptography;
using DbUp;
using DbUp.Engine;
using DbUp.Engine.Output;
using Npgsql;

namespace FinanceIntegrations.Data.Migrations;

/// <summary>Brings a database up to date: scripts in order, each in a transaction of its own, under an advisory lock, its hash kept and checked.</summary>
public static class Migrator
{
    private const long Lock = 0x46_49_4D_49_47;   // 'FIMIG': one migrator at a time, whoever starts it

    /// <summary>Runs what is missing. Safe to call from several processes at once; the others wait.</summary>
    /// <exception cref="MigrationException">A script failed, or one that has run was changed since.</exception>
    public static async Task MigrateAsync(string connectionString, CancellationToken cancel = default)
    {
        EnsureDatabaseExists(connectionString);
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var connection = await source.OpenConnectionAsync(cancel);
        await ExecuteAsync(connection, $"select pg_advisory_lock({Lock})", cancel);   // ends with the session, so kill -9 frees it
        await ExecuteAsync(connection, """
            create table if not exists migration_hashes (script text primary key, sha256 bytea not null, checked_at timestamptz not null default now())
            """, cancel);

        var scripts = Scripts();
        await CheckAsync(connection, scripts, cancel);
        var outcome = DeployChanges.To.PostgresqlDatabase(connectionString)
            .WithScripts(scripts).WithTransactionPerScript().WithExecutionTimeout(TimeSpan.Zero).LogTo(new NoOpUpgradeLog()).Build().PerformUpgrade();
        if (!outcome.Successful)
            throw new MigrationException($"Migration {outcome.ErrorScript?.Name} failed: {outcome.Error.Message}", outcome.Error);
        foreach (var script in scripts) await KeepAsync(connection, script, cancel);
        await ExecuteAsync(connection, "select ensure_log_partitions(current_date)", cancel);
    }

    private static void EnsureDatabaseExists(string connectionString)
    {
        try
        {
            EnsureDatabase.For.PostgresqlDatabase(connectionString, new NoOpUpgradeLog());
        }
        catch (PostgresException raced) when (raced.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // No lock reaches a database that is not there yet: another migrator made it between our look and our create.
        }
    }

    /// <summary>The last script of this version: where it has run, so have all.</summary>
    internal static string NewestScript { get; } = Scripts()[^1].Name;

    private static IReadOnlyList<SqlScript> Scripts()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames().Where(n => n.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(name => SqlScript.FromStream(ShortName(name), assembly.GetManifestResourceStream(name)!))];
    }

    private static string ShortName(string resource) => string.Join('.', resource.Split('.')[^2..]);

    private static byte[] HashOf(SqlScript script) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(script.Contents.ReplaceLineEndings("\n")));

    private static async Task CheckAsync(NpgsqlConnection connection, IReadOnlyList<SqlScript> scripts, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select script, sha256 from migration_hashes", connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var name = reader.GetString(0);
            var script = scripts.FirstOrDefault(s => s.Name == name)
                ?? throw new MigrationException($"The database has run {name}, which this version does not know: it is older than the database.");
            if (!HashOf(script).AsSpan().SequenceEqual(reader.GetFieldValue<byte[]>(1)))
                throw new MigrationException($"{name} was changed after it had run. Migrations are never edited: add a new one.");
        }
    }

    private static async Task KeepAsync(NpgsqlConnection connection, SqlScript script, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            "insert into migration_hashes (script, sha256) values ($1, $2) on conflict (script) do nothing", connection)
        {
            Parameters = { new() { Value = script.Name }, new() { Value = HashOf(script) } },
        };
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancel);
    }
}

public sealed class MigrationException(string message, Exception? inner = null) : Exception(message, inner);
