using System.Globalization;
using FinanceIntegrations.Local.Services;

namespace FinanceIntegrations.Testing;

/// <summary>
/// One temporary PostgreSQL for a test assembly. Its databases are copies of one that was migrated once, so each test class has its own
/// for a few tens of milliseconds.
/// </summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private const string Template = "migrated";
    private int _databases;

    private PostgresFixture(PostgresServer server) => Server = server;

    public PostgresServer Server { get; }

    /// <param name="migrate">Brings the database of a connection string to the newest version; null for empty databases.</param>
    /// <param name="cancel">Stops the start.</param>
    public static async Task<PostgresFixture> StartAsync(Func<string, Task>? migrate = null, CancellationToken cancel = default)
    {
        await Packages.EnsureAsync(_ => { }, cancel);
        var server = await PostgresServer.StartTemporaryAsync(cancel);
        try
        {
            await server.CreateDatabaseAsync(Template, cancel: cancel);
            // Unpooled: nobody may be connected to a database while it is copied.
            if (migrate is not null)
                await migrate(server.ConnectionString(Template) + ";Pooling=false");
            return new(server);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A fresh database, migrated and empty. Answers its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancel = default)
    {
        var name = "test_" + Interlocked.Increment(ref _databases).ToString(CultureInfo.InvariantCulture);
        await Server.CreateDatabaseAsync(name, Template, cancel);
        return Server.ConnectionString(name);
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
