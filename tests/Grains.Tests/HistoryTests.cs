using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Grains.Abstractions;
using FinanceIntegrations.Grains.Sync;
using FinanceIntegrations.Grains.Tests.Cluster;
using FinanceIntegrations.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

/// <summary>A window first, history in the background: it gives way to everything else and loses nothing.</summary>
public sealed class HistoryTests(GrainCluster cluster) : GrainTest(cluster)
{
    private const int Old = 6;

    [Fact]
    public async Task A_new_connection_has_its_recent_rows_first_and_its_history_afterwards()
    {
        var connection = await CreatedAsync(of: Cluster.ProviderOfHistory);
        (connection.Script.Rows, connection.Script.History) = (3, Old);
        var gate = connection.Script.BlockHistoryFrom(0);
        await connection.AuthorizeAsync();
        await ArrivedAsync(gate);

        Assert.Equal(6, (await RowsAsync(connection)).Count);   // three of each stream, none of them old
        Assert.Equal(["connected succeeded", "backfill running"], await RunsOfAsync(connection));
        var status = await connection.StatusAsync();
        Assert.Equal(("active", "reading", 0), (status.Status, status.History!.State, status.History.Percent));
        Assert.All(connection.Script.Pages.Where(page => page.Until is null), page => Assert.Equal(Clock.Now.AddDays(-90), page.From!.Value, TimeSpan.FromMicroseconds(1)));

        gate.Open();
        var history = await ReadAsync(connection);
        Assert.Equal(100, history.Percent);
        Assert.Equal(6 + (2 * Old), (await RowsAsync(connection)).Count);
        Assert.All(connection.Script.Pages.Where(page => page.Until is not null), page =>
        {
            Assert.Null(page.From);
            Assert.Equal(Clock.Now.AddDays(-90), page.Until!.Value, TimeSpan.FromMicroseconds(1));
        });
        connection.Script.Pages.Clear();
        await SyncedAsync(connection);
        Assert.All(connection.Script.Pages, page => Assert.Equal((null, null), (page.From, page.Until)));
    }

    [Fact]
    public async Task A_persons_sync_does_not_wait_for_history_which_goes_on_afterwards_from_where_it_was()
    {
        var (connection, gate) = await ReadingAsync(from: 4);
        connection.Script.Rows = 1;

        var asked = (await connection.SyncAsync()).RunId;
        var run = await Eventually.HoldsAsync("it ends, and the gate is still shut", () => RunAsync(asked), row => row.Ended, cancel: Cancel);

        Assert.Equal(("succeeded", 1), (run.Status, run.Seen));
        await ArrivedAsync(gate, 2);
        gate.Open();
        await ReadAsync(connection);
        Assert.Equal(["connected succeeded", "backfill succeeded", "user succeeded", "backfill succeeded"], await RunsOfAsync(connection));
        Assert.Equal("paused", await ScalarAsync<string>(
            "select streams -> 0 ->> 'status' from sync_runs where integration_id = $1 and trigger = 'backfill' order by xmin::text::bigint limit 1", connection.Id));
        Assert.Equal(["", "2", "4", "4"], CursorsOf(connection, "transactions"));   // what was committed was not asked for again
        Assert.Equal(2 + (2 * Old), (await RowsAsync(connection)).Count);
    }

    [Fact]
    public async Task What_a_webhook_asks_for_is_read_when_the_page_under_way_is_written()
    {
        var (connection, gate) = await ReadingAsync(from: 4);
        await Inbox.ReceiveAsync(connection, ("news", "fees"));
        await connection.Grain.TakeWebhooks();
        await Eventually.HoldsAsync("the wish is noted",
            () => ScalarAsync<long>("select count(*) from webhook_deliveries where integration_id = $1 and status = 'done'", connection.Id),
            done => done == 1, cancel: Cancel);
        gate.Open();
        await ReadAsync(connection);

        Assert.Equal(["connected succeeded", "backfill succeeded", "webhook succeeded", "backfill succeeded"], await RunsOfAsync(connection));
        Assert.Equal(["", "2", "4"], CursorsOf(connection, "transactions"));   // no page was lost
    }

    [Fact]
    public async Task History_that_waits_for_its_place_among_the_silos_runs_holds_up_no_sync()
    {
        var connection = await CreatedAsync(of: Cluster.ProviderOfHistory);
        connection.Script.History = Old;
        var places = await FilledWithBackfillsAsync();
        await connection.AuthorizeAsync();
        await Eventually.HoldsAsync("history waits", () => RunsOfAsync(connection), runs => runs.SequenceEqual(["connected succeeded", "backfill running"]), cancel: Cancel);

        await Inbox.ReceiveAsync(connection, ("news", "fees"));
        await connection.Grain.TakeWebhooks();
        await Eventually.HoldsAsync("what was asked for is read, and history waits again", () => RunsOfAsync(connection),
            runs => runs.SequenceEqual(["connected succeeded", "backfill succeeded", "webhook succeeded", "backfill running"]), cancel: Cancel);

        foreach (var place in places) place.Dispose();
        await ReadAsync(connection);
        Assert.Equal(2 * Old, (await RowsAsync(connection)).Count);
    }

