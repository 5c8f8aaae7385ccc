using FinanceIntegrations.Testing;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace FinanceIntegrations.Grains.Tests.Cluster;

/// <summary>
/// The one driver of time: the silos' <see cref="TimeProvider"/>, their reminders' clock and the database's <c>now()</c> always agree.
/// The last is a function of a schema that stands before <c>pg_catalog</c> in the search path of the silos' connections. It stands at whole
/// milliseconds: Orleans' reminders wait in these, and spin for ever where a clock that stands still leaves less than one.
/// </summary>
public sealed class SharedClock
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource _database;

    private SharedClock(NpgsqlDataSource database) => _database = database;

    public FakeTimeProvider Provider { get; } = new(new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));

    public DateTimeOffset Now => Provider.GetUtcNow();

    /// <summary>Gives the database our clock. Answers the connection string that shows it.</summary>
    public static async Task<(SharedClock Clock, string Connection)> InstallAsync(string connection, NpgsqlDataSource database)
    {
        var clock = new SharedClock(database);
        await using var command = database.CreateCommand($"""
            create schema clock;
            create table clock.moment as select '{clock.Now:O}'::timestamptz as at;
            create function clock.now() returns timestamptz language sql stable as 'select at from clock.moment';
            """);
        await command.ExecuteNonQueryAsync();
        return (clock, connection + ";Search Path=clock,pg_catalog,public");
    }

    /// <summary>By that, or by what is missing to the next millisecond more. The database first: what a reminder wakes must not find it behind.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        by = TimeSpan.FromMilliseconds(Math.Ceiling(by.TotalMilliseconds));
        await using var command = _database.CreateCommand("update clock.moment set at = $1");
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = Now + by });
        await command.ExecuteNonQueryAsync();
        Provider.Advance(by);
    }

    public Task AdvanceToAsync(DateTimeOffset moment) => moment > Now ? AdvanceAsync(moment - Now) : Task.CompletedTask;

    /// <summary>Lets time go by, a second at each look, until what is seen satisfies.</summary>
    public Task<T> GoesByUntilAsync<T>(string expected, Func<Task<T>> look, Func<T, bool> satisfies, CancellationToken cancel) =>
        Eventually.HoldsAsync(
            expected,
            async () =>
            {
                var seen = await look();
                if (!satisfies(seen)) await AdvanceAsync(Step);
                return seen;
            },
            satisfies,
            cancel: cancel);
}
