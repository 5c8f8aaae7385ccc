using System.Net;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Square;

public sealed class SquareStreamTests : IDisposable
{
    private readonly SquareBench _bench = new();

    [Fact]
    public async Task Payments_are_read_location_by_location_and_page_by_page()
    {
        _bench.Answer(sent => sent.Path == "/v2/locations" ? SquareBench.Locations("L2", "L3", "L1")
            : (sent["location_id"], sent["cursor"]) switch
            {
                ("L1", null) => SquareBench.List("payments", "c1", SquareBench.Payment("p1")),
                ("L1", "c1") => SquareBench.List("payments", null, SquareBench.Payment("p2")),
                ("L2", null) => "{}",
                ("L3", null) => SquareBench.List("payments", null, SquareBench.Payment("p3")),
                var other => throw new InvalidOperationException(other.ToString()),
            });
        var (records, _) = await Pass("payments", null);
        Assert.Equal(["p1", "p2", "p3"], records.Select(r => r.ExternalId));
        var lists = _bench.Provider.Sent.Where(s => s.Path == "/v2/payments").ToList();
        Assert.All(lists, s => Assert.Equal(("2009-01-01T00:00:00Z", null, "100"), (s["begin_time"], s["updated_at_begin_time"], s["limit"])));
        Assert.Equal(3, _bench.Provider.Sent.Count(s => s.Path == "/v2/locations"));
    }

    [Fact]
    public async Task A_seller_of_one_location_costs_one_look_at_the_locations()
    {
        _bench.Answer(sent => sent.Path == "/v2/locations" ? SquareBench.Locations("L1") : "{}");
        await Pass("payments", null);
        Assert.Equal(["/v2/locations", "/v2/payments"], _bench.Provider.Sent.Select(s => s.Path));
    }

    [Theory]
    [InlineData("payments")]
    [InlineData("refunds")]
    public async Task A_delta_asks_for_what_changed_since_the_pass_before_began_less_five_minutes(string stream)
    {
        _bench.Answer(sent => sent.Path == "/v2/locations" ? SquareBench.Locations("L1") : "{}");
        var (_, rest) = await Pass(stream, null);
        _bench.Clock.Advance(TimeSpan.FromHours(1));
        (_, rest) = await Pass(stream, rest);
        Assert.Equal(("2026-11-01T11:55:00Z", "UPDATED_AT", "ASC", "2009-01-01T00:00:00Z"),
            (_bench.Provider.Last["updated_at_begin_time"], _bench.Provider.Last["sort_field"], _bench.Provider.Last["sort_order"], _bench.Provider.Last["begin_time"]));
        await Pass(stream, rest);
        Assert.Equal("2026-11-01T12:55:00Z", _bench.Provider.Last["updated_at_begin_time"]);
    }

    [Fact]
    public async Task Payouts_of_the_two_weeks_before_are_read_again()
    {
        _bench.Answer(sent => sent.Path == "/v2/locations" ? SquareBench.Locations("L1") : "{}");
        var (_, rest) = await Pass("payouts", null);
        await Pass("payouts", rest);
        Assert.Equal(("2026-10-18T11:55:00Z", null), (_bench.Provider.Last["begin_time"], _bench.Provider.Last["updated_at_begin_time"]));
    }

    [Fact]
    public async Task A_first_pass_over_a_window_and_history_meet_and_history_leaves_no_watermark()
    {
        _bench.Answer(sent => sent.Path == "/v2/locations" ? SquareBench.Locations("L1") : "{}");
        var from = new DateTimeOffset(2026, 8, 3, 12, 0, 0, TimeSpan.Zero);
        var recent = (await _bench.FetchAsync("payments", from: from)).Value;
        Assert.Equal(("2026-08-03T12:00:00Z", null, false), (_bench.Provider.Last["begin_time"], _bench.Provider.Last["end_time"], recent.OfWholePass));
        var history = (await _bench.FetchAsync("payments", until: from)).Value;
        Assert.Equal(("2009-01-01T00:00:00Z", "2026-08-03T12:00:00Z"), (_bench.Provider.Last["begin_time"], _bench.Provider.Last["end_time"]));
        await Pass("payments", recent.Cursor);
        Assert.NotNull(_bench.Provider.Last["updated_at_begin_time"]);
        await Pass("payments", history.Cursor);
        Assert.Null(_bench.Provider.Last["updated_at_begin_time"]);
    }

