using FinanceIntegrations.Grains.Abstractions;
using FinanceIntegrations.Testing;
using Npgsql;
using Orleans.TestingHost;
using Xunit;

namespace FinanceIntegrations.Grains.Tests.Cluster;

/// <summary>What every test starts from. Its integrations are deleted at its end, so that they do not wake in another's time.</summary>
[Collection(ClusterCollection.Name)]
public abstract class GrainTest(GrainCluster cluster) : IAsyncDisposable
{
    /// <summary>Seldom enough that no schedule interferes with a test that is not about it.</summary>
    protected const int Weekly = 7 * 24 * 60;

    private readonly List<Connection> _connections = [];

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected GrainCluster Cluster => cluster;

    protected InProcessTestCluster Silos => cluster.Silos;

    protected SharedClock Clock => cluster.Clock;

    protected Inbox Inbox { get; } = new(cluster.Database, cluster.Clock);

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            connection.Script.AnswerPages();
            await connection.Grain.Delete(purge: true);
        }
        GC.SuppressFinalize(this);
    }

    /// <summary>An integration that nobody else has, not created yet.</summary>
    protected Connection New(ScriptedProvider? of = null)
    {
        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        var provider = of ?? cluster.Provider;
        var connection = new Connection(Silos.Client.GetGrain<IIntegrationGrain>(id), provider.Of(id), provider.Info.Id.Value);
        _connections.Add(connection);
        return connection;
    }

    protected async Task<Connection> CreatedAsync(int frequency = Weekly, ScriptedProvider? of = null)
    {
        var connection = New(of);
        await connection.CreateAsync(frequency);
        return connection;
    }

    /// <summary>Connected, its first sync of an empty book ended well, nothing asked of the provider since.</summary>
    protected async Task<Connection> ConnectedAsync(int frequency = Weekly, Action<Script>? prepare = null, ScriptedProvider? of = null)
    {
        var connection = await CreatedAsync(frequency, of);
        prepare?.Invoke(connection.Script);
        await connection.AuthorizeAsync();
        await IdleAsync(connection);
        connection.Script.Pages.Clear();
        return connection;
    }

    /// <summary>No run is open.</summary>
    protected Task IdleAsync(Connection connection) => Eventually.HoldsAsync(
        $"no run of {connection.Id} is open", connection.StatusAsync, status => status.CurrentRun is null, cancel: Cancel);

    /// <summary>Starts a sync and waits for its end.</summary>
    protected async Task<RunRow> SyncedAsync(Connection connection) => await EndOfAsync(connection, (await connection.SyncAsync()).RunId);

    protected async Task<RunRow> EndOfAsync(Connection connection, Guid run)
    {
        var ended = await Eventually.HoldsAsync($"run {run} ends", () => RunAsync(run), row => row.Ended, cancel: Cancel);
        await IdleAsync(connection);
        return ended;
    }

    protected async Task<RunRow> RunAsync(Guid run)
    {
        await using var command = Command("""
            select status, synced_records, coalesce((streams -> 0 ->> 'seen')::bigint, 0),
                coalesce((streams -> 0 ->> 'pages')::bigint, 0), ended_at is not null
            from sync_runs where id = $1
            """, run);
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        Assert.True(await reader.ReadAsync(Cancel), $"no row of run {run}");
        return new(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetBoolean(4));
    }

    /// <summary>How many runs there were, the first sync's included.</summary>
    protected Task<long> RunsAsync(Connection connection) =>
        ScalarAsync<long>("select count(*) from sync_runs where integration_id = $1", connection.Id);

    /// <summary>The one value of a query; null where there is no row.</summary>
    protected async Task<T?> ScalarAsync<T>(string sql, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteScalarAsync(Cancel) is T value ? value : default;
    }

    protected async Task<IReadOnlyList<T>> ColumnAsync<T>(string sql, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        List<T> values = [];
        while (await reader.ReadAsync(Cancel)) values.Add(reader.GetFieldValue<T>(0));
        return values;
    }

    protected async Task ExecuteAsync(string sql, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    protected Task<IReadOnlyList<string>> RowsAsync(Connection connection) => ColumnAsync<string>(
        "select external_id from transactions where integration_id = $1 order by length(external_id), external_id", connection.Id);

    protected static IEnumerable<string> RowIds(int count) => Enumerable.Range(0, count).Select(row => $"row-{row}");

    private NpgsqlCommand Command(string sql, params object[] parameters)
    {
        var command = cluster.Database.CreateCommand(sql);
        foreach (var parameter in parameters) command.Parameters.Add(new() { Value = parameter });
        return command;
    }
}

/// <summary>A row of <c>sync_runs</c>; what was seen and paged is that of the only stream.</summary>
public sealed record RunRow(string Status, long Written, long Seen, long Pages, bool Ended);
