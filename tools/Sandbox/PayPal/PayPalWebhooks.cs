using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.PayPal.Ledger;
using FinanceIntegrations.Sandbox.Webhooks;

namespace FinanceIntegrations.Sandbox.PayPal;

/// <summary>What to send, as the control API spells it.</summary>
internal sealed record PayPalWebhookOrder
{
    public required string Url { get; init; }

    /// <summary>The id of the webhook at PayPal: it stands in the signed message.</summary>
    public required string WebhookId { get; init; }
    public required string Account { get; init; }

    /// <summary>The newest event of this type, or the one with <see cref="EventId"/>.</summary>
    public string? Type { get; init; }
    public string? EventId { get; init; }

    /// <summary>How often it is sent.</summary>
    public int Duplicate { get; init; } = 1;
    public long TimestampOffsetSeconds { get; init; }
}

internal sealed record PayPalWebhookOutcome(
    int Sent, IReadOnlyDictionary<string, int> Statuses, IReadOnlyList<string> EventIds, IReadOnlyList<string> AcceptedEventIds);

/// <summary>Signs events as PayPal does, sends them, serves the certificate, and answers whether a signature is right.</summary>
internal sealed class PayPalWebhooks(WebhookSender sender, PayPalSigning signing, PayPalGate gate, TimeProvider clock)
{
    public void Map(IEndpointRouteBuilder paypal)
    {
        paypal.MapGet("/v1/notifications/certs/{id}", (string id) => signing.Find(id) is { } chain ? Results.Text(chain, "application/x-pem-file") : Results.NotFound());
        paypal.MapPost("/v1/notifications/verify-webhook-signature", VerifyAsync);
    }

    public async Task<PayPalWebhookOutcome> SendAsync(PayPalWebhookOrder order, PayPalMerchant merchant, CancellationToken cancel)
    {
        PayPalEvent? about;
        lock (merchant.Books.Gate)
            about = merchant.Books.Events.FindLast(one => order.EventId is null ? order.Type is null || one.Type == order.Type : one.Id == order.EventId);
        if (about is null) return new(0, new Dictionary<string, int>(), [], []);
        var body = Body(about);
        var statuses = new ConcurrentDictionary<string, int>();
        var accepted = false;
        for (var n = 0; n < Math.Max(1, order.Duplicate); n++)
        {
            var at = clock.GetUtcNow().AddSeconds(order.TimestampOffsetSeconds);
            var status = await sender.SendAsync(order.Url, new(body, () => signing.Headers(body, order.WebhookId, at), "PayPal/AUHD-214.0-58843677"), cancel);
            statuses.AddOrUpdate(status.ToString(CultureInfo.InvariantCulture), 1, (_, count) => count + 1);
            accepted |= status is >= 200 and < 300;
        }
        return new(Math.Max(1, order.Duplicate), statuses, [about.Id], accepted ? [about.Id] : []);
    }

    private static byte[] Body(PayPalEvent about) => Encoding.UTF8.GetBytes(Json(about).ToJsonString());

    public static JsonObject Json(PayPalEvent about) => new()
    {
        ["id"] = about.Id,
        ["event_version"] = "1.0",
        ["create_time"] = PayPalClock.Milliseconds(about.At),
        ["resource_type"] = about.ResourceType,
        ["resource_version"] = "2.0",
        ["event_type"] = about.Type,
        ["summary"] = about.Type,
        ["resource"] = about.Resource.DeepClone(),
        ["links"] = new JsonArray(PayPalLinks.Of($"{PayPalProvider.ApiHost}/v1/notifications/webhooks-events/{about.Id}", "self")),
    };

    /// <summary>Over the event's text as it stands in the request: written anew, it would be another.</summary>
    private async Task VerifyAsync(HttpContext http)
    {
        if (await gate.AdmitAsync(http) is null) return;
        using var whole = new MemoryStream();
        await http.Request.Body.CopyToAsync(whole, http.RequestAborted);
        try
        {
            using var question = JsonDocument.Parse(whole.ToArray());
            var asked = question.RootElement;
            var good = Text("auth_algo") == "SHA256withRSA" && signing.Verifies(
                Text("cert_url"), Text("transmission_id"), Text("transmission_time"), Text("webhook_id"),
                Encoding.UTF8.GetBytes(asked.GetProperty("webhook_event").GetRawText()), Convert.FromBase64String(Text("transmission_sig")));
            await http.Response.WriteAsJsonAsync(new { verification_status = good ? "SUCCESS" : "FAILURE" }, http.RequestAborted);

            string Text(string name) => asked.GetProperty(name).GetString() ?? "";
        }
        catch (Exception odd) when (odd is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            await PayPalErrors.WriteAsync(http, 400, "VALIDATION_ERROR", "Invalid data provided");
        }
    }
}
