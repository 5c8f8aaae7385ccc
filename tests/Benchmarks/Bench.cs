using System.Globalization;
using FinanceIntegrations.Local.Demo;
using FinanceIntegrations.Local.Services;
using Npgsql;

namespace FinanceIntegrations.Benchmarks;

/// <summary>The product in its own processes over its own PostgreSQL, with one connected integration of alice.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private Bench(LocalCluster cluster, NpgsqlDataSource database)
    {
        Cluster = cluster;
        Database = database;
        Client = new(cluster.ApiUrl, cluster.SandboxUrl, cluster.Tokens.For("alice"));
    }

    public LocalCluster Cluster { get; }

    public NpgsqlDataSource Database { get; }

    public DemoClient Client { get; }

    public static async Task<Bench> StartAsync(Dictionary<string, string>? environment = null)
    {
        await Packages.EnsureAsync(Console.WriteLine, CancellationToken.None);
        var cluster = await LocalCluster.StartAsync(new() { Environment = environment ?? [] });
        return new(cluster, NpgsqlDataSource.Create(cluster.PostgresConnectionString));
    }

    /// <summary>From now on PostgreSQL counts what each statement costs, those inside functions and triggers too. Restarts it, and what is connected to it.</summary>
    public async Task CountStatementsAsync()
    {
        await ExecuteAsync("alter system set shared_preload_libraries = 'pg_stat_statements'");
        foreach (var process in new[] { "api", "silo", "postgres" }) await Cluster.StopAsync(process);
        foreach (var process in new[] { "postgres", "silo", "api" }) await Cluster.StartAsync(process);
        Database.Clear();
        await ExecuteAsync("alter system set pg_stat_statements.track = 'all'");
        await ExecuteAsync("select pg_reload_conf()");
        await ExecuteAsync("create extension if not exists pg_stat_statements");
    }

    /// <summary>The dearest statements since the last call, by time in the server.</summary>
    public async Task PrintStatementsAsync()
    {
        await using (var command = Database.CreateCommand("select total_exec_time, calls, rows, wal_bytes::bigint, left(regexp_replace(query, '\\s+', ' ', 'g'), 110) from pg_stat_statements order by 1 desc limit 16"))
        await using (var reader = await command.ExecuteReaderAsync())
            while (await reader.ReadAsync())
                Console.WriteLine($"  {N(reader.GetDouble(0)),8} ms {N(reader.GetInt64(1)),8} calls {N(reader.GetInt64(2)),8} rows {N(reader.GetInt64(3) / 1048576.0),6} MiB WAL  {reader.GetString(4)}");
        await ExecuteAsync("select pg_stat_statements_reset()");
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The figures mean nothing on a database that may lose what it commits.</summary>
    public async Task<string> DurabilityAsync()
    {
        var settings = new List<string>();
        foreach (var name in new[] { "fsync", "full_page_writes", "synchronous_commit" })
        {
            var value = await ScalarAsync<string>($"show {name}");
            if (value != "on") throw new InvalidOperationException($"{name} is {value}");
            settings.Add($"{name}={value}");
        }
        return string.Join(' ', settings);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Database.DisposeAsync();
        await Cluster.DisposeAsync();
    }

    public static string N(double value, string format = "N0") => value.ToString(format, CultureInfo.InvariantCulture);
}
