using System.Text;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Providers.PayPal;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.PayPal;

public sealed class PayPalEventTests
{
    private readonly PayPalWebhooks _webhooks = new(new([], [], (_, _) => Task.FromResult<string?>(null), TimeProvider.System));

    /// <summary>PayPal's own sample body (paypal.md §8 A).</summary>
    [Fact]
    public void PayPals_own_event_is_read_and_one_that_is_none_of_ours_does_nothing()
    {
        var body = Specifications.Read("paypal/webhook-vector-body.json");
        var envelope = _webhooks.ReadEnvelope(body)!;
        Assert.Equal(("WH-2MW4820926242972J-6SG447389E205703U", "BILLING.PLAN.CREATED", null), (envelope.EventId, envelope.EventType, envelope.Account));
        Assert.Equal(new DateTimeOffset(2017, 3, 30, 20, 4, 5, 613, TimeSpan.Zero), envelope.OccurredAt);
        Assert.NotNull(_webhooks.Interpret(envelope.EventType, body).IgnoredBecause);
    }

    [Theory]
    [InlineData("PAYMENT.CAPTURE.COMPLETED", """{"id":"1","payee":{"merchant_id":"M1"}}""")]
    [InlineData("PAYMENT.CAPTURE.REFUNDED", """{"id":"1","payer":{"merchant_id":"M1"}}""")]
    [InlineData("CUSTOMER.DISPUTE.CREATED", """{"disputed_transactions":[1,{"buyer":{}},{"seller":{"merchant_id":"M1"}}]}""")]
    [InlineData("MERCHANT.PARTNER-CONSENT.REVOKED", """{"merchant_id":"M1","tracking_id":"t"}""")]
    [InlineData("IDENTITY.AUTHORIZATION-CONSENT.REVOKED", """{"payer_id":"M1"}""")]
    public void An_event_names_its_merchant_where_its_resource_does(string type, string resource) =>
        Assert.Equal("M1", _webhooks.ReadEnvelope(Body(type, resource))!.Account);

    [Theory]
    [InlineData("PAYMENT.SALE.REFUNDED")]
    [InlineData("PAYMENT.CAPTURE.PENDING")]
    [InlineData("PAYMENT.REFUND.FAILED")]
    public void What_moves_money_asks_for_the_movements(string type) =>
        Assert.Equal(["transactions", "balances"], _webhooks.Interpret(type, Body(type, """{"id":"1"}""")).StreamsToSync);

    [Theory]
    [InlineData("PAYMENT.PAYOUTSBATCH.SUCCESS", """{"batch_header":{"payout_batch_id":"B1"}}""", new[] { "B1" })]
    [InlineData("PAYMENT.PAYOUTS-ITEM.REFUNDED", """{"payout_item_id":"I1","payout_batch_id":"B1"}""", new[] { "B1" })]
    [InlineData("PAYMENT.PAYOUTS-ITEM.UNCLAIMED", """{"payout_batch_id":"../../x"}""", new string[0])]
    [InlineData("PAYMENT.PAYOUTS-ITEM.UNCLAIMED", "[]", new string[0])]
    public void A_payouts_event_has_its_batch_read_and_the_movements(string type, string resource, string[] batches)
    {
        var effect = _webhooks.Interpret(type, Body(type, resource));
        Assert.Equal(["payout_batches", "transactions", "balances"], effect.StreamsToSync);
        Assert.Equal(batches, effect.PayoutsToRead);
    }

    [Theory]
    [InlineData("MERCHANT.PARTNER-CONSENT.REVOKED")]
    [InlineData("IDENTITY.AUTHORIZATION-CONSENT.REVOKED")]
    public void A_permission_that_was_withdrawn_ends_the_consent_at_that_moment(string type) =>
        Assert.Equal(new DateTimeOffset(2026, 11, 1, 10, 0, 0, TimeSpan.Zero), _webhooks.Interpret(type, Body(type, "{}")).ConsentWithdrawnAt);

    [Fact]
    public void A_dispute_carries_itself_and_one_that_does_not_fit_is_unreadable()
    {
        var effect = _webhooks.Interpret("CUSTOMER.DISPUTE.RESOLVED", Body("CUSTOMER.DISPUTE.RESOLVED", PayPalBench.Dispute("PP-1", "RESOLVED", "RESOLVED_BUYER_FAVOUR")));
        Assert.Equal(("PP-1", "lost"), Assert.IsType<Dispute>(Assert.Single(effect.Records)) is var dispute ? (dispute.ExternalId, dispute.Status) : default);
        Assert.NotNull(_webhooks.Interpret("CUSTOMER.DISPUTE.CREATED", Body("CUSTOMER.DISPUTE.CREATED", """{"dispute_id":"PP-1"}""")).Unreadable);
        Assert.NotNull(_webhooks.Interpret("CUSTOMER.DISPUTE.CREATED", "[]"u8.ToArray()).Unreadable);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"id":"WH-1"}""")]
    [InlineData("""{"id":1,"event_type":"X"}""")]
    [InlineData("""{"id":"","event_type":"X"}""")]
    [InlineData("""{"id":"a\u0000b","event_type":"X"}""")]
    [InlineData("""{"id":"WH-1","event_type":"X"} {}""")]
    public void What_is_no_event_has_no_envelope(string body) => Assert.Null(_webhooks.ReadEnvelope(Encoding.UTF8.GetBytes(body)));

    private static byte[] Body(string type, string resource) => Encoding.UTF8.GetBytes(
        $$"""{"id":"WH-1","create_time":"2026-11-01T10:00:00Z","resource_type":"x","event_type":"{{type}}","resource":{{resource}}}""");
}
