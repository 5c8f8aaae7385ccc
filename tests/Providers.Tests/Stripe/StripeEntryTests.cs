using System.Net;
using System.Text;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers.Stripe;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Stripe;

/// <summary>Which movements are in which payout: asked payout by payout, of those alone that Stripe can tell.</summary>
public sealed class StripeEntryTests : IDisposable
{
    private readonly StripeBench _bench = new();

    [Fact]
    public async Task Each_reconciled_automatic_payout_is_asked_for_once_and_no_other()
    {
        Answer(
            () => _bench.List(false, Payout("po_4"), Payout("po_3", reconciliation: "in_progress"), Payout("po_2", automatic: false), Payout("po_1")),
            payout => _bench.List(false, StripeBench.Transaction($"txn_{payout}", 100)));
        var pages = await Pass(null);
        Assert.Equal(["po_4", "po_1"], Asked());
        Assert.Equal(["po_4:txn_po_4", "po_1:txn_po_1"], pages.SelectMany(page => page.Records).Select(record => record.ExternalId));
        Assert.Equal(["po_4", "po_1"], pages.SelectMany(page => page.PayoutsRead));
        Assert.Equal((2, true), (pages[^1].Pass!.Shown, pages[^1].Pass!.Whole));
    }

    [Fact]
    public async Task An_entry_says_its_payout_its_movement_and_the_money_and_keeps_the_row()
    {
        var raw = StripeBench.Transaction("txn_1", 1_700_000_000);
        Answer(() => _bench.List(false, Payout("po_1")), _ => _bench.List(false, raw));
        var entry = Assert.IsType<PayoutEntry>(Assert.Single((await Pass(null)).SelectMany(page => page.Records)));
        Assert.Equal(("po_1:txn_1", "po_1", "txn_1", "charge", "charge", "ch_1"),
            (entry.ExternalId, entry.PayoutId, entry.TransactionId, entry.Type, entry.ProviderType, entry.SourceId));
        Assert.Equal((10m, 0.3m, 9.7m, "GBP", 1_700_000_000), (entry.Amount, entry.Fee, entry.Net, entry.Currency, entry.OccurredAt.ToUnixTimeSeconds()));
        Assert.Equal(raw, Encoding.UTF8.GetString(entry.Raw.Span));
    }

    [Fact]
    public async Task The_payouts_own_movement_is_none_of_its_entries_and_another_payouts_is_one()
    {
        Answer(() => _bench.List(false, Payout("po_1")), _ => _bench.List(false, Own("txn_3", "po_1"), Own("txn_2", "po_0"), StripeBench.Transaction("txn_1", 100)));
        Assert.Equal(["txn_2", "txn_1"], (await Pass(null)).SelectMany(page => page.Records).Cast<PayoutEntry>().Select(entry => entry.TransactionId));
    }

    [Fact]
    public async Task A_payout_of_several_pages_is_read_to_its_end_before_it_counts_as_read_also_by_another_process()
    {
        var calls = 0;
        Answer(() => _bench.List(false, Payout("po_2"), Payout("po_1")), payout => payout == "po_2" && calls++ == 0
            ? _bench.List(true, Own("txn_own", "po_2"), StripeBench.Transaction("txn_3", 300))
            : _bench.List(false, StripeBench.Transaction($"txn_{payout}_{calls}", 200)));
        var pages = await Pass(null);
        Assert.Equal(["", "po_2", "po_1"], pages.Select(page => string.Join(',', page.PayoutsRead)));
        Assert.Equal("txn_3", _bench.Provider.Sent[2]["starting_after"]);

        calls = 1;
        var resumed = await Pass(pages[0].Cursor);
        Assert.Equal(["po_2", "po_1"], resumed.SelectMany(page => page.PayoutsRead));
    }

    [Fact]
    public async Task A_pass_without_news_is_one_call_and_news_is_what_the_events_tell()
    {
        Answer(() => _bench.List(false, Payout("po_1")), _ => _bench.List(false, StripeBench.Transaction("txn_1", 100)));
        var begin = _bench.Now;
        var rest = (await Pass(null))[^1].Cursor;
        _bench.Clock.Advance(TimeSpan.FromHours(1));
        var before = _bench.Provider.Sent.Count;
        Answer(() => _bench.List(false), _ => throw new InvalidOperationException("nothing is to be asked"));
        rest = (await Pass(rest))[^1].Cursor;
        var call = Assert.Single(_bench.Provider.Sent.Skip(before));
        Assert.Equal(("/v1/events", (begin - 300).ToString()), (call.Path, call["created[gte]"]));
        Assert.Contains(("types[]", "payout.reconciliation_completed"), call.Query);

        Answer(
            () => _bench.List(false,
                StripeBench.Event("evt_3", "payout.failed", _bench.Now, Payout("po_9")), StripeBench.Event("evt_2", "payout.reconciliation_completed", _bench.Now, Payout("po_9")),
                StripeBench.Event("evt_1", "payout.failed", _bench.Now, Payout("po_8", reconciliation: "in_progress"))),
            payout => _bench.List(false, StripeBench.Transaction($"txn_{payout}", 100)));
        Assert.Equal(["po_9:txn_po_9"], (await Pass(rest)).SelectMany(page => page.Records).Select(record => record.ExternalId));
    }

    [Fact]
    public async Task Beyond_the_days_of_the_events_all_payouts_are_asked_for_again()
    {
        Answer(() => _bench.List(false, Payout("po_1")), _ => _bench.List(false, StripeBench.Transaction("txn_1", 100)));
        var rest = (await Pass(null))[^1].Cursor;
        _bench.Clock.Advance(TimeSpan.FromDays(29.5));
        await Pass(rest);
        Assert.Equal(["po_1", "po_1"], Asked());
    }

