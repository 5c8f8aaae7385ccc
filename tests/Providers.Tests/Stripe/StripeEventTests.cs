using System.Text;
using CsCheck;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Webhooks;
using FinanceIntegrations.Providers.Stripe;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Stripe;

public sealed class StripeEventTests
{
    private static readonly StripeWebhooks Webhooks = new();
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1_700_000_100);

    [Fact]
    public void An_envelope_tells_id_type_account_and_time() => Assert.Equal(
        new("evt_1", "payout.paid", "acct_1", At), Envelope(StripeBench.Event("evt_1", "payout.paid", 1_700_000_100, StripeBench.Payout("po_1", "paid"))));

    [Fact]
    public void Stripes_own_sample_is_an_envelope() => Assert.Equal(
        new("evt_1Pgc76B7WZ01zgkWwyRHS12y", "plan.created", null, DateTimeOffset.FromUnixTimeSeconds(1234567890)), Webhooks.ReadEnvelope(Sample.Bytes("event")));

    [Fact]
    public void A_thin_event_is_taken_too() => Assert.Equal(
        new("evt_2", "v2.core.account.updated", "acct_1", new(2026, 10, 28, 10, 0, 0, 500, TimeSpan.Zero)),
        Envelope("""{"id":"evt_2","object":"v2.core.event","type":"v2.core.account.updated","created":"2026-10-28T10:00:00.500Z","context":"acct_1","livemode":false,"related_object":{"id":"acct_1","type":"v2.core.account","url":"/v2/core/accounts/acct_1"}}"""));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"id\":\"evt_1\"}")]
    [InlineData("{\"id\":1,\"type\":\"a\"}")]
    [InlineData("{\"id\":\"evt_1\",\"type\":null}")]
    [InlineData("{\"id\":\"\",\"type\":\"a\"}")]
    [InlineData("{\"id\":\"evt_\\u0000\",\"type\":\"a\"}")]
    [InlineData("{\"id\":\"\\ud800\",\"type\":\"a\"}")]
    [InlineData("{\"id\":\"evt_1\",\"type\":\"a\"")]
    [InlineData("{\"id\":\"evt_1\",\"type\":\"a\"} x")]
    [InlineData("\uFEFF{\"id\":\"evt_1\",\"type\":\"a\"}")]
    public void What_is_no_event_has_no_envelope(string body) => Assert.Null(Envelope(body));

    [Theory]
    [InlineData("\\u0000")]
    [InlineData("acct_1\\u0007")]
    [InlineData("")]
    [MemberData(nameof(TooLong))]
    public void An_account_that_could_not_be_stored_is_nobodys(string account)
    {
        Assert.Equal(new("evt_1", "a", null, null), Envelope($$"""{"id":"evt_1","type":"a","account":"{{account}}"}"""));
        Assert.Equal(new("evt_1", "a", null, null), Envelope($$"""{"id":"evt_1","object":"v2.core.event","type":"a","context":"{{account}}"}"""));
    }

    public static TheoryData<string> TooLong => [new string('a', 256)];

    [Fact]
    public void A_body_that_is_not_utf8_has_no_envelope() =>
        Assert.Null(Webhooks.ReadEnvelope([.. "{\"id\":\"evt_1\",\"type\":\"a\",\"x\":\""u8, 0xFF, .. "\"}"u8]));

    [Fact]
    public void No_body_whatever_throws() => Gen.OneOf(Gen.Byte.Array[0, 300], Gen.String[Gen.Char["{}[]\":,0123456789ab\\u"], 0, 60].Select(Encoding.UTF8.GetBytes)).Sample(body =>
    {
        Assert.Null(Webhooks.ReadEnvelope(body));
        Assert.NotNull(Webhooks.Interpret("payout.paid", body).Unreadable);
    });

    [Fact]
    public void A_payout_event_carries_its_payout_byte_for_byte()
    {
        var payout = StripeBench.Payout("po_1", "paid");
        var record = Assert.IsType<Payout>(Assert.Single(Interpret("payout.paid", payout).Records));
        Assert.Equal("po_1", record.ExternalId);
        Assert.Equal("paid", record.Status);
        Assert.Equal(11.00m, record.Amount);
        Assert.Equal(At, record.AsOf);
        Assert.Equal(payout, Encoding.UTF8.GetString(record.Raw.Span));
    }

    [Theory]
    [InlineData("charge.dispute.created", "dispute", RecordKind.Dispute)]
    [InlineData("charge.dispute.funds_withdrawn", "dispute", RecordKind.Dispute)]
    [InlineData("charge.succeeded", "charge", RecordKind.Payment)]
    [InlineData("charge.refunded", "charge", RecordKind.Payment)]
    [InlineData("charge.refund.updated", "refund", RecordKind.Payment)]
    [InlineData("refund.failed", "refund", RecordKind.Payment)]
    [InlineData("payout.reconciliation_completed", "payout", RecordKind.Payout)]
    [InlineData("account.updated", "account", RecordKind.Account)]
    [InlineData("balance.available", "balance", RecordKind.Balance)]
    public void Events_carry_the_object_of_their_type(string type, string sample, RecordKind kind) =>
        Assert.Equal(kind, Assert.Single(Interpret(type, Sample.Text(sample)).Records).Kind);

    [Fact]
    public void A_charge_in_a_refund_event_is_unreadable_not_a_refund() => Assert.NotNull(Interpret("refund.updated", StripeBench.Payout("po_1", "x")).Unreadable);

    [Fact]
    public void A_balance_without_an_account_is_read_instead() => Assert.Equal(["balances"],
        Webhooks.Interpret("balance.available", Bytes(StripeBench.Event("evt_1", "balance.available", 1, Sample.Text("balance"), account: null))).StreamsToSync);

    [Fact]
    public void Deauthorized_withdraws_the_consent_at_its_own_time() =>
        Assert.Equal(At, Interpret("account.application.deauthorized", """{"id":"ca_1","object":"application","name":"x"}""").ConsentWithdrawnAt);

    [Fact]
    public void A_thin_event_asks_for_its_stream() => Assert.Equal(["accounts"], Webhooks.Interpret("v2.core.account.updated", Bytes(
        """{"id":"evt_2","object":"v2.core.event","type":"v2.core.account.updated","created":"2026-10-28T10:00:00Z","related_object":{"id":"acct_1","type":"v2.core.account"}}""")).StreamsToSync);

    [Fact]
    public void Other_types_do_nothing_and_say_so() => Assert.NotNull(Webhooks.Interpret("plan.created", Sample.Bytes("event")).IgnoredBecause);

    [Fact]
    public void An_event_whose_object_does_not_fit_is_unreadable()
    {
        Assert.NotNull(Interpret("payout.paid", """{"id":"po_1"}""").Unreadable);
        Assert.NotNull(Interpret("payout.paid", "null").Unreadable);
        Assert.NotNull(Webhooks.Interpret("payout.paid", Bytes("""{"id":"evt_1","type":"payout.paid","created":1}""")).Unreadable);
        Assert.NotNull(Webhooks.Interpret("payout.paid", Bytes("""{"id":"evt_1","type":"payout.paid","data":{"object":{}}}""")).Unreadable);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Events_of_the_other_mode_than_the_keys_do_nothing(bool keyLive, bool eventLive)
    {
        var body = Bytes(StripeBench.Event("evt_1", "payout.paid", 1, StripeBench.Payout("po_1", "paid"), live: eventLive));
        Assert.NotNull(new StripeWebhooks(keyLive).Interpret("payout.paid", body).IgnoredBecause);
        Assert.Single(new StripeWebhooks(eventLive).Interpret("payout.paid", body).Records);
    }

    [Fact]
    public void An_event_applied_twice_is_the_same_effect()
    {
        var body = Bytes(StripeBench.Event("evt_1", "payout.paid", 1, StripeBench.Payout("po_1", "paid")));
        Assert.Equal(Webhooks.Interpret("payout.paid", body).Records, Webhooks.Interpret("payout.paid", body).Records);
    }

    private static WebhookEnvelope? Envelope(string body) => Webhooks.ReadEnvelope(Bytes(body));

    private static WebhookEffect Interpret(string type, string @object) =>
        Webhooks.Interpret(type, Bytes(StripeBench.Event("evt_1", type, 1_700_000_100, @object)));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
