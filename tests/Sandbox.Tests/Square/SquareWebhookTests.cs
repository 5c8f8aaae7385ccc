using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests.Square;

public sealed class SquareWebhookTests
{
    [Fact]
    public async Task What_happens_is_delivered_signed_over_the_configured_url_and_the_body()
    {
        await using var seller = await SquareSeller.StartAsync(20);
        await using var receiver = await WebhookReceiver.StartAsync();
        await seller.Sandbox.ControlAsync("/control/square/webhooks",
            new { url = receiver.Url, secret = "key", notification_url = "https://edge.example/hook", account = seller.Id, type = "payment.updated" });
        var (body, _) = await receiver.NextAsync();
        var json = JsonNode.Parse(body)!;
        Assert.Equal((seller.Id, "payment.updated", "payment"), ((string)json["merchant_id"]!, (string)json["type"]!, (string)json["data"]!["type"]!));
        Assert.Matches(@"\.\d{9}Z$", (string)json["created_at"]!);
        Assert.NotNull(json["data"]!["object"]!["payment"]!["id"]);
        var expected = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes("key"), Encoding.UTF8.GetBytes("https://edge.example/hook" + body)));
        Assert.Equal(expected, receiver.LastHeader("x-square-hmacsha256-signature"));
        Assert.Equal(28, receiver.LastHeader("x-square-signature").Length);   // SHA-1, beside it

        await seller.Sandbox.ControlAsync("/control/square/webhook-targets", new { url = receiver.Url, secret = "key" });
        await seller.AdvanceAsync("payment");
        var types = new[] { JsonNode.Parse((await receiver.NextAsync()).Body)!, JsonNode.Parse((await receiver.NextAsync()).Body)! }.Select(told => (string)told["type"]!).Order();
        Assert.Equal(["payment.created", "payment.updated"], types);
    }
}