    [Fact]
    public async Task History_is_the_payouts_before_the_window_with_its_measure_and_no_watermark()
    {
        var border = DateTimeOffset.FromUnixTimeSeconds(1_760_000_000);
        var made = border.ToUnixTimeSeconds() - 1000;
        _bench.Provider.Answer = (sent, _) => Task.FromResult(sent.Path switch
        {
            "/v1/account" => ScriptedProvider.Json($$"""{"id":"acct_1","object":"account","created":{{made}}}"""),
            "/v1/payouts" when sent["starting_after"] is null => _bench.List(true, Payout("po_2", created: made + 700)),
            "/v1/payouts" => _bench.List(false, Payout("po_1", created: made)),
            _ => _bench.List(false, StripeBench.Transaction("txn_" + sent["payout"], 100)),
        });
        var pages = await Pass(null, until: border);
        Assert.Equal(["po_2", "po_1"], pages.SelectMany(page => page.PayoutsRead));
        Assert.Equal([0.3, 1.0], pages.Select(page => Math.Round(page.Progress!.Value, 3)));
        Assert.All(_bench.Provider.Sent.Where(sent => sent.Path == "/v1/payouts"), sent => Assert.Equal("1760000000", sent["created[lt]"]));
        Assert.Null(StripeCursor.Parse(pages[^1].Cursor).Watermark);
        Assert.False(pages[^1].Pass!.Whole);
    }

    [Fact]
    public async Task A_payout_with_an_entry_that_does_not_fit_is_not_taken_for_read_and_the_entry_can_be_mapped_again()
    {
        var odd = StripeBench.Transaction("txn_2", 200, currency: "zzz");
        Answer(() => _bench.List(false, Payout("po_1")), _ => _bench.List(false, odd, StripeBench.Transaction("txn_1", 100)));
        var page = Assert.Single(await Pass(null));
        Assert.Empty(page.PayoutsRead);
        var parked = Assert.Single(page.Rejected);
        Assert.Equal(("po_1:txn_2", "unknown_currency"), (parked.ExternalId, parked.Code));
        Assert.Equal($$"""{"payout":"po_1","entry":{{odd}}}""", Encoding.UTF8.GetString(parked.Raw.Span));

        var again = ((IMapsRows)_bench.Connector).MapAgain(new("payout_entries", "acct_1", parked.Raw, parked.AsOf!.Value));
        Assert.Equal("unknown_currency", again.Rejected!.Code);
        var mended = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(parked.Raw.Span).Replace("zzz", "gbp", StringComparison.Ordinal));
        var entry = Assert.IsType<PayoutEntry>(Assert.Single(((IMapsRows)_bench.Connector).MapAgain(new("payout_entries", "acct_1", mended, parked.AsOf.Value)).Records));
        Assert.Equal(("po_1:txn_2", 9.7m), (entry.ExternalId, entry.Net));
    }

    [Fact]
    public async Task A_payout_that_Stripe_refuses_to_itemise_is_parked_and_holds_up_no_other()
    {
        Answer(() => _bench.List(false, Payout("po_2"), Payout("po_1")), payout => payout == "po_2"
            ? ScriptedProvider.Json("""{"error":{"type":"invalid_request_error","message":"Balance transaction history can only be filtered on automatic transfers, not manual."}}""", HttpStatusCode.BadRequest)
            : _bench.List(false, StripeBench.Transaction("txn_1", 100)));
        var pages = await Pass(null);
        Assert.Equal(["po_1"], pages.SelectMany(page => page.PayoutsRead));
        Assert.Equal(("po_2", "not_itemised"), pages.SelectMany(page => page.Rejected).Select(row => (row.ExternalId, row.Code)).Single());
    }

    public void Dispose() => _bench.Dispose();

    private static string Payout(string id, bool automatic = true, string reconciliation = "completed", long created = 1_700_000_000) =>
        $$"""{"id":"{{id}}","object":"payout","amount":1100,"currency":"gbp","created":{{created}},"status":"paid","automatic":{{(automatic ? "true" : "false")}},"reconciliation_status":"{{reconciliation}}"}""";

    private static string Own(string id, string payout) =>
        $$"""{"id":"{{id}}","object":"balance_transaction","amount":-970,"fee":0,"net":-970,"currency":"gbp","created":400,"available_on":400,"status":"available","type":"payout","reporting_category":"payout","source":"{{payout}}"}""";

    /// <summary>Lists and events, and the movements of a payout.</summary>
    private void Answer(Func<HttpResponseMessage> payouts, Func<string, HttpResponseMessage> entries) =>
        _bench.Provider.Answer = (sent, _) => Task.FromResult(sent["payout"] is { } payout ? entries(payout) : payouts());

    private IEnumerable<string> Asked() => _bench.Provider.Sent.Select(sent => sent["payout"]).OfType<string>();

    private async Task<List<SyncPage>> Pass(string? cursor, DateTimeOffset? until = null)
    {
        var pages = new List<SyncPage>();
        do
        {
            var result = await _bench.FetchAsync("payout_entries", cursor, until: until);
            Assert.True(result.Ok, result.Error?.ToString());
            Assert.InRange(result.Value.Cursor.Length, 2, 2048);
            pages.Add(result.Value);
            cursor = result.Value.Cursor;
        }
        while (!pages[^1].EndOfPass);
        return pages;
    }
}
