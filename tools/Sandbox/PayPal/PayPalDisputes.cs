using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.PayPal.Ledger;

namespace FinanceIntegrations.Sandbox.PayPal;

/// <summary>Disputes: the list by last change, and each with its details (paypal.md §3). How they are answered: <see cref="PayPalDisputeAnswers"/>.</summary>
internal sealed class PayPalDisputes(PayPalGate gate, TimeProvider clock)
{
    private const long Reach = 180 * 86_400;

    public void Map(IEndpointRouteBuilder paypal)
    {
        paypal.MapGet("/v1/customer/disputes", ListAsync);
        paypal.MapGet("/v1/customer/disputes/{id}", GetAsync);
    }

    private async Task ListAsync(HttpContext http)
    {
        if (await gate.AdmitAsync(http) is not { } merchant) return;
        var query = http.Request.Query;
        var (after, before) = (Given("update_time_after"), Given("update_time_before"));
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        if (after == -1 || before == -1 || now - (after ?? now) > Reach)
        {
            await PayPalErrors.WriteAsync(http, 400, "INVALID_REQUEST", "The time must be within the last 180 days.", "/update_time_after", "INVALID_DATE");
            return;
        }
        if (PayPalReports.Number(query["page_size"], 10) is not (>= 1 and <= 50 and var size))
        {
            await PayPalErrors.WriteAsync(http, 400, "INVALID_REQUEST", "page_size must be from 1 to 50.", "/page_size", "INVALID_PARAMETER_VALUE");
            return;
        }
        var skip = Skip(query["next_page_token"]);
        List<PayPalDispute> found;
        lock (merchant.Books.Gate)
            found = [.. merchant.Books.Disputes.Where(one => (after is null || one.Updated >= after) && (before is null || one.Updated <= before))
                .OrderByDescending(one => one.At)];
        var links = new JsonArray(PayPalLinks.Of(PayPalProvider.ApiHost + "/v1/customer/disputes" + http.Request.QueryString, "self"));
        if (skip + size < found.Count)
            links.Add(PayPalLinks.Of($"{PayPalProvider.ApiHost}/v1/customer/disputes?page_size={size}&next_page_token={Uri.EscapeDataString(Token(skip + size))}", "next"));
        await http.Response.WriteAsJsonAsync(new JsonObject
        {
            ["items"] = new JsonArray([.. found.Skip(skip).Take(size).Select(one => one.Item(PayPalProvider.ApiHost))]),
            ["links"] = links,
        }, http.RequestAborted);

        long? Given(string name) => query.TryGetValue(name, out var text) ? PayPalReports.Time(text) ?? -1 : null;
    }

    private async Task GetAsync(HttpContext http, string id)
    {
        if (await gate.AdmitAsync(http) is not { } merchant) return;
        JsonObject? found;
        lock (merchant.Books.Gate) found = merchant.Books.Disputes.Find(one => one.Id == id)?.Json(PayPalProvider.ApiHost);
        if (found is null)
            await PayPalErrors.WriteAsync(http, 404, "RESOURCE_NOT_FOUND", "The specified resource does not exist.", "/dispute_id", "INVALID_DISPUTE_ID", "path");
        else
            await http.Response.WriteAsJsonAsync(found, http.RequestAborted);
    }

    private static string Token(int skip) => Convert.ToBase64String(Encoding.ASCII.GetBytes(skip.ToString(CultureInfo.InvariantCulture)));

    private static int Skip(string? token)
    {
        var bytes = new byte[64];
        return token is not null && Convert.TryFromBase64String(token, bytes, out var length)
            && int.TryParse(Encoding.ASCII.GetString(bytes, 0, length), CultureInfo.InvariantCulture, out var skip) ? skip : 0;
    }
}
