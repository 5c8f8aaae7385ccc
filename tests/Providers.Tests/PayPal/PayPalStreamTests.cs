using System.Globalization;
using System.Net;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers.PayPal;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.PayPal;

/// <summary>How the windows lie, page after page: against a script, so that every call is seen.</summary>
public sealed class PayPalStreamTests : IDisposable
{
    private const string Transactions = PayPalStreams.Transactions;

    private readonly PayPalBench _bench = new();

    private DateTimeOffset Now => _bench.Clock.GetUtcNow();

    [Fact]
    public async Task Windows_of_at_most_31_days_cover_the_time_without_a_gap_and_end_at_the_last_refresh()
    {
        Answer(_ => PayPalBench.Page("2026-11-01T09:00:00+0000", 1, 1, PayPalBench.Row("A")));
        var pages = await Pass(null, from: Now.AddDays(-90));
        var windows = Windows();
        Assert.Equal(3, pages.Count);
        Assert.Equal(Now.AddDays(-90), windows[0].Start);
        Assert.Equal(new DateTimeOffset(2026, 11, 1, 9, 0, 0, TimeSpan.Zero), windows[^1].End);
        Assert.All(windows, w => Assert.InRange(w.End - w.Start, TimeSpan.Zero, TimeSpan.FromDays(31)));
        Assert.Equal(windows.Skip(1).Select(w => w.Start), windows.SkipLast(1).Select(w => w.End));
        Assert.Equal(pages.Select(p => p.Progress!.Value).Order(), pages.Select(p => p.Progress!.Value));
        Assert.Equal(1, pages[^1].Progress);
    }

    [Fact]
    public async Task The_next_pass_reads_the_last_days_again()
    {
        Answer(_ => PayPalBench.Page("2026-11-01T09:00:00+0000", 1, 1));
        var rest = (await Pass(null, from: Now.AddDays(-20)))[^1].Cursor;
        _bench.Clock.Advance(TimeSpan.FromHours(1));
        var before = _bench.Provider.Sent.Count;
        await Pass(rest);
        var (start, _) = Windows()[before];
        Assert.Equal(new DateTimeOffset(2026, 10, 27, 9, 0, 0, TimeSpan.Zero), start);
    }

    [Fact]
    public async Task After_a_webhook_only_what_is_late_is_read_again_and_the_pending_wait_for_the_schedule()
    {
        Answer(_ => PayPalBench.Page("2026-11-01T09:00:00+0000", 1, 1, PayPalBench.Row("P", "2026-10-12T10:00:00+0000", status: "P")));
        var rest = (await Pass(null, from: Now.AddDays(-30)))[^1].Cursor;
        Answer(_ => PayPalBench.Page("2026-11-01T09:00:00+0000", 1, 1));
        var before = _bench.Provider.Sent.Count;
        var asked = await _bench.Connector.FetchPageAsync(new(_bench.Access with { Lane = Domain.Budgets.Lane.Webhook }, Transactions, rest, Full: false), PayPalBench.Cancel);
        Assert.Equal(new DateTimeOffset(2026, 11, 1, 3, 0, 0, TimeSpan.Zero), Windows()[before].Start);
        Assert.True(asked.Value.EndOfPass);
        await Pass(asked.Value.Cursor);
        Assert.Equal(new DateTimeOffset(2026, 10, 12, 10, 0, 0, TimeSpan.Zero), Windows()[before + 1].Start);

        _bench.Clock.Advance(TimeSpan.FromHours(7));   // webhooks came all the while, and the schedule had no turn
        before = _bench.Provider.Sent.Count;
        await _bench.Connector.FetchPageAsync(new(_bench.Access with { Lane = Domain.Budgets.Lane.Webhook }, Transactions, asked.Value.Cursor, Full: false), PayPalBench.Cancel);
        Assert.Equal(new DateTimeOffset(2026, 10, 12, 10, 0, 0, TimeSpan.Zero), Windows()[before].Start);
    }

    [Fact]
    public async Task What_is_still_pending_is_looked_at_again_however_old()
    {
        Answer(_ => PayPalBench.Page("2026-11-01T09:00:00+0000", 1, 1, PayPalBench.Row("P", "2026-10-12T10:00:00+0000", status: "P")));
        var rest = (await Pass(null, from: Now.AddDays(-30)))[^1].Cursor;
        Answer(_ => PayPalBench.Page("2026-11-01T09:00:00+0000", 1, 1, PayPalBench.Row("P", "2026-10-12T10:00:00+0000")));
        var before = _bench.Provider.Sent.Count;
        rest = (await Pass(rest))[^1].Cursor;
        Assert.Equal(new DateTimeOffset(2026, 10, 12, 10, 0, 0, TimeSpan.Zero), Windows()[before].Start);
        before = _bench.Provider.Sent.Count;
        await Pass(rest);   // it has settled: nothing holds the begin back
        Assert.Equal(new DateTimeOffset(2026, 10, 27, 9, 0, 0, TimeSpan.Zero), Windows()[before].Start);
    }

