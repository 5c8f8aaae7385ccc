using System.Text;
using System.Text.Json;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers.Square;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Square;

/// <summary>Square's own examples, whole.</summary>
public sealed class SquareMappingTests
{
    private static readonly DateTimeOffset AsOf = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_payment()
    {
        var payment = Assert.IsType<Payment>(Assert.Single(Examples("ListPaymentsResponse", "payments", SquareObject.Payment)));
        Assert.Equal(("bP9mAsEMYPUGjjGNaNO5ZDVyLhSZY", "charge", "succeeded", 5.55m, "USD"), (payment.ExternalId, payment.Type, payment.Status, payment.Amount, payment.Currency));
        Assert.Equal(("Test Note", null, null), (payment.Description, payment.AmountRefunded, payment.FailureCode));
        Assert.Equal(new DateTimeOffset(2021, 10, 13, 19, 34, 33, 524, TimeSpan.Zero), payment.OccurredAt);
        Assert.Equal(new DateTimeOffset(2021, 10, 13, 19, 34, 37, 261, TimeSpan.Zero), payment.AsOf);
    }

    [Fact]
    public void A_refund()
    {
        var refund = Assert.IsType<Payment>(Assert.Single(Examples("ListPaymentRefundsResponse", "refunds", SquareObject.Refund)));
        Assert.Equal(("refund", "succeeded", 5.55m, "bP9mAsEMYPUGjjGNaNO5ZDVyLhSZY", "Example Refund"),
            (refund.Type, refund.Status, refund.Amount, refund.ParentId, refund.Description));
    }

    [Fact]
    public void Payouts_of_which_one_takes_from_the_bank()
    {
        var payouts = Examples("ListPayoutsResponse", "payouts", SquareObject.Payout).Cast<Payout>().ToList();
        Assert.Equal([(62.59m, "USD", "paid", "standard"), (-1.03m, "USD", "paid", "standard")], payouts.Select(p => (p.Amount, p.Currency, p.Status, p.Method!)));
        Assert.Equal((new DateOnly(2022, 3, 29), "ccof:ZPp3oedR3AeEUNd3z7", "L2100000005"), (payouts[0].ArrivalDate!.Value, payouts[0].DestinationId!, payouts[0].Description!));
    }

    [Fact]
    public void Entries_are_movements_of_their_payout()
    {
        var entries = Examples("ListPayoutEntriesResponse", "payout_entries", SquareObject.Entry).Cast<Transaction>().ToList();
        Assert.Equal([("refund", -0.50m, -0.02m, -0.48m), ("charge", 1.00m, 0.19m, 0.81m)], entries.Select(e => (e.Type, e.Amount, e.Fee, e.Net)));
        Assert.All(entries, e => Assert.Equal(("po_4d28e6c4-7dd5-4de4-8ec9-a059277646a6", "posted", AsOf), (e.PayoutId!, e.Status, e.AsOf)));
        Assert.Equal(["HVdG62HeMlti8YYf94oxrN_dR8Nztxg7umf94oxrN12Ji5r2KW14FAY", "HVdG62H5K3291d0SGJS6IWd4cSi8YY"], entries.Select(e => e.SourceId));
    }

    [Fact]
    public void Disputes_tell_a_last_moment_only_while_evidence_can_be_given()
    {
        var disputes = Examples("ListDisputesResponse", "disputes", SquareObject.Dispute).Cast<Dispute>().ToList();
        Assert.Equal([("lost", 25.00m, false), ("needs_response", 22.09m, true)], disputes.Select(d => (d.Status, d.Amount, d.EvidenceDueAt is not null)));
        Assert.Equal("zhyh1ch64kRBrrlfVhwjCEjZWzNZY", disputes[0].PaymentId);
    }

    [Fact]
    public void Locations_are_accounts()
    {
        var accounts = Examples("ListLocationsResponse", "locations", SquareObject.Location).Cast<Account>().ToList();
        Assert.Equal([("18YC4JDH91E1H", "Grant Park", "USD", "US", "enabled"), ("3Z4V4WHQK64X9", "Midtown", "USD", "US", "enabled")],
            accounts.Select(a => (a.ExternalId, a.Name, a.Currency!, a.Country!, a.Status)));
    }

