using System.Text;
using System.Text.Json.Nodes;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Providers.Square;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Square;

public sealed class SquareEventTests
{
    private static readonly SquareWebhooks Webhooks = new();

    /// <summary>Every example of an event that Square's description has of our kinds of object.</summary>
    [Theory]
    [InlineData("PaymentCreatedEvent", "payment.created", RecordKind.Payment)]
    [InlineData("PaymentUpdatedEvent", "payment.updated", RecordKind.Payment)]
    [InlineData("RefundCreatedEvent", "refund.created", RecordKind.Payment)]
    [InlineData("RefundUpdatedEvent", "refund.updated", RecordKind.Payment)]
    [InlineData("PayoutSentEvent", "payout.sent", RecordKind.Payout)]
    [InlineData("PayoutPaidEvent", "payout.paid", RecordKind.Payout)]
    [InlineData("PayoutFailedEvent", "payout.failed", RecordKind.Payout)]
    [InlineData("DisputeCreatedEvent", "dispute.created", RecordKind.Dispute)]
    [InlineData("DisputeStateUpdatedEvent", "dispute.state.updated", RecordKind.Dispute)]
    [InlineData("DisputeStateChangedEvent", "dispute.state.changed", RecordKind.Dispute)]
    public void The_object_that_an_event_carries_is_upserted_as_of_its_own_update(string schema, string type, RecordKind kind)
    {
        var example = SquareBench.Example(schema).GetRawText();
        var body = Encoding.UTF8.GetBytes(example);
        var envelope = Webhooks.ReadEnvelope(body)!;
        var json = JsonNode.Parse(example)!;
        Assert.Equal((type, (string)json["event_id"]!, (string)json["merchant_id"]!), (envelope.EventType, envelope.EventId, envelope.Account));
        Assert.NotNull(envelope.OccurredAt);
        var effect = Webhooks.Interpret(type, body);
        var record = Assert.Single(effect.Records);
        Assert.Equal(kind, record.Kind);
        var carried = json["data"]!["object"]!.AsObject().Single().Value!;
        Assert.Equal((string?)carried["id"] ?? (string?)carried["dispute_id"], record.ExternalId);
        if ((string?)carried["updated_at"] is { } updated) Assert.Equal(SquareTime.Parse(updated), record.AsOf);
        Assert.True(JsonNode.DeepEquals(carried, JsonNode.Parse(record.Raw.Span)));
    }

    [Fact]
    public void A_revocation_withdraws_the_consent_at_its_moment()
    {
        var body = Encoding.UTF8.GetBytes(SquareBench.Example("OauthAuthorizationRevokedEvent").GetRawText());
        var effect = Webhooks.Interpret("oauth.authorization.revoked", body);
        Assert.Equal(new DateTimeOffset(2020, 8, 14, 15, 51, 0, TimeSpan.Zero).AddTicks(2_463_732), effect.ConsentWithdrawnAt);
    }

    [Fact]
    public void A_test_notification_has_no_object_and_does_nothing()
    {
        var body = """{"merchant_id":"M","type":"webhooks.test_notification","event_id":"e","created_at":"2022-07-13T20:30:59.037339943Z","data":{"type":"webhooks","id":"x"}}"""u8.ToArray();
        Assert.Equal(("e", "M"), (Webhooks.ReadEnvelope(body)!.EventId, Webhooks.ReadEnvelope(body)!.Account));
        Assert.NotNull(Webhooks.Interpret("webhooks.test_notification", body).IgnoredBecause);
    }

    [Theory]
    [InlineData("\\u0000")]
    [InlineData("M\\u0007")]
    [InlineData("")]
    public void A_merchant_that_could_not_be_stored_is_nobody(string merchant) =>
        Assert.Null(Webhooks.ReadEnvelope(Encoding.UTF8.GetBytes($$"""{"merchant_id":"{{merchant}}","type":"a","event_id":"e"}"""))!.Account);

    [Theory]
    [InlineData("location.updated", "accounts")]
    [InlineData("dispute.evidence.created", "disputes")]
    [InlineData("payment.updated", "payments")]
    [InlineData("payout.paid", "payouts")]
    public void An_event_without_the_object_asks_for_its_stream(string type, string stream)
    {
        var effect = Webhooks.Interpret(type, Encoding.UTF8.GetBytes($$$$$$$"""{"merchant_id":"M","type":"{{{{{{{type}}}}}}}","event_id":"e","created_at":"2026-01-01T00:00:00Z","data":{"type":"x","id":"y"}}"""));
        Assert.Equal([stream], effect.StreamsToSync);
    }

    [Theory]
    [InlineData("bank_account.verified")]
    [InlineData("customer.created")]
    public void Events_about_what_is_not_kept_do_nothing(string type) =>
        Assert.NotNull(Webhooks.Interpret(type, Encoding.UTF8.GetBytes($$"""{"type":"{{type}}","event_id":"e"}""")).IgnoredBecause);

    [Fact]
    public void An_object_that_does_not_fit_is_unreadable_and_not_lost()
    {
        var body = """{"merchant_id":"M","type":"payment.updated","event_id":"e","created_at":"2026-01-01T00:00:00Z","data":{"type":"payment","id":"p","object":{"payment":{"id":"p","status":"COMPLETED","created_at":"2026-01-01T00:00:00Z","total_money":{"amount":1,"currency":"ZZZ"}}}}}"""u8.ToArray();
        Assert.Contains("unknown_currency", Webhooks.Interpret("payment.updated", body).Unreadable, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"type":"x"}""")]
    [InlineData("""{"type":"x","event_id":""}""")]
    [InlineData("""{"type":"x","event_id":"e"} {}""")]
    [InlineData("""{"type":"x","event_id":"\ud800"}""")]
    public void What_is_no_event_has_no_envelope(string body) => Assert.Null(Webhooks.ReadEnvelope(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void The_later_update_wins_whichever_comes_first()
    {
        var sent = Payout("SENT", "2026-01-01T01:00:00.000Z");
        var paid = Payout("PAID", "2026-01-02T01:00:00.000Z");
        Assert.True((sent.AsOf, sent.Rank).CompareTo((paid.AsOf, paid.Rank)) < 0);
        var atOnce = Payout("PAID", "2026-01-01T01:00:00.000Z");
        Assert.True((sent.AsOf, sent.Rank).CompareTo((atOnce.AsOf, atOnce.Rank)) < 0);

        static UnifiedRecord Payout(string status, string updated) => Assert.Single(Webhooks.Interpret("payout.sent", Encoding.UTF8.GetBytes(
            $$$$$$$"""{"type":"payout.sent","event_id":"e","created_at":"2026-02-01T00:00:00Z","data":{"object":{"payout":{{{{{{{SquareBench.Payout("po_1", updated: updated, status: status)}}}}}}}}}}""")).Records);
    }
}
