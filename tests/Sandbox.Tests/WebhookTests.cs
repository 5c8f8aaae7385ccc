using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.Stripe;
using Stripe;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests;

public sealed class WebhookTests(ConnectedSandbox connected) : IClassFixture<ConnectedSandbox>
{
    private RunningSandbox Sandbox => connected.Sandbox;

    [Fact]
    public void A_signature_is_the_published_one() => Assert.Equal(
        "c561c5814cba8a0cd366ee43292d205cf59c9635ad120894be1ef80c0af72b76", StripeSignature.Sign(1700000000, "{}"u8, "test_secret"));

    [Fact]
    public void A_signature_is_that_of_Stripes_library() => Assert.Contains(
        "v1=" + StripeSignature.Sign(1700000000, Encoding.UTF8.GetBytes("""{"a":"ü"}"""), "whsec_x"),
        EventUtility.GenerateSignatureHeader("""{"a":"ü"}""", "whsec_x", 1700000000), StringComparison.Ordinal);

    [Fact]
    public async Task Stripes_library_accepts_what_is_sent_with_either_secret_of_a_rotation()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var outcome = await Sandbox.ControlAsync("/control/stripe/webhooks",
            new { url = receiver.Url, secrets = new[] { "whsec_old", "whsec_new" }, account = Sandbox.Account, type = "payout.paid" });
        Assert.Equal(1, (int)outcome["statuses"]!["200"]!);
        var (body, signature) = await receiver.NextAsync();
        foreach (var secret in new[] { "whsec_old", "whsec_new" })
        {
            var received = EventUtility.ConstructEvent(body, signature, secret, throwOnApiVersionMismatch: true);
            Assert.Equal(Sandbox.Account, received.Account);
            Assert.Equal("paid", Assert.IsType<Payout>(received.Data.Object).Status);
            await Sandbox.GetAsync($"/v1/events/{received.Id}");
        }
        Assert.Throws<StripeException>(() => EventUtility.ConstructEvent(body, signature, "whsec_other"));
    }

    [Fact]
    public async Task Many_events_are_made_up_each_with_an_object_of_its_own_and_sent_as_often_as_asked()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var outcome = await Sandbox.ControlAsync("/control/stripe/webhooks", new
        {
            url = receiver.Url,
            secret = "whsec_x",
            account = Sandbox.Account,
            type = "payout.failed",
            count = 40,
            duplicate = 2,
            shuffle = true,
            concurrency = 4,
        });
        Assert.Equal(80, (int)outcome["sent"]!);
        Assert.Equal(40, outcome["accepted_event_ids"]!.AsArray().Count);
        var received = receiver.Arrived().Select(message => JsonNode.Parse(message.Body)!).ToList();
        Assert.Equal(80, received.Count);
        Assert.Equal(40, received.Select(item => (string)item["id"]!).Distinct().Count());
        Assert.Equal(40, received.Select(item => (string)item["data"]!["object"]!["id"]!).Distinct().Count());
    }

    [Theory]
    [InlineData("charge.refunded")]
    [InlineData("charge.dispute.created")]
    [InlineData("account.application.deauthorized")]
    [InlineData("account.updated")]
    [InlineData("balance.available")]
    [InlineData("payment_intent.payment_failed")]
    [InlineData("refund.failed")]
    public async Task Any_type_can_be_made_up_and_read_by_Stripes_library(string type)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await Sandbox.ControlAsync("/control/stripe/webhooks",
            new { url = receiver.Url, secret = "whsec_x", account = Sandbox.Account, type, synthesise = true, timestamp_offset_seconds = -100 });
        var (body, signature) = await receiver.NextAsync();
        Assert.Equal(type, EventUtility.ConstructEvent(body, signature, "whsec_x").Type);
    }

    [Fact]
    public async Task A_target_hears_of_what_happens_though_it_refused_at_first()
    {
        await using var sandbox = await RunningSandbox.StartConnectedAsync();
        await using var receiver = await WebhookReceiver.StartAsync(refusals: 1);
        await sandbox.ControlAsync("/control/stripe/webhook-targets",
            new { url = receiver.Url, secret = "whsec_x", types = new[] { "payout.failed", "account.application.deauthorized" } });
        var change = await sandbox.ControlAsync($"/control/stripe/accounts/{sandbox.Account}/advance", new { kind = "payout_failed" });
        var (body, signature) = await receiver.NextAsync();
        Assert.Equal((string)change["ids"]![0]!, ((Payout)EventUtility.ConstructEvent(body, signature, "whsec_x").Data.Object).Id);
        await sandbox.ControlAsync($"/control/stripe/accounts/{sandbox.Account}/revoke", new { });
        Assert.Contains("account.application.deauthorized", (await receiver.NextAsync()).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_loopback_addresses_are_sent_to()
    {
        var order = new { url = "http://example.com/hook", secret = "whsec_x", account = Sandbox.Account };
        using var answer = await Sandbox.Client.PostAsJsonAsync(
            new Uri(Sandbox.Url + "/control/stripe/webhooks"), order, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }
}
