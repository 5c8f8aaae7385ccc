using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Grains.Tests.Cluster;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

/// <summary>A run that is not simply a success says so in its row, in the status and in the attention list.</summary>
public sealed class TrustTests(GrainCluster cluster) : GrainTest(cluster)
{
    [Fact]
    public async Task Rows_that_do_not_fit_make_a_run_partial_and_are_kept_with_their_raw_payload()
    {
        var connection = await ConnectedAsync();
        (connection.Script.Rows, connection.Script.PageSize) = (5, 2);
        connection.Script.Odd.UnionWith([1, 4]);

        var run = await SyncedAsync(connection);

        Assert.Equal(("partial", 3, 5), (run.Status, run.Written, run.Seen));
        Assert.Equal(["row-0", "row-2", "row-3"], await RowsAsync(connection));
        Assert.Equal(["row-1 odd_row", "row-4 odd_row"], await ColumnAsync<string>(
            "select external_id || ' ' || code from parked_rows where integration_id = $1 and raw <> '' order by 1", connection.Id));
        await SaysAsync(connection, "partial", Trust.RowsParked, "transactions");
        Assert.Equal(["rows_parked:transactions"], await OpenItemsAsync(connection));
        Assert.Equal("active", (await connection.StatusAsync()).Status);

        connection.Script.Rows = 6;
        Assert.Equal("succeeded", (await SyncedAsync(connection)).Status);   // what it read is in order; the parked ones still wait
        Assert.Equal(["rows_parked:transactions"], await OpenItemsAsync(connection));
    }

    [Fact]
    public async Task A_row_that_the_provider_mends_is_parked_no_longer()
    {
        var connection = await ConnectedAsync();
        connection.Script.Rows = 3;
        connection.Script.Odd.Add(1);
        await SyncedAsync(connection);
        Assert.Equal(["rows_parked:transactions"], await OpenItemsAsync(connection));

        connection.Script.Odd.Clear();
        Assert.Equal("succeeded", (await EndOfAsync(connection, (await connection.SyncAsync(full: true)).RunId)).Status);
        Assert.Equal(RowIds(3), await RowsAsync(connection));
        Assert.Empty(await OpenItemsAsync(connection));
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from parked_rows where integration_id = $1", connection.Id));
    }

    [Fact]
    public async Task A_half_failed_run_is_partial_and_the_next_good_one_settles_it()
    {
        var connection = await ConnectedAsync(of: Cluster.ProviderOfTwoStreams);
        connection.Script.Rows = 3;
        connection.Script.OnPage = (request, _) => Task.FromResult(request.Stream == "fees" ? Script.Unavailable : null);

        Assert.Equal("partial", (await SyncedAsync(connection)).Status);
        await SaysAsync(connection, "partial", Trust.StreamFailed, "fees");
        Assert.Equal(["stream_failed:fees"], await OpenItemsAsync(connection));
        Assert.Equal(RowIds(3), await RowsAsync(connection));
        var status = await connection.StatusAsync();
        Assert.Equal(("active", Trust.StreamFailed, "maintenance"), (status.Status, status.StatusReason, status.LastProblem?.Code));
        Assert.InRange(status.NextSyncAt!.Value, Clock.Now, Clock.Now.AddMinutes(1));   // retried by backoff, not by its weekly schedule

        connection.Script.AnswerPages();
        Assert.Equal("succeeded", (await SyncedAsync(connection)).Status);
        Assert.Empty(await OpenItemsAsync(connection));
        Assert.Equal("stream_failed:fees gone system", await ScalarAsync<string>(
            "select key || ' ' || choice || ' ' || resolved_by from attention_items where integration_id = $1", connection.Id));
    }

    [Fact]
    public async Task Runs_that_fail_again_and_again_are_one_matter_for_a_person()
    {
        var connection = await ConnectedAsync();
        connection.Script.AnswerPagesWith(Script.RateLimited);
        for (var failure = 1; failure <= TrustPolicy.Default.FailuresBeforeAttention + 1; failure++)
        {
            Assert.Equal("failed", (await SyncedAsync(connection)).Status);
            Assert.Equal(failure >= TrustPolicy.Default.FailuresBeforeAttention ? ["repeated_failure"] : [], await OpenItemsAsync(connection));
        }
        connection.Script.AnswerPages();
        await SyncedAsync(connection);
        Assert.Empty(await OpenItemsAsync(connection));
    }

    [Fact]
    public async Task A_run_tells_what_was_new_changed_and_left_alone_and_what_it_cost()
    {
        var connection = await ConnectedAsync();
        (connection.Script.Rows, connection.Script.PageSize) = (3, 2);
        await SyncedAsync(connection);
        await ExecuteAsync("update transactions set content_hash = 'other' where integration_id = $1 and external_id = 'row-1'", connection.Id);
        connection.Script.Rows = 5;
        connection.Script.RefuseTokens();
        await Clock.AdvanceAsync(TimeSpan.FromMinutes(1));

        var run = (await connection.SyncAsync(full: true)).RunId;
        await EndOfAsync(connection, run);

        Assert.Equal("seen 5 written 3 changed 1 skipped 2 parked 0 pages 3 calls 4 bytes 3", await ScalarAsync<string>("""
            select string_agg(name || ' ' || (streams -> 0 ->> name), ' ' order by place) from sync_runs,
                unnest(array['seen', 'written', 'changed', 'skipped', 'parked', 'pages', 'calls', 'bytes']) with ordinality as n (name, place)
            where id = $1
            """, run));   // a call more than pages: the first was refused
    }

