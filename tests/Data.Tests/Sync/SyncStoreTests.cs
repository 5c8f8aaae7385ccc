using System.Text;
using FinanceIntegrations.Data.Sync;
using FinanceIntegrations.Domain.Records;
using Npgsql;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Sync;

public sealed class SyncStoreTests(OwnDatabase own) : DatabaseTest(own)
{
    private const string Stream = "transactions";

    private SyncStore Store => new(Source, Clock);

    [Fact]
    public async Task A_page_moves_rows_cursor_and_counts_together()
    {
        var key = await NewStreamAsync();
        var open = await Store.OpenAsync(key, Cancel);
        Assert.Equal(new StreamProgress { Anew = true }, open);

        var page = Sample.Page("c1", Sample.Transaction("t1"), Sample.Transaction("t2")) with { Rejected = [Sample.Rejected("odd")] };
        var after = await CommitAsync(key, open, page);
        Assert.Equal(new StreamProgress { Cursor = "c1", Seen = 3, Written = 2, Parked = 1, Pages = 1, Calls = 1, Bytes = 100 }, after);
        Assert.Equal(["t1", "t2"], await RowsAsync(key));
    }

    [Fact]
    public async Task A_run_resumes_at_its_last_page_and_the_next_run_begins_there_with_fresh_counts()
    {
        var key = await NewStreamAsync();
        var at = await Store.OpenAsync(key, Cancel);
        foreach (var n in new[] { 1, 2 }) at = (await CommitAsync(key, at, Sample.Page($"c{n}", Sample.Transaction($"t{n}"))))!;

        Assert.Equal(at, await Store.OpenAsync(key, Cancel));   // the process died here
        at = (await CommitAsync(key, at, Sample.Page("c3", Sample.Transaction("t3")) with { EndOfPass = true }))!;
        Assert.Equal((true, 3, 3), (at.Ended, at.Pages, at.Written));
        Assert.True((await Store.OpenAsync(key, Cancel)).Ended);

        Assert.Equal(new StreamProgress { Cursor = "c3", Anew = true }, await Store.OpenAsync(key with { RunId = NewId() }, Cancel));
    }

    [Fact]
    public async Task A_run_that_finishes_another_ones_pass_has_not_ended_before_it_has_made_one_of_its_own()
    {
        var failed = await NewStreamAsync();
        await CommitAsync(failed, await Store.OpenAsync(failed, Cancel), Sample.Page("c1", Sample.Transaction("t1")));

        var idle = failed with { RunId = NewId() };   // fails before its first page, and changes nothing of that
        Assert.True((await Store.OpenAsync(idle, Cancel)).Continues);
        var key = failed with { RunId = NewId() };
        var at = await Store.OpenAsync(key, Cancel);
        Assert.True(at.Continues);

        at = (await CommitAsync(key, at, Sample.Page("rest", Sample.Transaction("t2")) with { EndOfPass = true }))!;
        Assert.Equal((false, false), (at.Ended, at.Continues));
        Assert.Equal(at, await Store.OpenAsync(key, Cancel));   // the process died here
        at = (await CommitAsync(key, at, Sample.Page("rest 2", Sample.Transaction("t3")) with { EndOfPass = true }))!;
        Assert.True(at.Ended);
        Assert.False((await Store.OpenAsync(key with { RunId = NewId() }, Cancel)).Continues);
    }

    [Fact]
    public async Task A_page_written_twice_leaves_each_row_once_and_is_counted_once()
    {
        var key = await NewStreamAsync();
        var open = await Store.OpenAsync(key, Cancel);
        var page = Sample.Page("c1", Sample.Transaction("t1"), Sample.Transaction("t2"));
        var first = await CommitAsync(key, open, page);
        Assert.Null(await CommitAsync(key, open, page));   // its answer was lost, or another activation had it too
        Assert.Equal(first, await Store.OpenAsync(key, Cancel));
        Assert.Equal(["t1", "t2"], await RowsAsync(key));

        var again = await CommitAsync(key, first!, page with { Cursor = "c2" });
        Assert.Equal((2, 4), (again!.Written, again.Seen));   // what did not change is not written
    }

    [Fact]
    public async Task A_run_that_lost_its_fence_writes_nothing()
    {
        var key = await NewStreamAsync();
        var open = await Store.OpenAsync(key, Cancel);
        var newer = await Store.OpenAsync(key with { RunId = NewId() }, Cancel);
        var page = Sample.Page("late", Sample.Transaction("t1")) with { Rejected = [Sample.Rejected("late")] };

        Assert.Null(await CommitAsync(key, open, page));

        Assert.Empty(await RowsAsync(key));
        Assert.Empty(await ParkedAsync(key));
        Assert.Equal("none", await CursorAsync(key));
        Assert.Equal(0, newer.Pages);
    }

    [Fact]
    public async Task Nothing_comes_back_after_a_purge()
    {
        var key = await NewStreamAsync();
        var open = await Store.OpenAsync(key, Cancel);
        var at = await CommitAsync(key, open, Sample.Page("c1", Sample.Transaction("t1")) with { Rejected = [Sample.Rejected("odd")] });
        await new Integrations.PurgeStore(Source).PurgeAsync(key.IntegrationId, Cancel);

        Assert.Null(await CommitAsync(key, at!, Sample.Page("c2", Sample.Transaction("t2")) with { Rejected = [Sample.Rejected("late")] }));
        Assert.Empty(await RowsAsync(key));
        Assert.Empty(await ParkedAsync(key));
    }

