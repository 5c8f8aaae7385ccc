using System.Text;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Stripe;

public sealed class StripeStreamTests : IDisposable
{
    private const long Day = 24 * 60 * 60;

    private readonly StripeBench _bench = new();

    [Fact]
    public async Task A_first_pass_reads_everything_newest_to_oldest()
    {
        _bench.Provider.AnswerWith(
            () => _bench.List(true, StripeBench.Transaction("txn_3", 300), StripeBench.Transaction("txn_2", 200)),
            () => _bench.List(false, StripeBench.Transaction("txn_1", 100)));
        var first = await Fetch("transactions");
        Assert.False(first.EndOfPass);
        var second = await Fetch("transactions", first.Cursor);
        Assert.True(second.EndOfPass);
        Assert.Equal(["txn_3", "txn_2", "txn_1"], first.Records.Concat(second.Records).Select(r => r.ExternalId));
        Assert.Equal([("limit", "100")], _bench.Provider.Sent[0].Query);
        Assert.Equal([("limit", "100"), ("starting_after", "txn_2")], _bench.Provider.Sent[1].Query);
    }

    [Fact]
    public async Task A_delta_asks_five_minutes_back_from_the_newest_seen()
    {
        var rest = await Pass("transactions", null, StripeBench.Transaction("txn_2", 100_000), StripeBench.Transaction("txn_1", 90_000));
        await Pass("transactions", rest, StripeBench.Transaction("txn_3", 100_500));
        Assert.Equal((99_700).ToString(), _bench.Provider.Last["created[gte]"]);
    }

    [Fact]
    public async Task Pending_rows_are_left_alone_until_their_day_and_then_read_again_from_the_oldest()
    {
        var (oldest, newest) = (_bench.Now - 3 * Day, _bench.Now - 60);
        var rest = await Pass("transactions", null,
            StripeBench.Transaction("txn_3", newest, "pending", _bench.Now + 2 * Day),
            StripeBench.Transaction("txn_2", _bench.Now - 2 * Day),
            StripeBench.Transaction("txn_1", oldest, "pending", _bench.Now + Day));

        _bench.Clock.Advance(TimeSpan.FromHours(23));
        rest = await Pass("transactions", rest, StripeBench.Transaction("txn_3", newest, "pending", _bench.Now + 49 * 3600));
        Assert.Equal((newest - 300).ToString(), _bench.Provider.Last["created[gte]"]);

        _bench.Clock.Advance(TimeSpan.FromHours(1));
        rest = await Pass("transactions", rest,
            StripeBench.Transaction("txn_3", newest, "pending", _bench.Now + Day), StripeBench.Transaction("txn_1", oldest));
        Assert.Equal(oldest.ToString(), _bench.Provider.Last["created[gte]"]);

        rest = await Pass("transactions", rest);
        Assert.Equal((newest - 300).ToString(), _bench.Provider.Last["created[gte]"]);
        _bench.Clock.Advance(TimeSpan.FromDays(1));
        await Pass("transactions", rest, StripeBench.Transaction("txn_3", newest));
        Assert.Equal((newest - 300).ToString(), _bench.Provider.Last["created[gte]"]);
    }

    [Fact]
    public async Task A_row_that_stays_pending_past_its_day_is_looked_at_every_hour_not_every_pass()
    {
        var created = _bench.Now - 5 * Day;
        string[] rows = [StripeBench.Transaction("txn_2", _bench.Now), StripeBench.Transaction("txn_1", created, "pending", _bench.Now - Day)];
        var newest = _bench.Now;
        var rest = await Pass("transactions", null, rows);
        _bench.Clock.Advance(TimeSpan.FromMinutes(30));
        rest = await Pass("transactions", rest);
        Assert.Equal((newest - 300).ToString(), _bench.Provider.Last["created[gte]"]);
        _bench.Clock.Advance(TimeSpan.FromMinutes(30));
        await Pass("transactions", rest);
        Assert.Equal(created.ToString(), _bench.Provider.Last["created[gte]"]);
    }

    [Theory]
    [InlineData("payouts", "/v1/payouts", "payout.paid")]
    [InlineData("disputes", "/v1/disputes", "charge.dispute.closed")]
    [InlineData("charges", "/v1/charges", "charge.refunded")]
    [InlineData("refunds", "/v1/refunds", "charge.refund.updated")]
    public async Task What_changes_later_is_listed_once_and_then_followed_by_events(string stream, string path, string type)
    {
        var begin = _bench.Now;
        var rest = await Pass(stream, null);
        Assert.Equal(path, _bench.Provider.Last.Path);
        _bench.Clock.Advance(TimeSpan.FromHours(1));
        rest = await Pass(stream, rest);
        Assert.Equal("/v1/events", _bench.Provider.Last.Path);
        Assert.Equal((begin - 300).ToString(), _bench.Provider.Last["created[gte]"]);
        Assert.Contains(("types[]", type), _bench.Provider.Last.Query);
        Assert.InRange(_bench.Provider.Last.Query.Count(p => p.Name == "types[]"), 1, 20);
        await Pass(stream, rest);
        Assert.Equal((begin + 3600 - 300).ToString(), _bench.Provider.Last["created[gte]"]);
    }

