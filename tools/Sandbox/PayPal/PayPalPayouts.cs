using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.PayPal.Ledger;

namespace FinanceIntegrations.Sandbox.PayPal;

/// <summary>
/// Payouts to others (paypal.md §3): a batch is made once by <c>sender_batch_id</c>, and the same <c>PayPal-Request-Id</c> is answered as
/// before. There is no list of batches.
/// </summary>
internal sealed class PayPalPayouts(PayPalGate gate, PayPalPlatform platform)
{
    private const int MaxItems = 15_000;

    public void Map(IEndpointRouteBuilder paypal)
    {
        paypal.MapPost("/v1/payments/payouts", CreateAsync);
        paypal.MapGet("/v1/payments/payouts/{id}", BatchAsync);
        paypal.MapGet("/v1/payments/payouts-item/{id}", ItemAsync);
        paypal.MapPost("/v1/payments/payouts-item/{id}/cancel", CancelAsync);
    }

    private async Task CreateAsync(HttpContext http)
    {
        if (await gate.AdmitAsync(http) is not { } merchant) return;
        if (await OrderAsync(http) is not { } order)
        {
            await PayPalErrors.WriteAsync(http, 400, "INVALID_REQUEST", "Request is not well-formed, syntactically incorrect, or violates schema.");
            return;
        }
        if (Problem(order) is { } wrong)
        {
            await PayPalErrors.WriteAsync(http, 400, "VALIDATION_ERROR", "Invalid request - see details", wrong.Field, wrong.Issue, "body");
            return;
        }
        var requestId = (string?)http.Request.Headers["PayPal-Request-Id"];
        var (made, taken) = platform.Pay(merchant, order, requestId is { Length: > 0 } ? requestId : null);
        if (made is null)
        {
            await (taken is null
                ? PayPalErrors.WriteAsync(http, 422, "INSUFFICIENT_FUNDS", "Sender does not have sufficient funds. Please add funds and retry.")
                : PayPalErrors.WriteAsync(http, 400, "USER_BUSINESS_ERROR", "User business error.", "SENDER_BATCH_ID",
                    "Batch with given sender_batch_id already exists", "body", PayPalLinks.Of($"{PayPalProvider.ApiHost}/v1/payments/payouts/{taken.Id}", "self")));
            return;
        }
        http.Response.StatusCode = 201;
        await http.Response.WriteAsJsonAsync(new JsonObject
        {
            ["batch_header"] = new JsonObject
            {
                ["payout_batch_id"] = made.Id,
                ["batch_status"] = "PENDING",
                ["sender_batch_header"] = made.SenderHeader(),
            },
            ["links"] = new JsonArray(PayPalLinks.Of($"{PayPalProvider.ApiHost}/v1/payments/payouts/{made.Id}", "self")),
        }, http.RequestAborted);
    }

    private async Task BatchAsync(HttpContext http, string id)
    {
        if (await gate.AdmitAsync(http) is not { } merchant) return;
        var (page, size) = (PayPalReports.Number(http.Request.Query["page"], 1), PayPalReports.Number(http.Request.Query["page_size"], 1_000));
        PayPalBatch? batch;
        lock (merchant.Books.Gate) batch = merchant.Books.Batches.Find(one => one.Id == id);
        if (batch is null || page < 1 || size is < 1 or > 1_000)
        {
            await NotFoundAsync(http);
            return;
        }
        JsonObject answer;
        lock (merchant.Books.Gate)
        {
            answer = new JsonObject
            {
                ["batch_header"] = batch.Header(batch.Status),
                ["items"] = new JsonArray([.. batch.Items.Skip((page - 1) * size).Take(size).Select(item => item.Json(batch))]),
                ["links"] = new JsonArray(PayPalLinks.Of($"{PayPalProvider.ApiHost}/v1/payments/payouts/{batch.Id}", "self")),
            };
        }
        if ((string?)http.Request.Query["total_required"] == "true")
            (answer["total_items"], answer["total_pages"]) = (batch.Items.Count, (batch.Items.Count + size - 1) / size);
        await http.Response.WriteAsJsonAsync(answer, http.RequestAborted);
    }

    private async Task ItemAsync(HttpContext http, string id)
    {
        if (await gate.AdmitAsync(http) is not { } merchant) return;
        JsonObject? answer = null;
        lock (merchant.Books.Gate)
            if (merchant.Books.FindItem(id) is { } found) answer = found.Item.Whole(found.Batch);
        await (answer is null ? NotFoundAsync(http) : http.Response.WriteAsJsonAsync(answer, http.RequestAborted));
    }

    private async Task CancelAsync(HttpContext http, string id)
    {
        if (await gate.AdmitAsync(http) is not { } merchant) return;
        var (known, answer) = platform.CancelPayout(merchant, id);
        await (answer is not null ? http.Response.WriteAsJsonAsync(answer, http.RequestAborted)
            : known ? PayPalErrors.WriteAsync(http, 400, "ITEM_ALREADY_COMPLETED", "The item is not unclaimed: it cannot be cancelled any more.")
            : NotFoundAsync(http));
    }

    private static Task NotFoundAsync(HttpContext http) =>
        PayPalErrors.WriteAsync(http, 404, "RESOURCE_NOT_FOUND", "The requested resource was not found.");

    private static (string Field, string Issue)? Problem(PayPalBatchOrder order) => order switch
    {
        { SenderId.Length: 0 } => ("sender_batch_header.sender_batch_id", "Required field is missing"),
        { Items.Count: 0 } => ("items", "Required field is missing"),
        { Items.Count: > MaxItems } => ("items", "At most 15000 items are allowed"),
        _ when order.Items.Any(item => item.Receiver.Length == 0) => ("items[0].receiver", "Required field is missing"),
        _ when order.Items.Any(item => item.RecipientType is not ("EMAIL" or "PAYPAL_ID") || item.Receiver.Contains('@', StringComparison.Ordinal) != (item.RecipientType == "EMAIL")) =>
            ("items[0].receiver", "Receiver is invalid or does not match with type"),
        _ when order.Items.Any(item => item.Amount <= 0) => ("items[0].amount.value", "Amount must be positive, with the decimals of its currency"),
        _ => null,
    };

    private static async Task<PayPalBatchOrder?> OrderAsync(HttpContext http)
    {
        try
        {
            if (await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted) is not JsonObject body) return null;
            var header = body["sender_batch_header"];
            return new((string?)header?["sender_batch_id"] ?? "", (string?)header?["email_subject"],
            [
                .. (body["items"] as JsonArray ?? []).Select(item => new PayPalItemOrder(
                    (string?)item!["recipient_type"] ?? (string?)header?["recipient_type"], (string?)item["receiver"] ?? "", (string?)item["sender_item_id"], (string?)item["amount"]?["currency"] ?? "",
                    Minor((string?)item["amount"]?["value"], (string?)item["amount"]?["currency"]))),
            ]);
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>-1 for what is no amount of the currency.</summary>
    private static long Minor(string? value, string? currency)
    {
        if (!decimal.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)) return -1;
        var minor = currency is "HUF" or "JPY" or "TWD" ? amount : amount * 100;
        return decimal.Truncate(minor) == minor ? (long)minor : -1;
    }
}
