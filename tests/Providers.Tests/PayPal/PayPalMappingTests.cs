using System.Text;
using CsCheck;
using FinanceIntegrations.Domain.Money;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Providers.PayPal;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.PayPal;

public sealed class PayPalMappingTests
{
    private static readonly DateTimeOffset AsOf = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The amounts of PayPal's own sample (paypal.md §3): 465.00 with a fee of -13.79.</summary>
    [Fact]
    public void A_sale_carries_its_fee_and_what_is_left()
    {
        var sale = Transaction(PayPalBench.Row("5TY05013RG002845M", "2014-07-11T04:03:52+0000"));
        Assert.Equal((465.00m, 13.79m, 451.21m, "GBP"), (sale.Amount, sale.Fee, sale.Net, sale.Currency));
        Assert.Equal(("charge", "T0006", "posted"), (sale.Type, sale.ProviderType, sale.Status));
        Assert.Equal(new DateTimeOffset(2014, 7, 11, 4, 3, 52, TimeSpan.Zero), sale.OccurredAt);
        Assert.Equal("5TY05013RG002845M|T0006|2014-07-11T04:03:52Z", sale.ExternalId);
    }

    [Theory]
    [InlineData("2014-07-11T04:03:52+0000")]
    [InlineData("2014-07-11T04:03:52+00:00")]
    [InlineData("2014-07-11T04:03:52Z")]
    [InlineData("2014-07-10T21:03:52-0700")]
    [InlineData("2014-07-10T21:03:52-07:00")]
    [InlineData("2014-07-11T04:03:52.000Z")]
    public void A_time_is_the_same_moment_in_every_form_and_so_is_the_key(string written) =>
        Assert.Equal("1E123456789012345|T0006|2014-07-11T04:03:52Z", Transaction(PayPalBench.Row("1E123456789012345", written)).ExternalId);

    [Theory]
    [InlineData("2014-07-11T04:03:52")]
    [InlineData("2014-07-11")]
    [InlineData("yesterday")]
    [InlineData("2014-13-11T04:03:52Z")]
    public void A_time_without_an_offset_is_none(string written) => Assert.Equal("bad_time", Rejection(PayPalBench.Row("X", written)).Code);

    [Fact]
    public void One_id_with_two_codes_is_two_rows_and_the_status_is_no_part_of_the_key()
    {
        Assert.NotEqual(Transaction(PayPalBench.Row("X", code: "T0006")).ExternalId, Transaction(PayPalBench.Row("X", code: "T0200")).ExternalId);
        var (pending, settled) = (Transaction(PayPalBench.Row("X", status: "P")), Transaction(PayPalBench.Row("X", status: "S")));
        Assert.Equal(pending.ExternalId, settled.ExternalId);
        Assert.Equal(("pending", "posted"), (pending.Status, settled.Status));
        Assert.True(pending.Rank < settled.Rank);
        Assert.True(Transaction(PayPalBench.Row("X", status: "D")).Deleted);
    }