    [Theory]
    [InlineData("payments", false)]
    [InlineData("payments", true)]
    [InlineData("refunds", false)]
    [InlineData("payouts", false)]
    public async Task A_cursor_that_has_run_out_restarts_the_list_where_it_stood_and_loses_nothing(string stream, bool delta)
    {
        var last = "2026-10-31T10:00:00.750Z";
        var row = stream == "payouts" ? SquareBench.Payout("x2", created: last) : SquareBench.Payment("x2", created: last);
        if (stream == "refunds") row = """{"id":"x2","amount_money":{"amount":1,"currency":"GBP"},"created_at":"2026-10-31T10:00:00.750Z","updated_at":"2026-10-31T10:00:00.750Z"}""";
        var expire = false;
        _bench.Provider.Answer = (sent, _) => Task.FromResult(sent.Path == "/v2/locations" ? ScriptedProvider.Json(SquareBench.Locations("L1"), date: _bench.Clock.GetUtcNow())
            : sent["cursor"] is not null && expire
                ? ScriptedProvider.Json("""{"errors":[{"category":"INVALID_REQUEST_ERROR","code":"INVALID_CURSOR"}]}""", HttpStatusCode.BadRequest)
                : ScriptedProvider.Json(sent["cursor"] is null && !expire && (!delta || sent["updated_at_begin_time"] is not null)
                    ? SquareBench.List(stream, "c1", row)
                    : SquareBench.List(stream, null, row), date: _bench.Clock.GetUtcNow()));
        string? rest = null;
        if (delta) rest = (await Pass(stream, null)).Next;
        var first = (await _bench.FetchAsync(stream, rest)).Value;
        Assert.False(first.EndOfPass);
        expire = true;
        var second = (await _bench.FetchAsync(stream, first.Cursor)).Value;
        Assert.True(second.EndOfPass);
        Assert.Equal("x2", Assert.Single(second.Records).ExternalId);
        var again = _bench.Provider.Last;
        Assert.Null(again["cursor"]);
        if (delta) Assert.Equal("2026-10-31T10:00:00Z", again["updated_at_begin_time"]);
        else Assert.Equal("2026-10-31T10:00:01Z", again["end_time"]);
    }

    [Fact]
    public async Task Between_restarts_the_parameters_stay_what_the_cursor_was_given_for()
    {
        _bench.Answer(sent => sent.Path == "/v2/locations" ? SquareBench.Locations("L1") : SquareBench.List("payments",
            sent["cursor"] switch
            {
                null => "c1",
                "c1" => "c2",
                _ => null,
            }, SquareBench.Payment("p" + sent["cursor"])));
        await Pass("payments", null);
        var lists = _bench.Provider.Sent.Where(s => s.Path == "/v2/payments").Select(s => string.Join('&', s.Query.Where(p => p.Name != "cursor"))).ToList();
        Assert.Equal(3, lists.Count);
        Assert.Single(lists.Distinct());
    }

    [Fact]
    public async Task Entries_are_read_payout_by_payout_and_a_pass_resumes_at_any_page()
    {
        _bench.Answer(Books(payouts: 23, entriesPages: 2));
        var (whole, cursors) = await PassWithCursors("transactions", null);
        Assert.Equal(46, whole.Count);
        Assert.Equal(46, whole.Select(r => r.ExternalId).Distinct().Count());
        Assert.All(whole.Cast<Transaction>(), t => Assert.StartsWith("po_", t.PayoutId, StringComparison.Ordinal));
        Assert.All(cursors, cursor => Assert.InRange(cursor.Length, 2, 2048));
        for (var page = 0; page < cursors.Count - 1; page += 5)
        {
            var (later, _) = await PassWithCursors("transactions", cursors[page]);
            Assert.Equal(whole.Skip(whole.Count - later.Count).Select(r => r.ExternalId), later.Select(r => r.ExternalId));
        }
    }

