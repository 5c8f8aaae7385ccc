using FinanceIntegrations.Grains.Tests.Cluster;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

public sealed class SyncTests(GrainCluster cluster) : GrainTest(cluster)
{
    [Fact]
    public async Task A_reading_of_the_status_does_not_wait_for_a_running_sync()
    {
        var connection = await ConnectedAsync(prepare: script => script.Rows = 4);
        connection.Script.Rows = 6;
        var gate = connection.Script.BlockFrom(0);
        var ticket = await connection.SyncAsync();
        await ArrivedAsync(gate, 1);

        for (var reading = 0; reading < 20; reading++)
            Assert.Equal(ticket.RunId, (await connection.StatusAsync().WaitAsync(TimeSpan.FromSeconds(5), Cancel)).CurrentRun?.RunId);

        gate.Open();
        var run = await EndOfAsync(connection, ticket.RunId);
        Assert.Equal(("succeeded", 2), (run.Status, run.Written));
        Assert.Null((await connection.StatusAsync()).CurrentRun);
    }

    [Fact]
    public async Task A_second_sync_joins_the_one_that_runs()
    {
        var connection = await ConnectedAsync();
        connection.Script.Rows = 2;
        var gate = connection.Script.BlockFrom(0);
        var first = await connection.SyncAsync();
        await ArrivedAsync(gate, 1);

        var others = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => connection.SyncAsync()));

        Assert.False(first.AlreadyRunning);
        Assert.All(others, other => Assert.Equal((first.RunId, true), (other.RunId, other.AlreadyRunning)));
        gate.Open();
        await EndOfAsync(connection, first.RunId);
        Assert.Equal(1, gate.Arrivals);
        Assert.Equal(2, await RunsAsync(connection));   // the first and this
    }

    [Fact]
    public async Task A_sync_reads_what_is_new_and_a_full_one_reads_everything()
    {
        var connection = await ConnectedAsync(prepare: script => script.Rows = 5);
        connection.Script.Rows = 6;

        var delta = await SyncedAsync(connection);
        Assert.Equal(("succeeded", 1, 1), (delta.Status, delta.Seen, delta.Written));

        connection.Script.Pages.Clear();
        var full = await EndOfAsync(connection, (await connection.SyncAsync(full: true)).RunId);
        Assert.Equal(("succeeded", 6, 0), (full.Status, full.Seen, full.Written));
        Assert.Equal([true, false, false], connection.Script.Pages.Select(page => page.Full));   // only a pass's first page says so
        Assert.Equal(RowIds(6), await RowsAsync(connection));
    }

    [Fact]
    public async Task What_is_not_connected_is_not_synced()
    {
        var connection = await CreatedAsync();
        Assert.Equal("not_connected", (await connection.RefusedSyncAsync()).Code);
        Assert.Equal("not_found", (await New().RefusedSyncAsync()).Code);
        Assert.Empty(connection.Script.Pages);
        Assert.Equal(0, await RunsAsync(connection));
    }

    [Fact]
    public async Task What_is_switched_off_is_not_synced_even_by_force()
    {
        var connection = await ConnectedAsync();
        var status = await connection.SwitchAsync(on: false);
        Assert.Equal(("inactive", "switched_off"), (status.Status, status.StatusReason));
        Assert.Equal("switched_off", (await connection.RefusedSyncAsync()).Code);
        Assert.Empty(connection.Script.Pages);
    }

    [Fact]
    public async Task What_is_not_due_is_synced_only_by_force()
    {
        var connection = await ConnectedAsync();
        Assert.Equal("not_due", (await connection.RefusedSyncAsync(force: false)).Code);
        Assert.Empty(connection.Script.Pages);
        Assert.Equal("succeeded", (await SyncedAsync(connection)).Status);
    }

    [Fact]
    public async Task A_provider_that_answers_the_same_page_for_ever_fails_the_run()
    {
        var connection = await ConnectedAsync();
        connection.Script.Rows = 4;
        connection.Script.PageSize = 0;   // the cursor does not move
        var run = await SyncedAsync(connection);
        Assert.Equal("failed", run.Status);
        var status = await connection.StatusAsync();
        Assert.Equal(("error", "cursor_stuck"), (status.Status, status.LastProblem?.Code));
    }

    [Fact]
    public async Task A_page_that_the_database_refuses_fails_the_run_and_is_not_read_for_ever()
    {
        var connection = await ConnectedAsync(prepare: script => script.Rows = 1);
        connection.Script.Rows = 2;
        connection.Script.Currency = "POUNDS";   // the column takes three letters
        Assert.Equal("failed", (await SyncedAsync(connection)).Status);
        var status = await connection.StatusAsync();
        Assert.Equal(("error", "sync_stopped"), (status.Status, status.LastProblem?.Code));
        Assert.Single(connection.Script.Pages);

        connection.Script.Currency = "GBP";
        Assert.Equal("succeeded", (await SyncedAsync(connection)).Status);
        Assert.Equal(RowIds(2), await RowsAsync(connection));
    }

    [Fact]
    public async Task A_bug_of_a_connector_fails_the_run()
    {
        var connection = await ConnectedAsync();
        connection.Script.OnPage = (_, _) => throw new InvalidOperationException("A bug of the connector.");
        Assert.Equal("failed", (await SyncedAsync(connection)).Status);
        connection.Script.OnPage = (_, _) => throw new TaskCanceledException("A time-out that slipped through.");
        Assert.Equal("failed", (await SyncedAsync(connection)).Status);
        Assert.Equal(2, connection.Script.Pages.Count);
    }

    private static Task<int> ArrivedAsync(Gate gate, int calls) =>
        Eventually.HoldsAsync(
            $"{calls} calls stand at the gate", () => Task.FromResult(gate.Arrivals), seen => seen == calls, cancel: Cancel);
}