    [Theory]
    [InlineData("JPY", "1000", "1000")]
    [InlineData("JPY", "1000.00", "1000")]
    [InlineData("HUF", "-250", "-250")]
    [InlineData("TWD", "7", "7")]
    [InlineData("GBP", "12.3", "12.30")]
    [InlineData("USD", "-.5", "-0.50")]
    [InlineData("TND", "1.234", "1.234")]
    public void An_amount_has_the_decimals_that_PayPal_gives_its_currency(string currency, string value, string expected) =>
        Assert.Equal(expected, Transaction(PayPalBench.Row("X", amount: value, fee: null, currency: currency)).Amount.ToString(System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("JPY", "1000.5", "bad_amount")]
    [InlineData("HUF", "1.01", "bad_amount")]
    [InlineData("GBP", "1.001", "bad_amount")]
    [InlineData("GBP", "1e3", "bad_amount")]
    [InlineData("GBP", "1,000.00", "bad_amount")]
    [InlineData("GBP", "", "bad_amount")]
    [InlineData("GBP", "+1", "bad_amount")]
    [InlineData("ZZZ", "1", "unknown_currency")]
    public void An_amount_that_is_none_rejects_its_row(string currency, string value, string code) =>
        Assert.Equal(code, Rejection(PayPalBench.Row("X", amount: value, fee: null, currency: currency)).Code);

    [Fact]
    public void Every_amount_of_every_currency_survives_as_it_was_written() =>
        Gen.Select(Gen.Long[-999_999_999_999, 999_999_999_999], Gen.Int[0, Currency.All.Count - 1]).Sample((minor, which) =>
        {
            var currency = Currency.All.ElementAt(which);
            var amount = MinorUnits.ToAmount(minor, PayPalMoney.Decimals(currency));
            var text = amount.ToString(System.Globalization.CultureInfo.InvariantCulture);
            Assert.True(PayPalMoney.TryParse(text, currency, out var read));
            Assert.Equal((amount, text), (read, read.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        });

    [Theory]
    [InlineData("T0006", "1.00", "charge")]
    [InlineData("T0001", "-1.00", "transfer")]
    [InlineData("T0106", "-1.00", "fee")]
    [InlineData("T0400", "-1.00", "payout")]
    [InlineData("T0400", "1.00", "payout_reversal")]
    [InlineData("T1107", "-1.00", "refund")]
    [InlineData("T1201", "-1.00", "dispute")]
    [InlineData("T1202", "1.00", "dispute_reversal")]
    [InlineData("T1503", "-1.00", "adjustment")]
    [InlineData("T9999", "-1.00", "other")]
    [InlineData("T", "-1.00", "other")]
    public void An_event_code_is_a_type_and_an_unknown_one_is_other(string code, string amount, string type) =>
        Assert.Equal(type, Transaction(PayPalBench.Row("X", code: code, amount: amount, fee: null)).Type);

    [Theory]
    [InlineData("S", "-900.00", "paid")]
    [InlineData("P", "-900.00", "in_transit")]
    [InlineData("V", "-900.00", "failed")]
    [InlineData("S", "900.00", "failed")]
    public void A_withdrawal_is_a_payout_and_nothing_else_is(string status, string amount, string expected)
    {
        var row = PayPalBench.Row("W", code: "T0400", status: status, amount: amount, fee: null);
        var payout = Assert.IsType<Payout>(PayPalMapping.Reported(PayPalStreams.Payouts, Bytes(row), AsOf).Record);
        Assert.Equal((expected, 900.00m, false), (payout.Status, payout.Amount, payout.Automatic));
        Assert.Equal(Transaction(row).ExternalId, payout.TransactionId);
        Assert.Equal(default, PayPalMapping.Reported(PayPalStreams.Payouts, Bytes(PayPalBench.Row("X")), AsOf));
    }

    [Theory]
    [InlineData("WAITING_FOR_SELLER_RESPONSE", null, "needs_response", true)]
    [InlineData("UNDER_REVIEW", null, "under_review", false)]
    [InlineData("RESOLVED", "RESOLVED_SELLER_FAVOUR", "won", false)]
    [InlineData("RESOLVED", "RESOLVED_BUYER_FAVOUR", "lost", false)]
    [InlineData("RESOLVED", "SOMETHING_NEW", "resolved", false)]
    [InlineData("SOMETHING_NEW", null, "something_new", false)]
    public void A_dispute_tells_how_it_stands_and_until_when_evidence_counts(string status, string? outcome, string expected, bool due)
    {
        var dispute = Assert.IsType<Dispute>(PayPalMapping.Dispute(Bytes(PayPalBench.Dispute("PP-D-1", status, outcome)), AsOf).Record);
        Assert.Equal((expected, 30.00m, "GBP", "UNAUTHORISED", "3BC38643YC807283D"), (dispute.Status, dispute.Amount, dispute.Currency, dispute.Reason, dispute.PaymentId));
        Assert.Equal(due, dispute.EvidenceDueAt is not null);
        Assert.Equal(new DateTimeOffset(2026, 10, 21, 10, 0, 0, TimeSpan.Zero), dispute.AsOf);
    }

    [Fact]
    public void Balances_are_one_record_per_currency_and_a_bad_one_costs_no_other()
    {
        var (records, rejected) = PayPalMapping.Balances(Bytes(
            """
            {"balances":[
             {"currency":"GBP","primary":true,"total_balance":{"currency_code":"GBP","value":"100.00"},"available_balance":{"currency_code":"GBP","value":"70.00"},"withheld_balance":{"currency_code":"GBP","value":"30.00"}},
             {"currency":"ZZZ","total_balance":{"currency_code":"ZZZ","value":"1"}},
             {"currency":"JPY","total_balance":{"currency_code":"JPY","value":"-5"}}],
             "account_id":"2TGN4U6GH3WZC","as_of_time":"2026-11-01T09:00:00Z","last_refresh_time":"2026-11-01T09:00:00Z"}
            """), PayPalBench.Merchant, AsOf);
        Assert.Equal(
            [("2TGN4U6GH3WZC:GBP", 70.00m, (decimal?)30.00m), ("2TGN4U6GH3WZC:JPY", -5m, null)],
            records.Cast<Balance>().Select(b => (b.ExternalId, b.Available, b.Reserved)));
        Assert.Equal("unknown_currency", Assert.Single(rejected).Code);
        Assert.All(records, r => Assert.Equal(new DateTimeOffset(2026, 11, 1, 9, 0, 0, TimeSpan.Zero), r.AsOf));
    }

    private static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);

    private static Transaction Transaction(string row)
    {
        var mapped = PayPalMapping.Reported(PayPalStreams.Transactions, Bytes(row), AsOf);
        return Assert.IsType<Transaction>(mapped.Record ?? throw new Xunit.Sdk.XunitException(mapped.Rejected?.Reason ?? "nothing"));
    }

    private static Domain.Sync.RejectedRow Rejection(string row) => PayPalMapping.Reported(PayPalStreams.Transactions, Bytes(row), AsOf).Rejected!;
}