    [Fact]
    public async Task A_delta_reads_again_the_entries_of_those_payouts_alone_that_changed()
    {
        var changed = "2026-10-30T01:00:00Z";
        _bench.Answer(sent => sent.Path switch
        {
            "/v2/locations" => SquareBench.Locations("L1"),
            "/v2/payouts" => SquareBench.List("payouts", null, SquareBench.Payout("po_2", updated: changed), SquareBench.Payout("po_1", created: "2026-10-29T01:00:00Z")),
            _ => SquareBench.List("payout_entries", null, SquareBench.Entry("e" + sent.Path[12..16], sent.Path[12..16])),
        });
        var (records, rest) = await Pass("transactions", null);
        Assert.Equal(2, records.Count);
        (records, rest) = await Pass("transactions", rest);
        Assert.Empty(records);
        changed = "2026-11-01T12:00:00Z";
        (records, _) = await Pass("transactions", rest);
        Assert.Equal("epo_2", Assert.Single(records).ExternalId);
    }

    [Fact]
    public async Task A_payout_counts_as_read_with_the_last_page_of_its_entries_unless_one_of_them_does_not_fit()
    {
        _bench.Answer(sent => sent.Path switch
        {
            "/v2/locations" => SquareBench.Locations("L1"),
            "/v2/payouts" => SquareBench.List("payouts", null, SquareBench.Payout("po_3"), SquareBench.Payout("po_2"), SquareBench.Payout("po_1")),
            "/v2/payouts/po_3/payout-entries" when sent["cursor"] is null => SquareBench.List("payout_entries", "more", SquareBench.Entry("e3a", "po_3")),
            "/v2/payouts/po_2/payout-entries" => SquareBench.List("payout_entries", null, SquareBench.Entry("e2", "po_2").Replace("GBP", "ZZZ", StringComparison.Ordinal)),
            _ => SquareBench.List("payout_entries", null, SquareBench.Entry("e" + sent.Path[12..16], sent.Path[12..16])),
        });
        var read = new List<string>();
        string? cursor = null;
        SyncPage page;
        do
        {
            page = (await _bench.FetchAsync("transactions", cursor)).Value;
            cursor = page.Cursor;
            read.Add(string.Join(',', page.PayoutsRead));
        }
        while (!page.EndOfPass);
        Assert.Equal(["", "po_3", "", "po_1"], read);
    }

    [Fact]
    public async Task Of_disputes_a_delta_reads_the_open_ones()
    {
        _bench.Answer(sent => sent["states"] is not { } state
            ? SquareBench.List("disputes", null, SquareBench.Dispute("d1", "WON"), SquareBench.Dispute("d2", "PROCESSING"))
            : SquareBench.List("disputes", null, SquareBench.Dispute("d_" + state, state)));
        var (all, rest) = await Pass("disputes", null);
        Assert.Equal(["won", "under_review"], all.Cast<Dispute>().Select(d => d.Status));
        var (open, _) = await Pass("disputes", rest);
        Assert.Equal(["warning_needs_response", "warning_under_review", "needs_response", "under_review"], open.Cast<Dispute>().Select(d => d.Status));
        Assert.Equal(["INQUIRY_EVIDENCE_REQUIRED", "INQUIRY_PROCESSING", "EVIDENCE_REQUIRED", "PROCESSING"], _bench.Provider.Sent.Skip(1).Select(s => s["states"]));
    }

