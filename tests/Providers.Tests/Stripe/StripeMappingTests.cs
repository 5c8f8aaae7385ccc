using System.Text;
using FinanceIntegrations.Domain.Money;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Providers.Stripe;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Stripe;

public sealed class StripeMappingTests
{
    private static readonly DateTimeOffset AsOf = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Created = new(2009, 2, 13, 23, 31, 30, TimeSpan.Zero);   // 1234567890

    [Fact]
    public void Stripes_sample_of_a_balance_transaction()
    {
        var raw = Sample.Bytes("balance_transaction");
        Assert.Equal(new Transaction
        {
            ExternalId = "txn_1PgaxNB7WZ01zgkWEV3TLf40",
            AsOf = AsOf,
            Rank = 2,
            Raw = raw,
            Type = "charge",
            ProviderType = "charge",
            Status = "posted",
            Amount = 1.00m,
            Fee = 0m,
            Net = 1.00m,
            Currency = "USD",
            OccurredAt = Created,
            AvailableAt = Created,
            Description = "My First Test Charge (created for API docs)",
            SourceId = "ch_1PgafuB7WZ01zgkWXYmPNZs8",
        }, StripeMapping.Row(StripeObject.BalanceTransaction, raw, AsOf).Record);
    }

    [Fact]
    public void Stripes_sample_of_a_payout()
    {
        var raw = Sample.Bytes("payout");
        Assert.Equal(new Payout
        {
            ExternalId = "po_1Pgc79B7WZ01zgkWu1KToYf4",
            AsOf = AsOf,
            Rank = 2,
            Raw = raw,
            Status = "in_transit",
            Amount = 11.00m,
            Currency = "USD",
            OccurredAt = Created,
            ArrivalDate = new(2009, 2, 13),
            Method = "standard",
            Automatic = true,
            DestinationId = "ba_1Pgc79B7WZ01zgkWoU5vBiXt",
            TransactionId = "txn_1PgaxNB7WZ01zgkWEV3TLf40",
            Description = "STRIPE PAYOUT",
        }, StripeMapping.Row(StripeObject.Payout, raw, AsOf).Record);
    }

    [Fact]
    public void Stripes_sample_of_a_dispute()
    {
        var raw = Sample.Bytes("dispute");
        Assert.Equal(new Dispute
        {
            ExternalId = "dp_1Pgc71B7WZ01zgkWMevJiAUx",
            AsOf = AsOf,
            Rank = 1,
            Raw = raw,
            Status = "warning_needs_response",
            Reason = "general",
            Amount = 10.00m,
            Currency = "USD",
            OccurredAt = Created,
            PaymentId = "ch_1PgafuB7WZ01zgkWXYmPNZs8",
            EvidenceDueAt = new(2024, 8, 14, 23, 59, 59, TimeSpan.Zero),
            HasEvidence = false,
        }, StripeMapping.Row(StripeObject.Dispute, raw, AsOf).Record);
    }

    [Fact]
    public void Stripes_sample_of_a_charge()
    {
        var raw = Sample.Bytes("charge");
        Assert.Equal(new Payment
        {
            ExternalId = "ch_1PgafuB7WZ01zgkWXYmPNZs8",
            AsOf = AsOf,
            Rank = 4,
            Raw = raw,
            Type = "charge",
            Status = "pending",
            Amount = 1.00m,
            AmountRefunded = 0m,
            Currency = "USD",
            OccurredAt = Created,
            TransactionId = "txn_1PgaxNB7WZ01zgkWEV3TLf40",
            Description = "My First Test Charge (created for API docs)",
        }, StripeMapping.Row(StripeObject.Charge, raw, AsOf).Record);
    }

    [Fact]
    public void Stripes_sample_of_a_refund()
    {
        var raw = Sample.Bytes("refund");
        Assert.Equal(new Payment
        {
            ExternalId = "re_1Pgc72B7WZ01zgkWqPvrRrPE",
            AsOf = AsOf,
            Rank = 4,
            Raw = raw,
            Type = "refund",
            Status = "succeeded",
            Amount = 1.00m,
            Currency = "USD",
            OccurredAt = Created,
            ParentId = "ch_1PgafuB7WZ01zgkWXYmPNZs8",
        }, StripeMapping.Row(StripeObject.Refund, raw, AsOf).Record);
    }

    [Fact]
    public void Stripes_sample_of_an_account()
    {
        var raw = Sample.Bytes("account");
        Assert.Equal(new Account
        {
            ExternalId = "acct_1PgafTB7WZ01zgkW",
            AsOf = AsOf,
            Raw = raw,
            Name = "acct_1PgafTB7WZ01zgkW",
            AccountType = "payment_processor",
            Currency = "USD",
            Country = "US",
            Status = "restricted",
        }, StripeMapping.Row(StripeObject.Account, raw, AsOf).Record);
    }