    [Fact]
    public async Task Of_two_activations_that_commit_the_same_page_at_once_one_goes_on()
    {
        var key = await NewStreamAsync();
        var at = await Store.OpenAsync(key, Cancel);
        for (var n = 1; n <= 10; n++)
        {
            var (from, page) = (at, Sample.Page($"c{n}", [.. Enumerable.Range(0, 50).Select(i => Sample.Transaction($"t{n}-{i}"))]));
            var outcomes = await Task.WhenAll(CommitAsync(key, from, page), CommitAsync(key, from, page), CommitAsync(key, from, page));
            at = Assert.Single(outcomes, o => o is not null)!;
            Assert.Equal((n, 50 * n), (at.Pages, at.Written));
        }
        Assert.Equal(500, (await RowsAsync(key)).Count);
    }

    [Fact]
    public async Task A_page_with_a_value_that_does_not_fit_writes_nothing_of_it()
    {
        var key = await NewStreamAsync();
        var open = await Store.OpenAsync(key, Cancel);
        var page = Sample.Page("c1", Sample.Transaction("t1"),
            Sample.Transaction("t2", currency: "POUNDS")) with
        { Rejected = [Sample.Rejected("odd")] };

        var refused = await Assert.ThrowsAsync<PostgresException>(() => CommitAsync(key, open, page));
        Assert.True(DatabaseFaults.IsAboutTheData(refused));
        Assert.Empty(await RowsAsync(key));
        Assert.Empty(await ParkedAsync(key));
        Assert.Equal(open, await Store.OpenAsync(key, Cancel));
    }

    [Fact]
    public async Task Rows_that_could_not_be_mapped_are_parked_byte_for_byte_and_once()
    {
        var key = await NewStreamAsync();
        var at = await Store.OpenAsync(key, Cancel);
        var odd = new[] { "{ \"id\" : 1,  \"id\":2 }", "no json \0 at all", "" };
        var page = Sample.Page("c1") with { Rejected = [.. odd.Select(raw => Sample.Rejected(raw, id: null)), Sample.Rejected(odd[0])] };
        at = await CommitAsync(key, at, page);
        at = await CommitAsync(key, at!, page with { Cursor = "c2" });   // read again

        Assert.Equal(odd.Order(StringComparer.Ordinal), (await ParkedAsync(key)).Order(StringComparer.Ordinal));
        Assert.Equal(6, at!.Parked);   // three of each page: the same bytes twice on a page are one row
        Assert.Equal(["bad_amount: The amount is no number."],
            await Source.ListAsync<string>("select distinct code || ': ' || reason from parked_rows where integration_id = $1", Cancel,
                key.IntegrationId));
    }

    [Fact]
    public async Task The_providers_own_json_is_kept_byte_for_byte()
    {
        var key = await NewStreamAsync();
        const string raw = "{ \"b\":1.10,\t\"a\" : \"\\u0000é\",\"a\":[ ] }";
        await CommitAsync(key, await Store.OpenAsync(key, Cancel),
            Sample.Page("c1", Sample.Transaction("t1") with { Raw = Encoding.UTF8.GetBytes(raw) }));
        Assert.Equal(raw, await Source.ScalarAsync<string>("select raw::text from transactions where integration_id = $1", Cancel,
            key.IntegrationId));
    }

    [Fact]
    public async Task Integrations_and_streams_stand_apart()
    {
        var (mine, theirs) = (await NewStreamAsync(), await NewStreamAsync());
        var other = mine with { Stream = "payouts" };
        foreach (var key in new[] { mine, theirs, other })
            await CommitAsync(key, await Store.OpenAsync(key, Cancel), Sample.Page($"of {key.Stream}", Sample.Transaction("same id")));
        Assert.Equal(["same id"], await RowsAsync(mine));
        Assert.Equal(["same id"], await RowsAsync(theirs));
        Assert.Equal(("of transactions", "of payouts"), (await CursorAsync(mine), await CursorAsync(other)));
    }

    [Fact]
    public async Task Open_runs_are_found_oldest_first()
    {
        var ids = new List<Guid>();
        foreach (var minutes in new[] { 30, 10, 20 })
        {
            var state = NewState();
            var run = new Domain.Integrations.RunInProgress
            {
                Id = NewId(),
                Trigger = "user",
                StartedAt = Begin.AddYears(-1).AddMinutes(minutes)
            };
            await Source.WriteStateAsync(state with { Outbox = new() { RunStarted = run } }, null, Cancel);
            ids.Add(state.Id);
        }
        var runs = new OpenRuns(Source);
        Assert.Equal([ids[1], ids[2]], await runs.StartedBeforeAsync(Begin.AddYears(-1).AddMinutes(30), 10, Cancel));
        Assert.Equal([ids[1]], await runs.StartedBeforeAsync(Begin, 1, Cancel));
    }

    private async Task<StreamKey> NewStreamAsync() => new(await NewIntegrationAsync(), Stream, NewId());

    private Task<StreamProgress?> CommitAsync(StreamKey key, StreamProgress from, Domain.Sync.SyncPage page) =>
        Store.CommitAsync(key, from, RecordKind.Transaction, page, 1, Cancel);

    private Task<List<string>> RowsAsync(StreamKey key) =>
        Source.ListAsync<string>("select external_id from transactions where integration_id = $1 order by external_id", Cancel,
            key.IntegrationId);

    private async Task<List<string>> ParkedAsync(StreamKey key) =>
        [.. (await Source.ListAsync<byte[]>("select raw from parked_rows where integration_id = $1", Cancel, key.IntegrationId))
            .Select(Encoding.UTF8.GetString)];

    private Task<string> CursorAsync(StreamKey key) => Source.ScalarAsync<string>(
        "select coalesce(cursor, 'none') from sync_cursors where integration_id = $1 and stream = $2", Cancel, key.IntegrationId,
            key.Stream);
}
