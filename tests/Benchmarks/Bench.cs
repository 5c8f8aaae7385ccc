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