    [Fact]
    public async Task A_window_with_too_many_rows_is_halved_until_it_fits_and_nothing_is_left_out()
    {
        _bench.Provider.Answer = (sent, _) =>
        {
            var (start, end) = Window(sent);
            return Task.FromResult(end - start > TimeSpan.FromDays(4)
                ? ScriptedProvider.Json("""{"name":"RESULTSET_TOO_LARGE","message":"m","debug_id":"d"}""", HttpStatusCode.BadRequest)
                : ScriptedProvider.Json(PayPalBench.Page("2026-11-01T09:00:00+0000", 1, 1, PayPalBench.Row($"R{start.ToUnixTimeSeconds()}"))));
        };
        var pages = await Pass(null, from: Now.AddDays(-31));
        var read = _bench.Provider.Sent.Select(Window).Where(w => w.End - w.Start <= TimeSpan.FromDays(4)).ToList();
        Assert.Equal(read.Skip(1).Select(w => w.Start), read.SkipLast(1).Select(w => w.End));
        Assert.Equal((Now.AddDays(-31), new DateTimeOffset(2026, 11, 1, 9, 0, 0, TimeSpan.Zero)), (read[0].Start, read[^1].End));
        Assert.Equal(read.Count, pages.Count);
        Assert.True(_bench.Provider.Sent.Count < 40, "the halved length is kept for the windows after");
    }

    [Fact]
    public async Task Pages_of_a_window_are_read_in_turn_and_a_pass_resumes_at_any()
    {
        Answer(sent => PayPalBench.Page("2026-11-01T09:00:00+0000", int.Parse(sent["page"]!, CultureInfo.InvariantCulture), 3, PayPalBench.Row("R" + sent["page"])));
        var pages = await Pass(null, from: Now.AddDays(-10));
        Assert.Equal(["1", "2", "3"], _bench.Provider.Sent.Select(s => s["page"]));
        Assert.Equal(3, pages[^1].Pass!.Shown);
        for (var at = 0; at < 2; at++)
        {
            var rest = await Pass(pages[at].Cursor);
            Assert.Equal(pages.Skip(at + 1).SelectMany(p => p.Records).Select(r => r.ExternalId), rest.SelectMany(p => p.Records).Select(r => r.ExternalId));
            Assert.Equal(pages[^1].Cursor, rest[^1].Cursor);
        }
    }

    [Fact]
    public async Task History_reads_what_lies_before_and_leaves_no_watermark()
    {
        Answer(_ => PayPalBench.Page("2026-11-01T09:00:00+0000", 1, 1));
        var until = Now.AddDays(-90);
        var pages = await Pass(null, from: Now.AddDays(-200), until: until);
        Assert.Equal((Now.AddDays(-200), until), (Windows()[0].Start, Windows()[^1].End));
        Assert.Equal(new PayPalCursor().ToString(), pages[^1].Cursor);
        Assert.False(pages[^1].Pass!.Whole);
    }

    [Fact]
    public async Task Nothing_is_asked_for_that_PayPal_no_longer_has()
    {
        Answer(_ => PayPalBench.Page("2026-11-01T09:00:00+0000", 1, 0));
        await Pass(null, full: true);
        Assert.Equal(Now - TimeSpan.FromDays(3 * 365), Windows()[0].Start);
        Assert.InRange(_bench.Provider.Sent.Count, 35, 37);
    }

    [Fact]
    public async Task A_full_read_does_not_go_on_with_a_first_pass_over_a_window()
    {
        Answer(_ => PayPalBench.Page("2026-11-01T09:00:00+0000", 1, 0));
        var windowed = (await _bench.FetchAsync(Transactions, from: Now.AddDays(-90))).Value;
        Assert.False(windowed.EndOfPass);
        await Pass(windowed.Cursor, full: true);
        Assert.Equal(Now - TimeSpan.FromDays(3 * 365), Windows()[1].Start);
    }

    [Fact]
    public async Task An_answer_that_is_no_list_is_an_error_and_not_an_empty_page()
    {
        foreach (var body in new[] { "{}", "[]", """{"transaction_details":[]}""", """{"transaction_details":[],"total_pages":1} x""" })
        {
            Answer(_ => body);
            Assert.Equal("unreadable_answer", (await _bench.FetchAsync(Transactions)).Error?.Code);
        }
    }

