using System.Globalization;
using FinanceIntegrations.Local.Services;
using FinanceIntegrations.Testing;
using Npgsql;
using Xunit;

namespace FinanceIntegrations.Local.Tests;

public sealed class PostgresServerTests : IDisposable
{
    private const string Refusal = "is still in use";

    private readonly string _folder = Directory.CreateTempSubdirectory("local").FullName;

    public PostgresServerTests() => File.SetUnixFileMode(   // PostgreSQL's user has to get in
        _folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Logs => Path.Combine(_folder, "logs");

    private string Log => Path.Combine(Logs, "postgres.log");

    [Fact]
    public async Task One_that_was_killed_starts_again_with_its_data_as_soon_as_its_last_backend_is_gone()
    {
        await Packages.EnsureAsync(_ => { }, Cancel);
        await using var killed = await StartAsync();
        await using var session = await OpenAsync(killed);
        await using (var make = new NpgsqlCommand("create table kept as select 42 as n", session)) await make.ExecuteNonQueryAsync(Cancel);
        await SignalAsync("STOP", session.ProcessID);   // it sees nothing of the death
        Task<PostgresServer> start;
        try
        {
            await killed.Process.KillAsync();
            start = StartAsync();
            await Eventually.HoldsAsync("the start is refused", async () => (await File.ReadAllTextAsync(Log, Cancel)).Contains(Refusal, StringComparison.Ordinal), cancel: Cancel);
            Assert.False(start.IsCompleted);
        }
        finally
        {
            await SignalAsync("CONT", session.ProcessID);
        }

        await using var again = await start;
        await using var reader = await OpenAsync(again);
        await using var read = new NpgsqlCommand("select n from kept", reader);
        Assert.Equal(42, await read.ExecuteScalarAsync(Cancel));
    }

    [Fact]
    public async Task One_that_fails_says_why_and_is_not_tried_again_for_what_an_earlier_one_was_refused()
    {
        await Packages.EnsureAsync(_ => { }, Cancel);
        await using (var sound = await StartAsync())
            await File.AppendAllTextAsync(Path.Combine(sound.DataFolder, "postgresql.conf"), "nonsense\n", Cancel);
        await File.AppendAllTextAsync(Log, $"FATAL:  pre-existing shared memory block (key 1, ID 2) {Refusal}\n", Cancel);
        var failure = await Assert.ThrowsAsync<LocalStartException>(StartAsync);
        Assert.Contains("contains errors", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Refusal, failure.Message, StringComparison.Ordinal);
        Assert.Single(await File.ReadAllLinesAsync(Log, Cancel), line => line.Contains("contains errors", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        PostgresFolder.Forget(_folder);
        Directory.Delete(_folder, recursive: true);
    }

    private Task<PostgresServer> StartAsync() => PostgresServer.StartAsync(_folder, Logs, cancel: Cancel);

    private static async Task<NpgsqlConnection> OpenAsync(PostgresServer server)
    {
        var connection = new NpgsqlConnection(server.ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync(Cancel);
        return connection;
    }

    /// <summary>By its name: STOP and CONT have other numbers on macOS.</summary>
    private static async Task SignalAsync(string signal, int processId) =>
        await Command.MustRunAsync("kill", ["-s", signal, processId.ToString(CultureInfo.InvariantCulture)], CancellationToken.None);
}
