using Npgsql;

namespace FinanceIntegrations.Local.Services;

/// <summary>A PostgreSQL of ours, on loopback, with a password, and as durable as one in production.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    internal const string User = "postgres";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);

    /// <summary>PostgreSQL's word where backends outlive a server that was killed: they see it within moments, and until then it starts no other.</summary>
    private const string OrphansLive = "is still in use";

    private static readonly TimeSpan OrphansEnd = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan OrphansPause = TimeSpan.FromMilliseconds(200);
    private readonly PostgresFolder _folder;
    private readonly bool _temporary;

    private PostgresServer(PostgresFolder folder, bool temporary, LocalProcess process, int port, string password)
    {
        (_folder, _temporary, Process, Port, Password) = (folder, temporary, process, port, password);
    }

    public LocalProcess Process { get; }

    public int Port { get; }

    public string Password { get; }

    /// <summary>Where the data lies.</summary>
    public string DataFolder => _folder.Data;

    /// <summary>Starts the server whose data lasts in the local folder; the first start makes it.</summary>
    /// <param name="localFolder">The local folder, which exists.</param>
    /// <param name="logFolder">Where its log goes.</param>
    /// <param name="port">0 for any free one.</param>
    public static async Task<PostgresServer> StartAsync(
        string localFolder, string logFolder, int port = 0, CancellationToken cancel = default) =>
        await StartAsync(await PostgresFolder.LastingAsync(localFolder, cancel), false, logFolder, port, cancel);

    /// <summary>Starts a server on new data that is deleted with it. It ends with this process, however this process ends.</summary>
    public static async Task<PostgresServer> StartTemporaryAsync(CancellationToken cancel = default)
    {
        var folder = await PostgresFolder.TemporaryAsync(cancel);
        try
        {
            return await StartAsync(folder, true, folder.Folder, 0, cancel);
        }
        catch
        {
            folder.Delete();
            throw;
        }
    }

    public string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = Port,
            Username = User,
            Password = Password,
            Database = database,
        }.ConnectionString;

    /// <summary>Makes a database, empty or as a copy of another to which nobody is connected.</summary>
    public async Task CreateDatabaseAsync(string name, string? template = null, CancellationToken cancel = default)
    {
        await using var connection = new NpgsqlConnection(ConnectionString(User) + ";Pooling=false");
        await connection.OpenAsync(cancel);
        var from = template is null ? "" : $" template {Quote(template)}";
        // No parameters in DDL; both names are the caller's and quoted.
#pragma warning disable CA2100
        await using var create = new NpgsqlCommand($"create database {Quote(name)}{from}", connection);
#pragma warning restore CA2100
        await create.ExecuteNonQueryAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        if (_temporary)
            _folder.Delete();
    }

    private static async Task<PostgresServer> StartAsync(
        PostgresFolder folder, bool temporary, string logFolder, int port, CancellationToken cancel)
    {
        var binaries = await PostgresBinaries.FindAsync(folder.DataVersion, cancel)
            ?? throw new LocalStartException(folder.DataVersion is { } made
                ? $"the data in {folder.Data} was made by PostgreSQL {made}, which is not installed: install it, or start anew with --reset"
                : Packages.HowToInstall);
        if (folder.DataVersion is null)
            await PostgresData.CreateAsync(folder, binaries, lasting: !temporary, cancel);
        await PostgresData.EndPredecessorAsync(folder, cancel);

        port = port == 0 ? FreePorts.Next([]) : port;
        var password = (await File.ReadAllTextAsync(folder.PasswordPath, cancel)).Trim();
        var settings = PostgresSettings.Arguments(port, await binaries.WalCompressionAsync(cancel)).ToArray();
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var process = LocalProcess.Start(new()
            {
                Name = "postgres",
                Command = PostgresUser.Command([binaries["postgres"], "-D", folder.Data, .. settings]),
                LogPath = Path.Combine(logFolder, "postgres.log"),
                StopSignal = Signal.Interrupt,
                Grace = TimeSpan.FromSeconds(60),
                WorkingDirectory = "/",
            });
            var server = new PostgresServer(folder, temporary, process, port, password);
            try
            {
                await Readiness.AwaitAsync(process, StartLimit, server.AnswersAsync, cancel);
                return server;
            }
            catch (LocalStartException refused) when (refused.Message.Contains(OrphansLive, StringComparison.Ordinal)
                && TimeProvider.System.GetElapsedTime(begun) < OrphansEnd)
            {
                await Task.Delay(OrphansPause, cancel);
            }
        }
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private async Task<bool> AnswersAsync(CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(ConnectionString(User) + ";Pooling=false");
        await connection.OpenAsync(cancel);
        return true;
    }
}