    [Fact]
    public async Task The_watermark_is_the_passes_first_page_however_long_it_takes()
    {
        var begin = _bench.Now;
        _bench.Provider.AnswerWith(() => _bench.List(true, StripeBench.Payout("po_2", "paid")), () => _bench.List(false, StripeBench.Payout("po_1", "paid")));
        var first = await Fetch("payouts");
        _bench.Clock.Advance(TimeSpan.FromDays(2));
        var second = await Fetch("payouts", first.Cursor);
        await Pass("payouts", second.Cursor);
        Assert.Equal((begin - 300).ToString(), _bench.Provider.Last["created[gte]"]);
    }

    [Fact]
    public async Task Of_events_about_one_object_the_newest_state_stands_as_of_its_event()
    {
        var rest = await Pass("payouts", null);
        var at = _bench.Now;
        var page = await PassPage("payouts", rest,
            StripeBench.Event("evt_4", "payout.updated", at, StripeBench.Payout("po_1", "in_transit")),
            StripeBench.Event("evt_3", "payout.paid", at, StripeBench.Payout("po_1", "paid")),
            StripeBench.Event("evt_2", "payout.created", at - 50, StripeBench.Payout("po_1", "pending")),
            StripeBench.Event("evt_1", "payout.created", at - 60, StripeBench.Payout("po_2", "pending")));
        Assert.Equal([("po_1", "paid", at), ("po_2", "pending", at - 60)],
            page.Records.Cast<Payout>().Select(p => (p.ExternalId, p.Status, p.AsOf.ToUnixTimeSeconds())));
    }

    [Fact]
    public async Task Event_pages_go_on_after_the_last_event_not_after_its_object()
    {
        var rest = await Pass("payouts", null);
        _bench.Provider.AnswerWith(
            () => _bench.List(true, StripeBench.Event("evt_2", "payout.paid", _bench.Now, StripeBench.Payout("po_2", "paid"))), () => _bench.List(false));
        var page = await Fetch("payouts", rest);
        await Fetch("payouts", page.Cursor);
        Assert.Equal("evt_2", _bench.Provider.Last["starting_after"]);
        Assert.NotNull(_bench.Provider.Last["created[gte]"]);
    }

    [Fact]
    public async Task Past_the_days_that_events_are_kept_everything_is_read_again()
    {
        var rest = await Pass("payouts", null);
        _bench.Clock.Advance(TimeSpan.FromDays(28.9));
        await Pass("payouts", rest);
        Assert.Equal("/v1/events", _bench.Provider.Last.Path);
        _bench.Clock.Advance(TimeSpan.FromDays(0.2));
        var again = await Pass("payouts", rest);
        Assert.Equal("/v1/payouts", _bench.Provider.Last.Path);
        await Pass("payouts", again);
        Assert.Equal("/v1/events", _bench.Provider.Last.Path);
    }

    [Theory]
    [InlineData("transactions", "/v1/balance_transactions")]
    [InlineData("payouts", "/v1/payouts")]
    public async Task A_full_read_begins_anew_once_and_then_goes_on(string stream, string path)
    {
        var row = stream == "payouts" ? StripeBench.Payout("x_9", "paid") : StripeBench.Transaction("x_9", 100_000);
        var rest = await Pass(stream, null, row);
        _bench.Provider.AnswerWith(() => _bench.List(true, row), () => _bench.List(false));
        var first = await Fetch(stream, rest, full: true);
        Assert.Equal((path, null), (_bench.Provider.Last.Path, _bench.Provider.Last["created[gte]"]));
        var second = await Fetch(stream, first.Cursor);
        Assert.Equal("x_9", _bench.Provider.Last["starting_after"]);
        Assert.True(second.EndOfPass);
    }