    [Fact]
    public void Stripes_sample_of_a_balance()
    {
        var raw = Sample.Bytes("balance");
        Assert.Equal(
            [new Balance { ExternalId = "acct_1:USD", AsOf = AsOf, Raw = raw, AccountId = "acct_1", Currency = "USD", Available = 0, Pending = 0, Reserved = 0 }],
            StripeMapping.Balances(raw, "acct_1", AsOf).Records);
    }

    [Fact]
    public void A_balance_has_one_record_per_currency_wherever_the_currency_stands()
    {
        var (records, rejected) = StripeMapping.Balances(Bytes(
            """{"object":"balance","available":[{"amount":-250,"currency":"gbp"},{"amount":5000,"currency":"jpy"}],"pending":[{"amount":100,"currency":"gbp"},{"amount":7,"currency":"eur"}],"connect_reserved":[{"amount":30,"currency":"gbp"}]}"""),
            "acct_1", AsOf);
        Assert.Empty(rejected);
        Assert.Equal(
            [("acct_1:GBP", -2.50m, 1.00m, 0.30m), ("acct_1:JPY", 5000m, 0m, 0m), ("acct_1:EUR", 0m, 0.07m, 0m)],
            records.Cast<Balance>().Select(b => (b.ExternalId, b.Available, b.Pending, b.Reserved!.Value)));
    }

