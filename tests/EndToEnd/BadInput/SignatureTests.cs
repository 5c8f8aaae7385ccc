using System.Net;
using System.Text;
using System.Text.Json;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.BadInput;

public sealed class SignatureTests(SharedCluster shared) : ProductTest(shared)
{
    private string Secret => Product.StripeWebhookSecret;

    [Fact]
    public async Task A_wrong_signature_is_refused_and_nothing_is_kept()
    {
        var body = Event("evt_forged", "acct_1");
        await RefusedAsync(body, StripeSignature.Of(body, "whsec_another"), "signature_invalid");
        await RefusedAsync(body + " ", StripeSignature.Of(body, Secret), "signature_invalid");
        await RefusedAsync(body, StripeSignature.Of(body, Secret)[..^1], "signature_invalid");
        Assert.Equal(0, await KeptAsync("evt_forged"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("t=1")]
    [InlineData("v1=00")]
    public async Task A_missing_signature_is_refused(string header) =>
        await RefusedAsync(Event("evt_unsigned", "acct_1"), header, "signature_missing");

    [Theory]
    [InlineData(-301)]
    [InlineData(-86_400)]
    [InlineData(302)]
    public async Task A_signature_outside_five_minutes_is_refused(int seconds)
    {
        var body = Event("evt_late", "acct_1");
        await RefusedAsync(body, StripeSignature.Of(body, Secret, seconds), "signature_expired");
        Assert.Equal(0, await KeptAsync("evt_late"));
    }

    [Fact]
    public async Task A_replayed_event_is_accepted_and_not_taken_again()
    {
        var body = Event("evt_replayed", "acct_nobody");
        var signature = StripeSignature.Of(body, Secret);
        for (var time = 0; time < 3; time++)
        {
            var answer = await PostAsync("/webhooks/stripe", body, signature);
            Assert.Equal((HttpStatusCode.OK, """{"status":"received"}"""), (answer.Status, answer.Text));
        }
        Assert.Equal(1, await KeptAsync("evt_replayed"));
    }

    [Fact]
    public async Task An_event_for_an_unknown_account_is_kept_and_marked()
    {
        var body = Event("evt_unroutable", "acct_nobody");
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("/webhooks/stripe", body, StripeSignature.Of(body, Secret))).Status);
        Assert.Equal("unroutable", await Product.ScalarAsync<string>("select routing from webhook_events where provider_event_id = 'evt_unroutable'", Cancel));
        Assert.Equal(body, Encoding.UTF8.GetString(await Product.ScalarAsync<byte[]>("""
            select p.payload from webhook_events e join webhook_payloads p on p.event_id = e.id where provider_event_id = 'evt_unroutable'
            """, Cancel)));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("not json")]
    [InlineData("""{"id":"","type":"payout.paid","data":{"object":{}}}""")]
    public async Task A_signed_body_that_is_no_event_is_refused(string body) => await RefusedAsync(body, StripeSignature.Of(body, Secret), "event_invalid");

    [Fact]
    public async Task A_body_over_the_cap_is_refused_before_it_is_read()
    {
        var body = Event("evt_large", "acct_1", new string('x', 2_200_000));
        var refused = await Keep(Product.Nobody()).SendAsync(
            HttpMethod.Post, "/webhooks/stripe", body, Cancel, ("Stripe-Signature", StripeSignature.Of(body, Secret)), ("Expect", "100-continue"));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "body_too_large"), (refused.Status, refused.Code));
    }

    [Fact]
    public async Task A_body_under_the_cap_that_is_set_is_taken_whatever_the_servers_own_limit()
    {
        var body = Event("evt_not_too_large", "acct_nobody", new string('x', 2_000_000));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("/webhooks/stripe", body, StripeSignature.Of(body, Secret))).Status);
        Assert.Equal(1, await KeptAsync("evt_not_too_large"));
    }

    [Theory]
    [InlineData("/webhooks/nobody", "provider_not_found")]
    [InlineData("/webhooks/xero", "provider_not_found")]
    [InlineData("/webhooks/stripe/01980000-0000-7000-8000-000000000000", "webhook_endpoint_not_found")]
    public async Task An_unknown_endpoint_takes_nothing(string path, string code)
    {
        var body = Event("evt_lost", "acct_1");
        var refused = await PostAsync(path, body, StripeSignature.Of(body, Secret));
        Assert.Equal((HttpStatusCode.NotFound, code), (refused.Status, refused.Code));
    }

    private async Task RefusedAsync(string body, string signature, string code)
    {
        var refused = await PostAsync("/webhooks/stripe", body, signature);
        Assert.Equal((HttpStatusCode.BadRequest, code), (refused.Status, refused.Code));
    }

    private Task<ApiAnswer> PostAsync(string path, string body, string signature) =>
        Keep(Product.Nobody()).SendAsync(HttpMethod.Post, path, body, Cancel, ("Stripe-Signature", signature));

    private Task<long> KeptAsync(string eventId) =>
        Product.ScalarAsync<long>("select count(*) from webhook_events where provider_event_id = $1", Cancel, eventId);

    private static string Event(string id, string account, string description = "") =>
        JsonSerializer.Serialize(new
        {
            id,
            type = "payout.paid",
            account,
            created = 1_750_000_000,
            data = new { @object = new { id = "po_1", @object = "payout", amount = 100, currency = "gbp", status = "paid", created = 1_750_000_000, description } },
        });
}
