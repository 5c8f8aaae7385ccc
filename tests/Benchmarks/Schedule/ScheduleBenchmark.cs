using System.Diagnostics;
using FinanceIntegrations.Data;
using FinanceIntegrations.Data.Migrations;
using FinanceIntegrations.Grains.Abstractions;
using FinanceIntegrations.Local.Services;
using Npgsql;

namespace FinanceIntegrations.Benchmarks.Schedule;

/// <summary>
/// Many integrations on one silo: registrations, memory, lateness of due syncs, the database's load, what a cluster that was down catches up
/// with, and a million reminders. Due times are moved in the database while no silo runs, so that an hour's schedule needs no hour.
/// </summary>
internal sealed class ScheduleBenchmark : IAsyncDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Down = TimeSpan.FromMinutes(10);

    private readonly PostgresServer _server;
    private readonly NpgsqlDataSource _database;
    private readonly string _connection;
    private readonly int _integrations;
    private readonly Lateness _lateness = new();

    private ScheduleBenchmark(PostgresServer server, string connection, int integrations)
    {
        (_server, _connection, _integrations) = (server, connection, integrations);
        _database = PostgresRegistration.CreateDataSource(connection);
    }

    public static async Task<int> RunAsync(Arguments arguments)
    {
        await Packages.EnsureAsync(Console.WriteLine, CancellationToken.None);
        var server = await PostgresServer.StartTemporaryAsync();
        var connection = server.ConnectionString("schedule");
        await Migrator.MigrateAsync(connection);
        await using var benchmark = new ScheduleBenchmark(server, connection, arguments.Number("integrations", 100_000));
        var before = BenchSilo.Heap();
        await benchmark.RegisterAsync(before);
        await benchmark.DueAsync(before, TimeSpan.FromMinutes(arguments.Number("minutes", 3)));
        await benchmark.AfterDownAsync();
        await benchmark.RemindersAsync(arguments.Number("reminders", 1_000_000));
        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        _lateness.Dispose();
        await _database.DisposeAsync();
        await _server.DisposeAsync();
    }

    private async Task RegisterAsync(long before)
    {
        await using var silo = await BenchSilo.StartAsync(_connection);
        var clock = Stopwatch.StartNew();
        await Parallel.ForAsync(0, _integrations, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (_, cancel) =>
        {
            var id = Guid.CreateVersion7();
            var grain = silo.Grains.GetGrain<IIntegrationGrain>(id);
            await grain.Create(new()
            {
                Owner = "owner",
                Name = "Benchmark",
                Type = "accounting",
                Provider = InstantProvider.Id.Value,
                SyncFrequencyMinutes = 60,
            }, cancel);
            var nonce = id.ToString("N");
            await grain.BeginAuthorization(new() { Nonce = nonce, State = nonce, RedirectUri = "https://app.test/callback" }, cancel);
            await grain.CompleteAuthorization(new() { Nonce = nonce, Code = nonce }, cancel);
        });
        await UntilAsync("select not exists (select from sync_runs where ended_at is null)");
        var elapsed = clock.Elapsed.TotalSeconds;
        Console.WriteLine($"registered: {Bench.N(_integrations)} integrations, each connected and synced once, in {Bench.N(elapsed, "N1")} s: {Bench.N(_integrations / elapsed)}/s; "
            + $"{Bench.N((BenchSilo.Heap() - before) / (double)_integrations)} bytes of heap per active integration");
    }

    /// <summary>An hourly schedule, some minutes of it.</summary>
    private async Task DueAsync(long before, TimeSpan length)
    {
        await new DueTimes(_database).SpreadAsync(TimeSpan.FromSeconds(30), Hour);
        await using var silo = await BenchSilo.StartAsync(_connection);
        Console.WriteLine($"restarted: active after {Bench.N(silo.Started.TotalSeconds, "N1")} s; {Bench.N((BenchSilo.Heap() - before) / (double)_integrations)} bytes of heap per idle integration");
        _lateness.Forget();
        var processes = new Dictionary<string, int> { ["postgres"] = _server.Process.Id, ["silo"] = Environment.ProcessId };
        var (cpu, commits) = (CpuTimes.Now(processes), await CommitsAsync());
        await Task.Delay(TimeSpan.FromSeconds(30) + length);
        Console.WriteLine($"due: {_lateness.Describe()} in {Bench.N(length.TotalMinutes)} minutes");
        Console.WriteLine($"load: {Bench.N((await CommitsAsync() - commits) / length.TotalMinutes)} commits a minute; CPU per minute: {CpuTimes.Now(processes).PerUnitSince(cpu, length.TotalMinutes)}");
    }

    /// <summary>Nothing ran for ten minutes: everything that fell due in them starts when a silo comes back.</summary>
    private async Task AfterDownAsync()
    {
        await new DueTimes(_database).SpreadAsync(-Down, Hour);
        var overdue = await ScalarAsync<long>("select count(*) from integrations where next_sync_at < now()");
        _lateness.Forget();
        await using var silo = await BenchSilo.StartAsync(_connection);
        var clock = Stopwatch.StartNew();
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        var began = await ScalarAsync<DateTime>("select now()");
        while (await ScalarAsync<long>($"select count(*) from integrations where next_sync_at < '{began:O}' and not exists (select from sync_runs r where r.integration_id = integrations.id and r.ended_at is null)") > 0)
        {
            if (clock.Elapsed > TimeSpan.FromMinutes(10)) throw new TimeoutException("What fell due did not start within ten minutes.");
            await look.WaitForNextTickAsync();
        }
        Console.WriteLine($"after {Bench.N(Down.TotalMinutes)} minutes without a silo: all {Bench.N(overdue)} that had fallen due began within {Bench.N(clock.Elapsed.TotalSeconds, "N1")} s of the first silo");
    }

    private async Task RemindersAsync(int count)
    {
        var due = new DueTimes(_database);
        await due.SpreadAsync(TimeSpan.FromMinutes(8), Hour);
        await due.AddRemindersAsync(Math.Max(0, count - _integrations), TimeSpan.FromMinutes(8), Hour - TimeSpan.FromMinutes(8));
        await using (var silo = await BenchSilo.StartAsync(_connection))
            Console.WriteLine($"{Bench.N(count)} reminders, none due soon: active after {Bench.N(silo.Started.TotalSeconds, "N1")} s, read in {await ReadAsync(silo)}");
        await ExecuteAsync("update orleans_reminders set start_time = start_time - interval '7 minutes'");
        await ExecuteAsync("vacuum analyze orleans_reminders");
        await using (var silo = await BenchSilo.StartAsync(_connection))
            Console.WriteLine($"{Bench.N(count)} reminders, an hourly schedule: active after {Bench.N(silo.Started.TotalSeconds, "N1")} s, read in {await ReadAsync(silo)}");
    }

    /// <summary>What a refresh reads: the whole ring, since there is one silo.</summary>
    private static async Task<string> ReadAsync(BenchSilo silo)
    {
        var clock = Stopwatch.StartNew();
        var rows = await silo.Reminders.ReadRows(0, 0);
        return $"{Bench.N(clock.Elapsed.TotalSeconds, "N2")} s ({Bench.N(rows.Reminders.Count)} rows)";
    }

    private Task<long> CommitsAsync() => ScalarAsync<long>("select xact_commit from pg_stat_database where datname = current_database()");

    private async Task UntilAsync(string condition)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (!await ScalarAsync<bool>(condition)) await look.WaitForNextTickAsync();
    }

    private async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }
}
