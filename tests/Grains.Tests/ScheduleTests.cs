using FinanceIntegrations.Grains.Tests.Cluster;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

public sealed class ScheduleTests(GrainCluster cluster) : GrainTest(cluster)
{
    [Fact]
    public async Task The_reminder_runs_a_sync_when_it_is_due_and_not_before()
    {
        var connection = await ConnectedAsync(frequency: 60);
        var due = await DueAsync(connection);
        Assert.InRange(due, Clock.Now.AddMinutes(60), Clock.Now.AddMinutes(66));   // up to a tenth later, by chance

        connection.Script.Rows = 1;
        await ShortlyBeforeAsync(due);
        Assert.Empty(await RowsAsync(connection));
        await SyncedByItselfAsync(connection, rows: 1);

        Assert.InRange(await DueAsync(connection), Clock.Now.AddMinutes(59), Clock.Now.AddMinutes(66));
        Assert.Equal("schedule", await ScalarAsync<string>(
            "select trigger from sync_runs where integration_id = $1 order by started_at desc limit 1", connection.Id));
    }

    [Fact]
    public async Task It_runs_again_and_again_once_each_time()
    {
        var connection = await ConnectedAsync(frequency: 5);
        for (var period = 1; period <= 5; period++)
        {
            connection.Script.Rows = period;
            await ShortlyBeforeAsync(await DueAsync(connection));
            await SyncedByItselfAsync(connection, rows: period);
        }
        Assert.Equal(6, await RunsAsync(connection));   // and the first
    }

    [Fact]
    public async Task It_runs_though_the_grain_was_deactivated_and_nobody_touches_it()
    {
        var connection = await ConnectedAsync(frequency: 60);
        var due = await DueAsync(connection);
        await Silos.DeactivateAsync(connection.Grain);
        connection.Script.Rows = 1;
        await ShortlyBeforeAsync(due);
        await SyncedByItselfAsync(connection, rows: 1);
    }

    [Fact]
    public async Task It_runs_though_the_silo_that_held_the_grain_was_killed()
    {
        var connection = await ConnectedAsync(frequency: 60);
        var due = await DueAsync(connection);
        await Cluster.KillSiloOfAsync(connection.Grain);
        connection.Script.Rows = 1;
        await ShortlyBeforeAsync(due);
        await SyncedByItselfAsync(connection, rows: 1);
    }

    [Fact]
    public async Task A_run_that_failed_is_tried_again_by_itself()
    {
        var connection = await ConnectedAsync(frequency: 60);
        connection.Script.AnswerPagesWith(Script.Unavailable);
        Assert.Equal("failed", (await SyncedAsync(connection)).Status);
        Assert.InRange(await DueAsync(connection), Clock.Now.AddSeconds(15), Clock.Now.AddSeconds(30));

        connection.Script.AnswerPages();
        connection.Script.Rows = 1;
        await SyncedByItselfAsync(connection, rows: 1);
        await IdleAsync(connection);
        Assert.Equal("active", (await connection.StatusAsync()).Status);
    }

    [Fact]
    public async Task A_changed_frequency_moves_the_next_sync()
    {
        var connection = await ConnectedAsync(frequency: 60 * 24);
        var status = Connection.Value(await connection.Grain.Update(
            new() { Name = "Books", SyncFrequencyMinutes = 5, IsActive = true }, Cancel));
        Assert.Equal(Clock.Now.AddMinutes(5), status.NextSyncAt!.Value, TimeSpan.FromSeconds(5));
        connection.Script.Rows = 1;
        await ShortlyBeforeAsync(status.NextSyncAt.Value);
        await SyncedByItselfAsync(connection, rows: 1);
    }

    [Fact]
    public async Task Row_state_and_reminder_name_the_same_moment()
    {
        var connection = await ConnectedAsync(frequency: 60);
        var row = await ScalarAsync<DateTime>("select next_sync_at from integrations where id = $1", connection.Id);
        var reminder = await ScalarAsync<DateTime>(
            "select start_time from orleans_reminders where grain_id like '%' || replace($1::text, '-', '')", connection.Id);
        Assert.Equal((await DueAsync(connection)).UtcDateTime, row, TimeSpan.FromMilliseconds(1));
        Assert.Equal(row, reminder, TimeSpan.FromMilliseconds(1));
    }

    private static async Task<DateTimeOffset> DueAsync(Connection connection) =>
        (await connection.StatusAsync()).NextSyncAt ?? throw new InvalidOperationException("It is never due.");

    /// <summary>
    /// The silos read ahead what will be due, every five minutes. A jump onto the very moment would let them read it a second late, and
    /// Orleans leaves out a first tick that has just gone by: the next reading, five minutes on, brings it back.
    /// </summary>
    private Task ShortlyBeforeAsync(DateTimeOffset due) => Clock.AdvanceToAsync(due.AddSeconds(-30));

    /// <summary>Time goes by, and nobody asks the grain anything, until the rows are there and the run has ended.</summary>
    private async Task SyncedByItselfAsync(Connection connection, int rows)
    {
        await Clock.GoesByUntilAsync($"{rows} rows are synced", () => RowsAsync(connection), seen => seen.Count == rows, Cancel);
        await Eventually.HoldsAsync("the run has ended",
            () => ScalarAsync<long>("select count(*) from sync_runs where integration_id = $1 and ended_at is null", connection.Id),
            open => open == 0, cancel: Cancel);
    }
}