    [Fact]
    public async Task A_stream_that_suddenly_shows_nothing_is_partial_and_deletes_nothing()
    {
        var connection = await ReadAsync(rows: 4);
        connection.Script.Gone.UnionWith([0, 1, 2, 3]);

        Assert.Equal("partial", (await FullAsync(connection)).Status);
        await SaysAsync(connection, "partial", Trust.ImplausibleZero, "transactions");
        Assert.Equal(["data_suspicious:transactions"], await OpenItemsAsync(connection));
        Assert.Empty(await DeletedAsync(connection));

        await SyncedAsync(connection);   // a delta does not look at what is missing
        Assert.Equal(["data_suspicious:transactions"], await OpenItemsAsync(connection));
        connection.Script.Gone.Clear();
        Assert.Equal("succeeded", (await FullAsync(connection)).Status);
        Assert.Empty(await OpenItemsAsync(connection));
    }

    [Fact]
    public async Task Rows_that_a_full_read_no_longer_shows_are_marked_deleted_and_come_back_when_it_does()
    {
        var connection = await ReadAsync(rows: 4);
        connection.Script.Gone.Add(2);
        Assert.Equal("succeeded", (await FullAsync(connection)).Status);
        Assert.Equal(["row-2"], await DeletedAsync(connection));

        connection.Script.Gone.Clear();
        Assert.Equal("succeeded", (await FullAsync(connection)).Status);
        Assert.Empty(await DeletedAsync(connection));
    }

    [Fact]
    public async Task A_fall_that_is_too_deep_deletes_nothing_until_a_person_accepts_it()
    {
        var connection = await ReadAsync(rows: 4);
        connection.Script.Gone.UnionWith([0, 1, 2]);
        Assert.Equal("partial", (await FullAsync(connection)).Status);
        await SaysAsync(connection, "partial", Trust.ImplausibleFall, "transactions");
        Assert.Empty(await DeletedAsync(connection));

        var item = await ScalarAsync<Guid>("select id from attention_items where integration_id = $1 and resolved_at is null", connection.Id);
        Connection.Value(await connection.ResolveAsync(new() { Item = item, Choice = "accept", By = "alice" }));
        Assert.Equal(["row-0", "row-1", "row-2"], await DeletedAsync(connection));
        Assert.Empty(await OpenItemsAsync(connection));
        Assert.Equal("succeeded", (await FullAsync(connection)).Status);
    }

    [Fact]
    public async Task A_total_that_disagrees_is_partial_until_a_run_finds_that_it_agrees()
    {
        var connection = await ReadAsync(rows: 4);
        connection.Script.Total = 7;   // the rows come to 0 + 1 + 2 + 3
        Assert.Equal("partial", (await FullAsync(connection)).Status);
        await SaysAsync(connection, "partial", Trust.TotalDisagrees, "transactions");
        Assert.Equal(["data_suspicious:transactions"], await OpenItemsAsync(connection));

        connection.Script.Total = 6;
        Assert.Equal("succeeded", (await FullAsync(connection)).Status);
        Assert.Empty(await OpenItemsAsync(connection));
    }

    /// <summary>Connected, its rows read some time ago.</summary>
    private async Task<Connection> ReadAsync(int rows)
    {
        var connection = await ConnectedAsync();
        connection.Script.Rows = rows;
        Assert.Equal("succeeded", (await FullAsync(connection)).Status);
        return connection;
    }

    private async Task<RunRow> FullAsync(Connection connection)
    {
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(1));
        return await EndOfAsync(connection, (await connection.SyncAsync(full: true)).RunId);
    }

    private Task<IReadOnlyList<string>> DeletedAsync(Connection connection) => ColumnAsync<string>(
        "select external_id from transactions where integration_id = $1 and deleted order by 1", connection.Id);

    private async Task SaysAsync(Connection connection, string status, string code, string stream)
    {
        var last = (await connection.StatusAsync()).LastRun!;
        Assert.Equal((status, code, stream), (last.Status, last.Reasons[0].Code, last.Reasons[0].Stream));
        Assert.Equal($"{status} {code} {stream}", await ScalarAsync<string>(
            "select status || ' ' || (reasons -> 0 ->> 'code') || ' ' || (reasons -> 0 ->> 'stream') from sync_runs where id = $1", last.RunId));
    }

    private Task<IReadOnlyList<string>> OpenItemsAsync(Connection connection) => ColumnAsync<string>(
        "select key from attention_items where integration_id = $1 and resolved_at is null order by key", connection.Id);
}