    [Theory]
    [InlineData("gbp", 1234, "12.34")]
    [InlineData("jpy", 1234, "1234")]
    [InlineData("kwd", 92000, "92.000")]
    [InlineData("isk", 12300, "123.00")]
    [InlineData("ugx", 12300, "123.00")]
    [InlineData("huf", 12300, "123.00")]
    [InlineData("twd", 12300, "123.00")]
    [InlineData("mga", 1234, "1234")]
    [InlineData("bhd", -10, "-0.010")]
    public void Money_is_read_by_stripes_decimals(string currency, long minor, string amount) =>
        Assert.Equal(amount, MinorUnits.ToAmount(minor, StripeMoney.Decimals(Currency.Parse(currency))).ToString(System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("succeeded", "true", "false", "succeeded")]
    [InlineData("succeeded", "null", "false", "succeeded")]
    [InlineData("succeeded", "true", "true", "succeeded")]
    [InlineData("succeeded", "false", "false", "pending")]
    [InlineData("succeeded", "false", "true", "canceled")]
    [InlineData("pending", "false", "false", "pending")]
    [InlineData("failed", "false", "false", "failed")]
    public void A_hold_on_a_card_is_no_money_taken(string status, string captured, string refunded, string expected) =>
        Assert.Equal(expected, ((Payment)StripeMapping.Row(StripeObject.Charge, Bytes(
            $$"""{"id":"ch_1","object":"charge","amount":100,"currency":"gbp","created":1,"status":"{{status}}","captured":{{captured}},"refunded":{{refunded}}}"""), AsOf).Record!).Status);

    [Theory]
    [InlineData("charge", "charge", "charge")]
    [InlineData("charge", "payment", "charge")]
    [InlineData("refund", "payment_refund", "refund")]
    [InlineData("refund_failure", "refund_failure", "adjustment")]
    [InlineData("payout_reversal", "payout_failure", "payout_reversal")]
    [InlineData("dispute", "adjustment", "dispute")]
    [InlineData("dispute_reversal", "adjustment", "dispute_reversal")]
    [InlineData("fee", "stripe_fee", "fee")]
    [InlineData("something_of_tomorrow", "new_type", "other")]
    [InlineData(null, "payout_cancel", "payout_reversal")]
    public void Transactions_are_grouped_by_reporting_category(string? category, string type, string expected) =>
        Assert.Equal(expected, StripeVocabulary.TransactionType(category, type));

    [Theory]
    [InlineData("""{"id":"po_1","amount":1,"currency":"zzz","created":1,"status":"paid"}""", "po_1", "unknown_currency")]
    [InlineData("""{"id":"po_1","amount":1.5,"currency":"gbp","created":1,"status":"paid"}""", "po_1", "malformed_row")]
    [InlineData("""{"id":"po_1","amount":"1","currency":"gbp","created":1,"status":"paid"}""", "po_1", "malformed_row")]
    [InlineData("""{"id":"po_1","amount":99999999999999999999,"currency":"gbp","created":1,"status":"paid"}""", "po_1", "malformed_row")]
    [InlineData("""{"id":"po_1","amount":1,"currency":null,"created":1,"status":"paid"}""", "po_1", "malformed_row")]
    [InlineData("""{"id":"po_1","amount":1,"currency":"gbp","created":1}""", "po_1", "malformed_row")]
    [InlineData("""{"amount":1,"currency":"gbp","created":1,"status":"paid"}""", null, "malformed_row")]
    [InlineData("""{"id":"","amount":1,"currency":"gbp","created":1,"status":"paid"}""", null, "bad_id")]
    [InlineData("""{"id":7,"amount":1,"currency":"gbp","created":1,"status":"paid"}""", null, "malformed_row")]
    [InlineData("""{"id":"po_1","amount":1,"currency":"gbp","created":999999999999999,"status":"paid"}""", "po_1", "bad_time")]
    [InlineData("""{"id":"po_1","amount":1,"currency":"gbp","created":1,"status":"paid","description":"\ud800"}""", "po_1", "malformed_row")]
    [InlineData("""{"id":"po_1","object":"charge","amount":1,"currency":"gbp","created":1,"status":"paid"}""", "po_1", "unexpected_object")]
    [InlineData("null", null, "malformed_row")]
    [InlineData("7", null, "malformed_row")]
    [InlineData("[]", null, "malformed_row")]
    public void A_row_that_does_not_fit_is_rejected_with_its_bytes(string json, string? id, string code)
    {
        var row = StripeMapping.Row(StripeObject.Payout, Bytes(json), AsOf);
        Assert.Null(row.Record);
        Assert.Equal((id, code), (row.Rejected!.ExternalId, row.Rejected.Code));
        Assert.Equal(json, Encoding.UTF8.GetString(row.Rejected.Raw.Span));
        Assert.NotEmpty(row.Rejected.Reason);
    }

    [Fact]
    public void A_transaction_that_does_not_add_up_is_rejected() => Assert.Equal("amounts_do_not_add_up", StripeMapping.Row(
        StripeObject.BalanceTransaction, Bytes(StripeBench.Transaction("txn_1", 1).Replace("\"net\":970", "\"net\":971", StringComparison.Ordinal)), AsOf).Rejected!.Code);

    [Fact]
    public void References_are_ids_whether_expanded_or_not()
    {
        var payout = (Payout)StripeMapping.Row(StripeObject.Payout, Bytes(
            """{"id":"po_1","amount":1,"currency":"gbp","created":1,"status":"a_word_of_tomorrow","destination":{"object":"bank_account","x":[{"id":"no"}],"id":"ba_1"},"balance_transaction":"txn_1","brand_new":{"a":[1]}}"""), AsOf).Record!;
        Assert.Equal(("ba_1", "txn_1", "a_word_of_tomorrow"), (payout.DestinationId, payout.TransactionId, payout.Status));
    }

    [Fact]
    public void A_nul_in_a_description_does_not_reach_the_database() => Assert.Equal("ab", ((Payout)StripeMapping.Row(StripeObject.Payout, Bytes(
        """{"id":"po_1","amount":1,"currency":"gbp","created":1,"status":"paid","description":"a\u0000b"}"""), AsOf).Record!).Description);

    [Theory]
    [InlineData("needs_response", false, true)]
    [InlineData("needs_response", true, false)]
    [InlineData("appeal_needs_response", false, true)]
    [InlineData("under_review", false, false)]
    [InlineData("won", false, false)]
    [InlineData("prevented", false, false)]
    public void Evidence_is_due_only_while_it_can_be_given(string status, bool pastDue, bool due) => Assert.Equal(due, ((Dispute)StripeMapping.Row(
        StripeObject.Dispute,
        Bytes($$"""{"id":"dp_1","amount":1,"currency":"gbp","created":1,"status":"{{status}}","reason":"general","evidence_details":{"due_by":9,"has_evidence":false,"past_due":{{(pastDue ? "true" : "false")}} } }"""),
        AsOf).Record!).EvidenceDueAt is not null);

    [Fact]
    public void Within_a_second_the_state_further_along_ranks_higher()
    {
        Assert.True(Ascending(StripeVocabulary.PayoutRank, "pending", "in_transit", "paid", "failed"));
        Assert.True(Ascending(StripeVocabulary.DisputeRank, "warning_needs_response", "warning_under_review", "needs_response", "under_review", "appeal_needs_response", "lost"));
        Assert.True(Ascending(s => StripeVocabulary.RefundRank(s), "pending", "requires_action", "succeeded", "failed"));
        Assert.True(StripeVocabulary.ChargeRank(new() { Status = "succeeded", Captured = true })
            < StripeVocabulary.ChargeRank(new() { Status = "succeeded", Captured = true, BalanceTransaction = "txn_1" }));
        Assert.InRange(StripeVocabulary.ChargeRank(new()
        {
            Status = "failed",
            Captured = true,
            BalanceTransaction = "txn_1",
            AmountRefunded = 1,
            Refunded = true,
            Disputed = true,
        }), 0, 9);
    }

    private static bool Ascending(Func<string, int> rank, params string[] states) => states.Zip(states.Skip(1)).All(p => rank(p.First) < rank(p.Second));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