    [Theory]
    [InlineData("transactions", "/v1/balance_transactions")]
    [InlineData("payouts", "/v1/payouts")]
    [InlineData("payout_entries", "/v1/payouts")]
    public async Task A_full_read_does_not_go_on_with_a_first_pass_over_a_window(string stream, string path)
    {
        var row = stream == "transactions" ? StripeBench.Transaction("x_9", 100_000) : StripeBench.Payout("x_9", "paid");
        _bench.Provider.AnswerWith(() => _bench.List(true, row), () => _bench.List(false));
        var windowed = (await _bench.FetchAsync(stream, from: _bench.Clock.GetUtcNow().AddDays(-90))).Value;
        Assert.False(windowed.EndOfPass);
        Assert.NotNull(_bench.Provider.Last["created[gte]"]);
        _bench.Provider.AnswerWith(() => _bench.List(false));
        var page = await Fetch(stream, windowed.Cursor, full: true);
        Assert.Equal((path, null, null), (_bench.Provider.Last.Path, _bench.Provider.Last["created[gte]"], _bench.Provider.Last["starting_after"]));
        Assert.Equal((true, true), (page.OfWholePass, page.Pass!.Whole));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("""{"v":99,"pass":"delta","since":1}""")]
    [InlineData("""{"v":1,"pass":"unheard_of"}""")]
    public async Task A_cursor_of_another_making_is_the_beginning(string cursor)
    {
        await Pass("transactions", cursor);
        Assert.Equal([("limit", "100")], _bench.Provider.Last.Query);
    }

    [Fact]
    public async Task A_row_that_does_not_fit_loses_neither_its_page_nor_the_next()
    {
        _bench.Provider.AnswerWith(() => _bench.List(true, StripeBench.Transaction("txn_3", 3), StripeBench.Transaction("txn_2", 2, currency: "zzz")));
        var page = await Fetch("transactions");
        Assert.Equal(["txn_3"], page.Records.Select(r => r.ExternalId));
        Assert.Equal("txn_2", Assert.Single(page.Rejected).ExternalId);
        await _bench.FetchAsync("transactions", page.Cursor);
        Assert.Equal("txn_2", _bench.Provider.Last["starting_after"]);
    }

    [Fact]
    public async Task Pages_that_lead_to_themselves_are_an_error_not_a_loop()
    {
        _bench.Provider.AnswerWith(() => _bench.List(true, StripeBench.Transaction("txn_1", 1)));
        var page = await Fetch("transactions");
        Assert.Equal("pagination_stuck", (await _bench.FetchAsync("transactions", page.Cursor)).Error!.Code);
        _bench.Provider.AnswerWith(() => _bench.List(true));
        Assert.Equal("pagination_stuck", (await _bench.FetchAsync("transactions")).Error!.Code);
    }

    [Fact]
    public async Task Raw_is_the_rows_own_bytes()
    {
        var odd = """{ "id" : "po_1", "amount":1 , "currency":"gbp","created":1,"status":"paid","description":"\u00e9 é" }""";
        var page = await PassPage("payouts", null, odd, StripeBench.Payout("po_0", "paid"));
        Assert.Equal(odd, Encoding.UTF8.GetString(page.Records[0].Raw.Span));
        Assert.Equal(StripeBench.Payout("po_0", "paid"), Encoding.UTF8.GetString(page.Records[1].Raw.Span));
    }

    [Fact]
    public async Task List_rows_are_as_of_stripes_clock()
    {
        var page = await PassPage("payouts", null, StripeBench.Payout("po_1", "paid"));
        Assert.InRange(_bench.Now - page.Records[0].AsOf.ToUnixTimeSeconds(), 0, 2);
    }

    [Fact]
    public async Task Account_and_balance_are_a_pass_in_one_page()
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json(Sample.Text("account")));
        var account = await Fetch("accounts");
        Assert.True(account.EndOfPass);
        Assert.IsType<Account>(Assert.Single(account.Records));
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json(Sample.Text("balance")));
        var balance = await Fetch("balances", account.Cursor);
        Assert.True(balance.EndOfPass);
        Assert.Equal("acct_1:USD", Assert.Single(balance.Records).ExternalId);
    }

    public void Dispose() => _bench.Dispose();

    private async Task<SyncPage> Fetch(string stream, string? cursor = null, bool full = false)
    {
        var result = await _bench.FetchAsync(stream, cursor, full);
        Assert.True(result.Ok, result.Error?.ToString());
        Assert.InRange(result.Value.Cursor.Length, 2, 2048);
        return result.Value;
    }

    private async Task<SyncPage> PassPage(string stream, string? cursor, params string[] rows)
    {
        _bench.Provider.AnswerWith(() => _bench.List(false, rows));
        var page = await Fetch(stream, cursor);
        Assert.True(page.EndOfPass);
        return page;
    }

    private async Task<string> Pass(string stream, string? cursor, params string[] rows) => (await PassPage(stream, cursor, rows)).Cursor;
}