    [Fact]
    public async Task Disputes_follow_their_last_change_and_each_is_looked_up()
    {
        _bench.Provider.Answer = (sent, _) => Task.FromResult(ScriptedProvider.Json(sent.Path switch
        {
            "/v1/customer/disputes" when sent["next_page_token"] is null =>
                $$"""{"items":[{{PayPalBench.Dispute("PP-1")}}],"links":[{"href":"https://x/v1/customer/disputes?page_size=20&next_page_token=AB%3D","rel":"next"}]}""",
            "/v1/customer/disputes" => $$"""{"items":[{{PayPalBench.Dispute("PP-2")}}],"links":[{"href":"https://x","rel":"self"}]}""",
            _ => PayPalBench.Dispute(sent.Path.Split('/')[^1], "RESOLVED", "RESOLVED_SELLER_FAVOUR"),
        }));
        var pages = await Pass(null, stream: PayPalStreams.Disputes);
        Assert.Equal([("PP-1", "won"), ("PP-2", "won")], pages.SelectMany(p => p.Records).Cast<Dispute>().Select(d => (d.ExternalId, d.Status)));
        Assert.Equal("AB=", _bench.Provider.Sent.Last(s => s.Path == "/v1/customer/disputes")["next_page_token"]);
        Assert.Equal("2026-05-06T12:00:00.000Z", _bench.Provider.Sent[0]["update_time_after"]);
        _bench.Clock.Advance(TimeSpan.FromHours(1));
        var before = _bench.Provider.Sent.Count;
        await Pass(pages[^1].Cursor, stream: PayPalStreams.Disputes);
        Assert.Equal("2026-11-01T11:45:00.000Z", _bench.Provider.Sent[before]["update_time_after"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"dispute_id":"PP-1","status":"RESO""")]
    [InlineData("""<html>busy</html>""")]
    public async Task A_look_up_whose_answer_is_cut_off_fails_the_page_and_parks_nothing(string cut)
    {
        _bench.Provider.Answer = (sent, _) => Task.FromResult(ScriptedProvider.Json(
            sent.Path == "/v1/customer/disputes" ? $$"""{"items":[{{PayPalBench.Dispute("PP-1")}}],"links":[]}""" : cut));
        Assert.Equal("unreadable_answer", (await _bench.FetchAsync(PayPalStreams.Disputes)).Error?.Code);
    }

    [Fact]
    public async Task A_dispute_that_cannot_be_looked_up_fails_the_page_and_one_that_is_gone_does_not()
    {
        var status = HttpStatusCode.ServiceUnavailable;
        _bench.Provider.Answer = (sent, _) => Task.FromResult(sent.Path == "/v1/customer/disputes"
            ? ScriptedProvider.Json($$"""{"items":[{{PayPalBench.Dispute("PP-1")}}],"links":[]}""")
            : ScriptedProvider.Json("""{"name":"X"}""", status));
        Assert.Equal(ErrorClass.ProviderUnavailable, (await _bench.FetchAsync(PayPalStreams.Disputes)).Error?.Class);
        status = HttpStatusCode.NotFound;
        Assert.Equal("PP-1", Assert.Single((await _bench.FetchAsync(PayPalStreams.Disputes)).Value.Records).ExternalId);
    }

    public void Dispose() => _bench.Dispose();

    private static (DateTimeOffset Start, DateTimeOffset End) Window(SentRequest sent) => (
        DateTimeOffset.Parse(sent["start_date"]!, CultureInfo.InvariantCulture), DateTimeOffset.Parse(sent["end_date"]!, CultureInfo.InvariantCulture));

    private List<(DateTimeOffset Start, DateTimeOffset End)> Windows() => [.. _bench.Provider.Sent.Select(Window)];

    private void Answer(Func<SentRequest, string> body) => _bench.Provider.Answer = (sent, _) => Task.FromResult(ScriptedProvider.Json(body(sent)));

    private async Task<List<SyncPage>> Pass(
        string? cursor, DateTimeOffset? from = null, DateTimeOffset? until = null, bool full = false, string stream = Transactions)
    {
        List<SyncPage> pages = [];
        do
        {
            var page = await _bench.FetchAsync(stream, pages.Count == 0 ? cursor : pages[^1].Cursor, full && pages.Count == 0, from, until);
            Assert.True(page.Ok, page.Error?.ToString());
            pages.Add(page.Value);
        }
        while (!pages[^1].EndOfPass && pages.Count < 200);
        return pages;
    }
}