    [Theory]
    [InlineData("JPY", 1000, "1000")]
    [InlineData("GBP", 1000, "10.00")]
    [InlineData("KWD", 1000, "1.000")]
    public void Minor_units_are_the_currencys(string currency, long minor, string amount) => Assert.Equal(amount, Assert.IsType<Payment>(
        Map(SquareObject.Payment, SquareBench.Payment("p", currency: currency).Replace("\"amount\":1000", $"\"amount\":{minor}", StringComparison.Ordinal)).Record)
        .Amount.ToString(System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("2022-07-13T20:30:59.037339943Z", 373_399)]
    [InlineData("2022-07-13T20:30:59.999999999Z", 9_999_999)]
    [InlineData("2022-07-13T20:30:59.5Z", 5_000_000)]
    [InlineData("2022-07-13T20:30:59Z", 0)]
    [InlineData("2022-07-13T22:30:59.25+02:00", 2_500_000)]
    public void Nine_digits_of_a_second_are_cut_and_never_rounded_up(string text, long ticks) =>
        Assert.Equal(new DateTimeOffset(2022, 7, 13, 20, 30, 59, TimeSpan.Zero).AddTicks(ticks), SquareTime.Parse(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("2022-07-13")]
    [InlineData("yesterday, about noon T12")]
    [InlineData("2022-13-41T20:30:59Z")]
    public void What_is_no_time_is_none(string? text) => Assert.Null(SquareTime.Parse(text));

    [Theory]
    [InlineData(nameof(SquareObject.Entry), "amounts_do_not_add_up")]
    [InlineData(nameof(SquareObject.Payment), "amount_missing")]
    [InlineData(nameof(SquareObject.Payout), "bad_time")]
    [InlineData(nameof(SquareObject.Dispute), "bad_id")]
    public void A_row_that_does_not_fit_is_rejected_with_its_reason(string word, string code)
    {
        var kind = Enum.Parse<SquareObject>(word);
        var row = kind switch
        {
            SquareObject.Entry => SquareBench.Entry("e", "po_1", net: 963),
            SquareObject.Payment => """{"id":"p","status":"COMPLETED","created_at":"2026-01-01T00:00:00Z"}""",
            SquareObject.Payout => SquareBench.Payout("po_1", created: "soon"),
            _ => SquareBench.Dispute("", "WON"),
        };
        var rejected = Map(kind, row).Rejected!;
        Assert.Equal(code, rejected.Code);
        Assert.Equal(row, Encoding.UTF8.GetString(rejected.Raw.Span));
    }

    [Fact]
    public void An_entry_of_a_type_that_nobody_has_heard_of_is_kept_under_its_own_name()
    {
        var entry = Assert.IsType<Transaction>(Map(SquareObject.Entry, SquareBench.Entry("e", "po_1").Replace("CHARGE", "GIFT_OF_THE_MAGI", StringComparison.Ordinal)).Record);
        Assert.Equal(("other", "GIFT_OF_THE_MAGI"), (entry.Type, entry.ProviderType));
    }

    [Fact]
    public void Every_type_of_entry_that_the_description_lists_has_a_type_of_ours()
    {
        using var description = Specifications.ReadJson("square/api.finance.json");
        var types = description.RootElement.GetProperty("components").GetProperty("schemas").GetProperty("ActivityType").GetProperty("enum").EnumerateArray().Select(t => t.GetString()!).ToList();
        Assert.Equal(58, types.Count);
        Assert.All(types, type => Assert.Contains(SquareVocabulary.TransactionType(type),
            (string[])["charge", "refund", "payout", "payout_reversal", "dispute", "fee", "transfer", "adjustment", "other"]));
        Assert.Equal(["AUTOMATIC_BITCOIN_CONVERSIONS", "AUTOMATIC_BITCOIN_CONVERSIONS_REVERSED", "CREDIT_CARD_REPAYMENT", "CREDIT_CARD_REPAYMENT_REVERSED", "ESCHEATMENT",
            "FREE_PROCESSING", "LOCAL_OFFERS_CASHBACK", "OTHER", "PERCENTAGE_PROCESSING_DEACTIVATION", "PERCENTAGE_PROCESSING_ENROLLMENT",
            "PERCENTAGE_PROCESSING_REPAYMENT", "PERCENTAGE_PROCESSING_REPAYMENT_REVERSED", "REDEMPTION_CODE", "SQUARE_CAPITAL_PAYMENT", "SQUARE_CAPITAL_REVERSED_PAYMENT"],
            types.Where(type => SquareVocabulary.TransactionType(type) == "other").Order(StringComparer.Ordinal));
    }

    private static List<UnifiedRecord> Examples(string schema, string name, SquareObject kind) =>
        [.. SquareBench.Example(schema).GetProperty(name).EnumerateArray().Select(row =>
        {
            var mapped = Map(kind, row.GetRawText());
            Assert.Null(mapped.Rejected);
            Assert.True(JsonElement.DeepEquals(row, JsonDocument.Parse(mapped.Record!.Raw).RootElement));
            return mapped.Record;
        })];

    private static (UnifiedRecord? Record, RejectedRow? Rejected) Map(SquareObject kind, string row)
    {
        var mapped = SquareMapping.Row(kind, Encoding.UTF8.GetBytes(row), AsOf);
        return (mapped.Record, mapped.Rejected);
    }
}
