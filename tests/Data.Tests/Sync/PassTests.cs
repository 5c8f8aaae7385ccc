using FinanceIntegrations.Data.Sync;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Sync;

/// <summary>What a stream's passes are about, and what is known of them afterwards.</summary>
public sealed class PassTests(OwnDatabase own) : DatabaseTest(own)
{
    private const string Stream = "transactions";

    private static readonly PassPlan Recent = new(PassMode.Recent, Begin.AddDays(-90));
    private static readonly PassPlan History = new(PassMode.History, Until: Begin.AddDays(-90));
    private static readonly PassPlan Full = new(PassMode.Full);
    private static readonly PassPlan Delta = new(PassMode.Delta);

    private SyncStore Store => new(Source, Clock);

    [Fact]
    public async Task A_window_leaves_history_behind_it_until_that_is_read_to_its_end()
    {
        var integration = await NewIntegrationAsync();
        await PassAsync(integration, Stream, Recent);
        Assert.Equal((Begin, null, Begin.AddDays(-90)), await PastAsync(integration));

        var key = new StreamKey(integration, StreamPasts.HistoryOf(Stream), NewId());
        var at = await Store.OpenAsync(key, History, Cancel);
        at = (await CommitAsync(key, at, Sample.Page("h1", Sample.Transaction("t1")) with { Progress = 0.25, Rejected = [Sample.Rejected("odd")] }))!;
        Assert.Equal((PassMode.History, 0.25), (at.Mode, at.Share));
        Assert.Equal(Begin.AddDays(-90), (await PastAsync(integration)).Before);

        Assert.Equal(Stream, await Source.ScalarAsync<string>("select stream from parked_rows where integration_id = $1", Cancel, integration));

        var later = key with { RunId = NewId() };   // paused, and gone on with by another run
        at = await Store.OpenAsync(later, History, Cancel);
        Assert.Equal(("h1", 0.25, false), (at.Cursor, at.Share, at.Continues));
        Clock.Advance(TimeSpan.FromHours(1));
        at = (await CommitAsync(later, at, Sample.Page("h2", Sample.Transaction("t2")) with { EndOfPass = true }))!;
        Assert.True(at.Ended);
        Assert.Equal((Begin, Begin.AddHours(1), null), await PastAsync(integration));
    }

    [Fact]
    public async Task Both_rows_of_a_stream_go_on_from_where_they_are()
    {
        var integration = await NewIntegrationAsync();
        await PassAsync(integration, Stream, Recent, "r");
        await PassAsync(integration, StreamPasts.HistoryOf(Stream), History, "h");
        Assert.Equal("r", (await Store.OpenAsync(new(integration, Stream, NewId()), Delta, Cancel)).Cursor);
    }

    [Fact]
    public async Task A_run_that_is_resumed_and_one_that_finishes_anothers_pass_keep_what_it_is_about()
    {
        var integration = await NewIntegrationAsync();
        var key = new StreamKey(integration, Stream, NewId());
        var at = await Store.OpenAsync(key, Recent, Cancel);
        at = (await CommitAsync(key, at, Sample.Page("c1", Sample.Transaction("t1"))))!;

        Clock.Advance(TimeSpan.FromDays(1));
        foreach (var again in new[] { key, key with { RunId = NewId() } })
        {
            at = await Store.OpenAsync(again, new(PassMode.Recent, Begin.AddDays(-89)), Cancel);
            Assert.Equal((PassMode.Recent, Begin.AddDays(-90), false), (at.Mode, at.From, at.Anew));
        }
    }

    [Fact]
    public async Task A_pass_over_everything_begins_anew_over_a_lesser_one_and_not_over_itself()
    {
        var integration = await NewIntegrationAsync();
        await PassAsync(integration, Stream, Recent);
        var key = new StreamKey(integration, Stream, NewId());
        await CommitAsync(key, await Store.OpenAsync(key, Delta, Cancel), Sample.Page("c1", Sample.Transaction("t1")));

        key = key with { RunId = NewId() };
        var at = await Store.OpenAsync(key, Full, Cancel);
        Assert.Equal((PassMode.Full, true, true), (at.Mode, at.Anew, at.Continues));
        Assert.True((await Store.OpenAsync(key, Full, Cancel)).Anew);   // the process died before its first page
        await CommitAsync(key, at, Sample.Page("c2", Sample.Transaction("t1")));

        key = key with { RunId = NewId() };
        Assert.False((await Store.OpenAsync(key, Full, Cancel)).Anew);
    }

    [Fact]
    public async Task A_pass_over_everything_leaves_no_history_and_is_dated_by_its_begin()
    {
        var integration = await NewIntegrationAsync();
        await PassAsync(integration, Stream, Recent);
        var key = new StreamKey(integration, Stream, NewId());
        Clock.Advance(TimeSpan.FromHours(1));
        var at = await Store.OpenAsync(key, Full, Cancel);
        Clock.Advance(TimeSpan.FromHours(1));
        await CommitAsync(key, at, Sample.Page("c2", Sample.Transaction("t1")) with { EndOfPass = true });
        Assert.Equal((Begin.AddHours(2), Begin.AddHours(1), null), await PastAsync(integration));
    }

    private async Task PassAsync(Guid integration, string stream, PassPlan plan, string cursor = "rest")
    {
        var key = new StreamKey(integration, stream, NewId());
        await CommitAsync(key, await Store.OpenAsync(key, plan, Cancel), Sample.Page(cursor, Sample.Transaction("t1")) with { EndOfPass = true });
    }

    private async Task<(DateTimeOffset? Pass, DateTimeOffset? Full, DateTimeOffset? Before)> PastAsync(Guid integration)
    {
        var past = (await new StreamPasts(Source).OfAsync(integration, Cancel))[Stream];
        return (past.LastPassAt, past.LastFullAt, past.HistoryBefore);
    }

    private Task<StreamProgress?> CommitAsync(StreamKey key, StreamProgress from, SyncPage page) =>
        Store.CommitAsync(key, from, RecordKind.Transaction, page, 1, Cancel);
}