    [Fact]
    public async Task A_sync_that_falls_due_is_not_put_off_until_history_is_read()
    {
        var (connection, gate) = await ReadingAsync(from: 4, frequency: 5);
        await Clock.AdvanceToAsync((await connection.StatusAsync()).NextSyncAt!.Value.AddSeconds(-30));
        for (var second = 0; second < 40; second++)
        {
            await Clock.AdvanceAsync(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        gate.Open();
        await ReadAsync(connection);
        Assert.Equal(["connected succeeded", "backfill succeeded", "schedule succeeded", "backfill succeeded"], await RunsOfAsync(connection));
    }

    [Fact]
    public async Task History_whose_silo_was_killed_goes_on_as_the_same_run_and_reads_each_row_once()
    {
        var (connection, gate) = await ReadingAsync(from: 4);
        var run = (await connection.StatusAsync()).CurrentRun!.RunId;
        await Cluster.KillSiloOfAsync(connection.Grain);
        await Clock.GoesByUntilAsync("the run is taken up again", () => Task.FromResult(gate.Arrivals), seen => seen >= 2, Cancel);
        gate.Open();
        await ReadAsync(connection);

        Assert.Equal(["connected succeeded", "backfill succeeded"], await RunsOfAsync(connection));
        Assert.Equal(2 * Old, (await RunAsync(run)).Written);
        Assert.Equal(2 * Old, (await RowsAsync(connection)).Count);
    }

    [Fact]
    public async Task History_that_fails_is_tried_again_and_leaves_the_connection_as_it_is()
    {
        var connection = await CreatedAsync(of: Cluster.ProviderOfHistory);
        connection.Script.History = Old;
        connection.Script.OnPage = (request, _) => Task.FromResult(request.Until is null ? null : Script.Unavailable);
        await connection.AuthorizeAsync();
        await Eventually.HoldsAsync("history has failed", () => RunsOfAsync(connection), runs => runs.SequenceEqual(["connected succeeded", "backfill failed"]), cancel: Cancel);

        var status = await Eventually.HoldsAsync("it waits", connection.StatusAsync, seen => seen.History?.State == "waiting", cancel: Cancel);
        Assert.Equal("active", status.Status);
        Assert.InRange(status.History!.DueAt!.Value, Clock.Now.AddSeconds(15), Clock.Now.AddSeconds(30));
        connection.Script.AnswerPages();
        await Clock.GoesByUntilAsync("history is read", connection.StatusAsync, seen => seen.History?.State == "complete", Cancel);
        Assert.Equal(2 * Old, (await RowsAsync(connection)).Count);
        // It was begun later than the sync, and says nothing of what has changed since that.
        Assert.Equal(2L, await ScalarAsync<long>("""
            select count(*) from sync_cursors c join sync_runs r on r.integration_id = c.integration_id and r.trigger = 'connected'
            where c.integration_id = $1 and c.as_of = r.started_at
            """, connection.Id));
    }

    [Fact]
    public async Task How_far_it_is_stands_in_status_and_run()
    {
        var (connection, gate) = await ReadingAsync(from: 4);
        await Eventually.HoldsAsync("a third is told", connection.StatusAsync, seen => seen.History!.Percent == 33.3, cancel: Cancel);   // 4 of 6 of one of two streams
        var run = (await connection.StatusAsync()).CurrentRun!.RunId;
        var document = await new Data.Reading.RunReader(Cluster.Database).FindAsync(connection.Id, run, Cancel);
        var stream = Assert.Single(document!.Streams);
        Assert.Equal(("transactions", "history", 66.7), (stream.Stream, stream.Mode, stream.Percent));
        gate.Open();
        await ReadAsync(connection);
    }

    [Fact]
    public async Task The_schedule_reads_a_stream_no_more_often_than_its_own_frequency_and_everything_again_after_a_month()
    {
        var connection = await ConnectedToHistoryAsync(frequency: 60);
        await ScheduledAsync(connection);
        Assert.Equal(["transactions delta", "fees not_due"], await PartsOfNewestAsync(connection));
        await SyncedAsync(connection);
        Assert.Equal(["transactions delta", "fees delta"], await PartsOfNewestAsync(connection));

        await Clock.AdvanceAsync(TimeSpan.FromDays(31));
        await SyncedAsync(connection);
        Assert.Equal(["transactions full", "fees full"], await PartsOfNewestAsync(connection));
        await SyncedAsync(connection);
        Assert.Equal(["transactions delta", "fees delta"], await PartsOfNewestAsync(connection));
    }

    [Fact]
    public async Task What_a_webhook_asks_for_after_a_failed_run_is_read_by_the_retry_though_the_schedule_would_leave_it_out()
    {
        var connection = await ConnectedToHistoryAsync(frequency: 60);
        connection.Script.AnswerPagesWith(Script.Unavailable);
        await SyncedAsync(connection);
        await Inbox.ReceiveAsync(connection, ("news", "fees"));
        await connection.Grain.TakeWebhooks();
        await Eventually.HoldsAsync("the wish is noted",
            () => ScalarAsync<long>("select count(*) from webhook_deliveries where integration_id = $1 and status = 'done'", connection.Id),
            done => done == 1, cancel: Cancel);
        Assert.Equal("error", (await connection.StatusAsync()).Status);

        connection.Script.AnswerPages();
        await Clock.GoesByUntilAsync("the retry has run", connection.StatusAsync, seen => seen is { Status: "active", CurrentRun: null }, Cancel);
        Assert.Equal(["transactions delta", "fees delta"], await PartsOfNewestAsync(connection));
    }

    /// <summary>All the places that a silo gives to runs over history, on every silo.</summary>
    private async Task<IReadOnlyList<IDisposable>> FilledWithBackfillsAsync()
    {
        List<IDisposable> places = [];
        foreach (var silo in Silos.Silos)
        {
            var limit = Silos.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<SyncLimit>();
            using var refused = new CancellationTokenSource();
            for (var place = limit.EnterAsync(Lane.Backfill, refused.Token); ; place = limit.EnterAsync(Lane.Backfill, refused.Token))
            {
                if (place.IsCompleted)
                {
                    places.Add(await place);
                    continue;
                }
                await refused.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => place);
                break;
            }
        }
        return places;
    }

    /// <summary>Two pages of the first stream's history are committed, the third stands at a gate.</summary>
    private async Task<(Connection Connection, Gate Gate)> ReadingAsync(int from, int frequency = Weekly)
    {
        var connection = await CreatedAsync(frequency, Cluster.ProviderOfHistory);
        connection.Script.History = Old;
        var gate = connection.Script.BlockHistoryFrom(from);
        await connection.AuthorizeAsync();
        await ArrivedAsync(gate);
        await Eventually.HoldsAsync("two pages are committed",
            () => ScalarAsync<long>("select pages from sync_cursors where integration_id = $1 and stream = 'transactions/history'", connection.Id),
            pages => pages == 2, cancel: Cancel);
        return (connection, gate);
    }

    private async Task<Connection> ConnectedToHistoryAsync(int frequency)
    {
        var connection = await CreatedAsync(frequency, Cluster.ProviderOfHistory);
        await connection.AuthorizeAsync();
        await ReadAsync(connection);
        return connection;
    }

    private async Task<HistoryView> ReadAsync(Connection connection) => (await Eventually.HoldsAsync("history is read", connection.StatusAsync,
        seen => seen is { CurrentRun: null, History.State: "complete" }, cancel: Cancel)).History!;

    private async Task ScheduledAsync(Connection connection)
    {
        var runs = await RunsAsync(connection);
        await Clock.AdvanceToAsync((await connection.StatusAsync()).NextSyncAt!.Value.AddSeconds(-30));
        await Clock.GoesByUntilAsync("the schedule has run", () => RunsAsync(connection), seen => seen > runs, Cancel);
        await IdleAsync(connection);
    }

    private static Task<int> ArrivedAsync(Gate gate, int calls = 1) =>
        Eventually.HoldsAsync($"{calls} pages stand at the gate", () => Task.FromResult(gate.Arrivals), seen => seen == calls, cancel: Cancel);

    private static IEnumerable<string> CursorsOf(Connection connection, string stream) =>
        connection.Script.Pages.Where(page => page.Until is not null && page.Stream == stream).Select(page => page.Cursor ?? "");

    /// <summary>In the order of their ends, by PostgreSQL's own numbers: the clock stands still. One that is open comes last.</summary>
    private Task<IReadOnlyList<string>> RunsOfAsync(Connection connection) => ColumnAsync<string>(
        "select trigger || ' ' || status from sync_runs where integration_id = $1 order by xmin::text::bigint", connection.Id);

    private Task<IReadOnlyList<string>> PartsOfNewestAsync(Connection connection) => ColumnAsync<string>("""
        select (s ->> 'stream') || ' ' || coalesce(s ->> 'mode', s ->> 'skipped_because')
        from (select streams from sync_runs where integration_id = $1 order by xmin::text::bigint desc limit 1) r, jsonb_array_elements(r.streams) with ordinality e (s, n)
        order by n
        """, connection.Id);
}
