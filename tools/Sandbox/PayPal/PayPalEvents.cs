using System.Globalization;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.PayPal.Ledger;

namespace FinanceIntegrations.Sandbox.PayPal;

/// <summary>The list of what the app's webhooks were told, of whatever merchant, newest first, 30 days back (paypal.md §7).</summary>
internal sealed class PayPalEvents(PayPalGate gate, PayPalPlatform platform, TimeProvider clock)
{
    private const long Reach = 30 * 86_400;

    public void Map(IEndpointRouteBuilder paypal) => paypal.MapGet("/v1/notifications/webhooks-events", ListAsync);

    private async Task ListAsync(HttpContext http)
    {
        if (await gate.AdmitAsync(http) is null) return;
        var query = http.Request.Query;
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var (from, until) = (Time("start_time", now - Reach), Time("end_time", now));
        var (size, skip) = (PayPalReports.Number(query["page_size"], 10), PayPalReports.Number(query["page"], 0));
        if (from is null || until is null || size < 1 || skip < 0)
        {
            await PayPalErrors.WriteAsync(http, 400, "VALIDATION_ERROR", "Invalid data provided");
            return;
        }
        var type = (string?)query["event_type"];
        var found = platform.Merchants.Prepend(platform.Own).SelectMany(EventsOf)
            .Where(told => told.At >= from && told.At <= until && told.At >= now - Reach && (type is null || told.Type == type))
            .Reverse().OrderByDescending(told => told.At).ToList();
        var rows = found.Skip(skip).Take(size).Select(JsonNode? (told) => PayPalWebhooks.Json(told)).ToArray();
        var links = new JsonArray(PayPalLinks.Of(PayPalProvider.ApiHost + "/v1/notifications/webhooks-events" + http.Request.QueryString, "self"));
        if (skip + size < found.Count)
        {
            var next = query.Where(pair => pair.Key != "page").Append(new("page", (skip + size).ToString(CultureInfo.InvariantCulture)));
            links.Add(PayPalLinks.Of($"{PayPalProvider.ApiHost}/v1/notifications/webhooks-events{QueryString.Create(next)}", "next"));
        }
        await http.Response.WriteAsJsonAsync(new JsonObject { ["events"] = new JsonArray(rows), ["count"] = rows.Length, ["links"] = links }, http.RequestAborted);

        long? Time(string name, long otherwise) => query.TryGetValue(name, out var text) ? PayPalReports.Time(text) : otherwise;
    }

    private static List<PayPalEvent> EventsOf(PayPalMerchant merchant)
    {
        lock (merchant.Books.Gate) return [.. merchant.Books.Events];
    }
}