    [Fact]
    public async Task A_balance_is_derived_from_what_no_payout_has_an_entry_of_and_says_so()
    {
        _bench.Answer(sent => sent.Path switch
        {
            "/v2/locations" => SquareBench.Locations("L1"),
            "/v2/payouts" => SquareBench.List("payouts", null, SquareBench.Payout("po_2"), SquareBench.Payout("po_1", created: "2026-10-26T01:00:00Z")),
            "/v2/payouts/po_2/payout-entries" => SquareBench.List("payout_entries", null, SquareBench.Entry("paid", "po_2")),
            "/v2/payments" => SquareBench.List("payments", null,
                SquareBench.Payment("pay_paid"), SquareBench.Payment("open"), SquareBench.Payment("declined", status: "FAILED"),
                SquareBench.Payment("cash").Replace("\"CARD\"", "\"CASH\"", StringComparison.Ordinal)),
            _ => SquareBench.List("refunds", null,
                """{"id":"r1","status":"COMPLETED","payment_id":"pay_paid","destination_type":"CARD","amount_money":{"amount":500,"currency":"GBP"},"processing_fee":[{"amount_money":{"amount":-18,"currency":"GBP"}}],"created_at":"2026-10-31T00:00:00Z"}"""),
        });
        var page = (await _bench.FetchAsync("balances")).Value;
        Assert.True(page.EndOfPass);
        var balance = Assert.IsType<Balance>(Assert.Single(page.Records));
        Assert.Equal(("L1:GBP", "L1", 0m, 9.64m - 4.82m), (balance.ExternalId, balance.AccountId, balance.Available, balance.Pending));
        Assert.Equal("""{"derived":true,"location_id":"L1","currency":"GBP","since":"2026-10-26T01:00:00Z","payments":1,"refunds":1,"pending":482}""",
            System.Text.Encoding.UTF8.GetString(balance.Raw.Span));
        Assert.DoesNotContain(_bench.Provider.Sent, s => s.Path.Contains("po_1", StringComparison.Ordinal));
        Assert.Contains("Derived", _bench.Connector.Info.Streams.Single(s => s.Id == "balances").Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_location_whose_balance_cannot_be_derived_is_a_rejected_row_and_no_guess()
    {
        _bench.Answer(sent => sent.Path switch
        {
            "/v2/locations" => SquareBench.Locations("L1"),
            "/v2/payments" => SquareBench.List("payments", null, SquareBench.Payment("p", currency: "USD")),
            _ => "{}",
        });
        var page = (await _bench.FetchAsync("balances")).Value;
        Assert.Empty(page.Records);
        Assert.Equal("not_derivable", Assert.Single(page.Rejected).Code);
    }

    [Fact]
    public async Task A_full_read_begins_anew_once_and_is_a_pass_over_everything()
    {
        _bench.Answer(sent => sent.Path == "/v2/locations" ? SquareBench.Locations("L1")
            : SquareBench.List("payments", sent["cursor"] is null ? "c1" : null, SquareBench.Payment("p" + sent["cursor"])));
        var (_, rest) = await Pass("payments", null);
        var first = (await _bench.FetchAsync("payments", rest, full: true)).Value;
        Assert.Null(_bench.Provider.Last["updated_at_begin_time"]);
        var second = (await _bench.FetchAsync("payments", first.Cursor)).Value;
        Assert.Equal("c1", _bench.Provider.Last["cursor"]);
        Assert.Equal((true, true, new PassSummary(2, true, 0)), (second.EndOfPass, second.OfWholePass, second.Pass!));
    }

    [Fact]
    public async Task A_full_read_does_not_go_on_with_a_first_pass_over_a_window()
    {
        _bench.Answer(sent => sent.Path == "/v2/locations" ? SquareBench.Locations("L1")
            : SquareBench.List("payments", sent["cursor"] is null ? "c1" : null, SquareBench.Payment("p" + sent["cursor"])));
        var windowed = (await _bench.FetchAsync("payments", from: _bench.Clock.GetUtcNow().AddDays(-90))).Value;
        Assert.False(windowed.EndOfPass);
        var first = (await _bench.FetchAsync("payments", windowed.Cursor, full: true)).Value;
        Assert.Null(_bench.Provider.Last["cursor"]);
        Assert.True((await _bench.FetchAsync("payments", first.Cursor)).Value.Pass!.Whole);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("""{"v":99,"pass":"delta","since":1}""")]
    [InlineData("""{"v":1,"pass":"unheard_of"}""")]
    public async Task A_cursor_of_another_making_is_the_beginning(string cursor)
    {
        _bench.Answer(_ => "{}");
        await Pass("refunds", cursor);
        Assert.Equal([("begin_time", "2009-01-01T00:00:00Z"), ("limit", "100")], _bench.Provider.Last.Query);
    }

    [Fact]
    public async Task A_row_that_does_not_fit_loses_neither_its_page_nor_the_next()
    {
        _bench.Answer(sent => SquareBench.List("refunds", sent["cursor"] is null ? "c1" : null, """{"id":"bad"}""",
            """{"id":"good","amount_money":{"amount":1,"currency":"JPY"},"created_at":"2026-10-31T10:00:00Z"}"""));
        var page = (await _bench.FetchAsync("refunds")).Value;
        Assert.Equal(("good", "bad"), (Assert.Single(page.Records).ExternalId, Assert.Single(page.Rejected).ExternalId));
        Assert.True((await _bench.FetchAsync("refunds", page.Cursor)).Value.EndOfPass);
    }

    [Fact]
    public async Task Pages_that_lead_to_themselves_are_an_error_not_a_loop()
    {
        _bench.Answer(_ => SquareBench.List("refunds", "c1"));
        var page = (await _bench.FetchAsync("refunds")).Value;
        Assert.Equal("pagination_stuck", (await _bench.FetchAsync("refunds", page.Cursor)).Error!.Code);
    }

    [Fact]
    public async Task More_payouts_in_one_second_than_a_page_holds_are_an_error_not_a_loop()
    {
        _bench.Answer(sent => sent.Path switch
        {
            "/v2/locations" => SquareBench.Locations("L1"),
            "/v2/payouts" => SquareBench.List("payouts", "more", [.. Enumerable.Range(0, 20).Select(n => SquareBench.Payout($"po_{n:00}"))]),
            _ => SquareBench.List("payout_entries", null),
        });
        string? cursor = null;
        ProviderResult<SyncPage> page;
        do cursor = (page = await _bench.FetchAsync("transactions", cursor)) is { Ok: true } ? page.Value.Cursor : null;
        while (cursor is not null && _bench.Provider.Sent.Count < 100);
        Assert.Equal("pagination_stuck", page.Error?.Code);
    }

    [Fact]
    public async Task The_connection_test_names_the_scopes_that_are_missing()
    {
        _bench.Answer(sent => sent.Path == "/oauth2/token/status"
            ? """{"scopes":["MERCHANT_PROFILE_READ","PAYMENTS_READ"],"expires_at":"2026-11-30T00:00:00Z","client_id":"sq0idp-1","merchant_id":"ML1"}"""
            : "{}");
        var test = await _bench.Connector.TestAsync(_bench.Access, SquareBench.Cancel);
        Assert.Equal([("credentials", false), ("read_locations", true), ("read_payments", true)], test.Checks.Select(c => (c.Name, c.Success)));
        Assert.Contains("PAYOUTS_READ, DISPUTES_READ", test.Checks[0].Message, StringComparison.Ordinal);
        _bench.Answer(_ => """{"scopes":["MERCHANT_PROFILE_READ","PAYMENTS_READ","PAYOUTS_READ","DISPUTES_READ"],"merchant_id":"ML2"}""");
        Assert.Equal("other_account", (await _bench.Connector.TestAsync(_bench.Access, SquareBench.Cancel)).Checks[0].Error!.Code);
    }

    public void Dispose() => _bench.Dispose();

    /// <summary>One location; payouts by the day, listed by time as Square does, each with some pages of one entry.</summary>
    private static Func<SentRequest, string> Books(int payouts, int entriesPages) => sent =>
    {
        if (sent.Path == "/v2/locations") return SquareBench.Locations("L1");
        if (sent.Path != "/v2/payouts")
        {
            var (payout, page) = (sent.Path.Split('/')[3], int.Parse(sent["cursor"] ?? "0", System.Globalization.CultureInfo.InvariantCulture));
            return SquareBench.List("payout_entries", page + 1 < entriesPages ? $"{page + 1}" : null, SquareBench.Entry($"{payout}_{page}", payout));
        }
        var limit = int.Parse(sent["limit"]!, System.Globalization.CultureInfo.InvariantCulture);
        var rows = Enumerable.Range(0, payouts).Select(n => (Id: $"po_{n:00}", At: new DateTimeOffset(2026, 10, 30, 1, 0, 0, TimeSpan.Zero).AddDays(-n).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)))
            .Where(row => sent["end_time"] is not { } end || string.CompareOrdinal(row.At, end) <= 0).ToList();
        return SquareBench.List("payouts", rows.Count > limit ? "more" : null, [.. rows.Take(limit).Select(row => SquareBench.Payout(row.Id, row.At))]);
    };

    private async Task<(List<UnifiedRecord> Records, string Next)> Pass(string stream, string? cursor)
    {
        var (records, cursors) = await PassWithCursors(stream, cursor);
        return (records, cursors[^1]);
    }

    private async Task<(List<UnifiedRecord> Records, List<string> Cursors)> PassWithCursors(string stream, string? cursor)
    {
        var (records, cursors) = (new List<UnifiedRecord>(), new List<string>());
        SyncPage page;
        do
        {
            var result = await _bench.FetchAsync(stream, cursor);
            Assert.True(result.Ok, result.Error?.ToString());
            page = result.Value;
            records.AddRange(page.Records);
            cursors.Add(cursor = page.Cursor);
            Assert.InRange(cursors.Count, 1, 200);
        }
        while (!page.EndOfPass);
        return (records, cursors);
    }
}
