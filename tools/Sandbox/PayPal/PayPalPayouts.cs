using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.PayPal.Ledger;

namespace FinanceIntegrations.Sandbox.PayPal;

/// <summary>
/// Payouts to others (paypal.md §3): a batch is made once by <c>sender_batch_id</c>, and the same <c>PayPal-Request-Id</c> is answered as
/// before. Receivers decide what becomes of an item at first: <c>pending…</c> stays under way, <c>unclaimed…</c> waits, <c>fail…</c> fails, everybody else is
/// paid. What becomes of it later is the control API's. There is no list of batches.
/// </summary>
internal sealed class PayPalPayouts(PayPalGate gate, TimeProvider clock)
{
    private const int MaxItems = 15_000;
    private const long ItemFee = 25;

    private readonly Lock _lock = new();
    private readonly List<Batch> _batches = [];

    /// <summary>What can become of an item (paypal.md §5).</summary>
    private static readonly Dictionary<string, string[]> Next = new()
    {
        ["PENDING"] = ["SUCCESS", "FAILED", "UNCLAIMED", "ONHOLD", "BLOCKED"],
        ["ONHOLD"] = ["SUCCESS", "FAILED", "UNCLAIMED", "BLOCKED"],
        ["UNCLAIMED"] = ["SUCCESS", "RETURNED"],
        ["SUCCESS"] = ["REFUNDED", "REVERSED"],
    };

    /// <summary>Lets every item of a batch go on to a status, and tells of it. Null: there is no such batch, or an item cannot come to that.</summary>
    public PayPalChange? Advance(PayPalMerchant merchant, string id, string status)
    {
        lock (_lock)
        {
            var batch = _batches.Find(one => one.Merchant == merchant && one.Id == id);
            if (batch is null || batch.Items.Exists(item => !Next.TryGetValue(item.Status, out var next) || !next.Contains(status))) return null;
            var at = clock.GetUtcNow().ToUnixTimeSeconds();
            lock (merchant.Books.Gate)
            {
                var (told, was) = (merchant.Books.Events.Count, batch.Status);
                foreach (var item in batch.Items)
                {
                    (item.Status, item.At) = (status, at);
                    if (status is "FAILED" or "BLOCKED" or "RETURNED" or "REFUNDED" or "REVERSED")
                        merchant.Books.Payout(item.Currency, item.Amount, null, status == "REVERSED" ? "T1114" : "T1115", at, item.Transaction);
                }
                if (batch.Status != was) Tell(batch, at);
                foreach (var item in batch.Items) Tell(batch, item, at);
                return new([.. batch.Items.Select(item => item.Id)], [.. merchant.Books.Events.Skip(told)]);
            }
        }
    }

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
        Batch? made, taken;
        lock (_lock)
        {
            made = _batches.Find(one => one.Merchant == merchant && requestId is { Length: > 0 } && one.RequestId == requestId);
            taken = made ?? _batches.Find(one => one.Merchant == merchant && one.SenderId == order.SenderId);
            if (taken is null && CanPay(merchant, order)) _batches.Add(made = Make(merchant, order, requestId));
        }
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
        Batch? batch;
        lock (_lock) batch = _batches.Find(one => one.Merchant == merchant && one.Id == id);
        if (batch is null || page < 1 || size is < 1 or > 1_000)
        {
            await NotFoundAsync(http);
            return;
        }
        JsonObject answer;
        lock (_lock)
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
        lock (_lock)
            if (Find(merchant, id) is { } found) answer = Whole(found);
        await (answer is null ? NotFoundAsync(http) : http.Response.WriteAsJsonAsync(answer, http.RequestAborted));
    }

    private async Task CancelAsync(HttpContext http, string id)
    {
        if (await gate.AdmitAsync(http) is not { } merchant) return;
        JsonObject? answer = null;
        bool known;
        lock (_lock)
        {
            var found = Find(merchant, id);
            known = found is not null;
            if (found is { Item.Status: "UNCLAIMED" } open)
            {
                var at = clock.GetUtcNow().ToUnixTimeSeconds();
                (open.Item.Status, open.Item.At) = ("RETURNED", at);
                answer = Whole(open);
                lock (merchant.Books.Gate)
                {
                    merchant.Books.Payout(open.Item.Currency, open.Item.Amount, null, "T1115", at, open.Item.Transaction);
                    merchant.Books.Tell("PAYMENT.PAYOUTS-ITEM.CANCELED", "payouts_item", at, Whole(open));
                }
            }
        }
        await (answer is not null ? http.Response.WriteAsJsonAsync(answer, http.RequestAborted)
            : known ? PayPalErrors.WriteAsync(http, 400, "ITEM_ALREADY_COMPLETED", "The item is not unclaimed: it cannot be cancelled any more.")
            : NotFoundAsync(http));
    }

    private static Task NotFoundAsync(HttpContext http) =>
        PayPalErrors.WriteAsync(http, 404, "RESOURCE_NOT_FOUND", "The requested resource was not found.");

    private static JsonObject Whole((Batch Batch, Item Item) found)
    {
        var json = found.Item.Json(found.Batch);
        json["sender_batch_id"] = found.Batch.SenderId;
        return json;
    }

    private (Batch Batch, Item Item)? Find(PayPalMerchant merchant, string id)
    {
        foreach (var batch in _batches.Where(one => one.Merchant == merchant))
            if (batch.Items.Find(item => item.Id == id) is { } item) return (batch, item);
        return null;
    }

    private Batch Make(PayPalMerchant merchant, Order order, string? requestId)
    {
        var at = clock.GetUtcNow().ToUnixTimeSeconds();
        lock (merchant.Books.Gate)
        {
            var items = order.Items.Select(asked =>
            {
                var status = asked.Receiver.StartsWith("fail", StringComparison.Ordinal) ? "FAILED"
                    : asked.Receiver.StartsWith("unclaimed", StringComparison.Ordinal) ? "UNCLAIMED"
                    : asked.Receiver.StartsWith("pending", StringComparison.Ordinal) ? "PENDING"
                    : "SUCCESS";
                var fee = status == "FAILED" ? 0 : ItemFee;
                return new Item
                {
                    Id = merchant.Books.NewId(13),
                    RecipientType = asked.RecipientType,
                    Receiver = asked.Receiver,
                    SenderItem = asked.SenderItem,
                    Currency = asked.Currency,
                    Amount = asked.Amount,
                    Fee = fee,
                    Status = status,
                    At = at,
                    Transaction = status == "FAILED" ? null : merchant.Books.Payout(asked.Currency, -asked.Amount, -fee, "T0001", at),
                };
            }).ToList();
            var made = new Batch(merchant.Books.NewId(13), merchant, order.SenderId, order.Subject, requestId, at, items);
            merchant.Books.Tell("PAYMENT.PAYOUTSBATCH.PROCESSING", "payouts", at, new JsonObject { ["batch_header"] = made.Header("PROCESSING") });
            if (made.Status == "SUCCESS") Tell(made, at);
            foreach (var item in items) Tell(made, item, at);
            return made;
        }
    }

    private static void Tell(Batch batch, long at) =>
        batch.Merchant.Books.Tell("PAYMENT.PAYOUTSBATCH." + batch.Status, "payouts", at, new JsonObject { ["batch_header"] = batch.Header(batch.Status) });

    /// <summary>Of a pending item, and of a reversal, there is no event.</summary>
    private static void Tell(Batch batch, Item item, long at)
    {
        var word = item.Status switch { "SUCCESS" => "SUCCEEDED", "ONHOLD" => "HELD", var status => status };
        if (word is not ("PENDING" or "REVERSED")) batch.Merchant.Books.Tell("PAYMENT.PAYOUTS-ITEM." + word, "payouts_item", at, Whole((batch, item)));
    }

    /// <summary>What is withheld for disputes pays nobody.</summary>
    private static bool CanPay(PayPalMerchant merchant, Order order)
    {
        lock (merchant.Books.Gate)
        {
            var held = merchant.Books.Balance();
            return order.Items.GroupBy(item => item.Currency)
                .All(asked => held.GetValueOrDefault(asked.Key) - merchant.Books.Withheld(asked.Key) >= asked.Sum(item => item.Amount + ItemFee));
        }
    }

    private static (string Field, string Issue)? Problem(Order order) => order switch
    {
        { SenderId.Length: 0 } => ("sender_batch_header.sender_batch_id", "Required field is missing"),
        { Items.Count: 0 } => ("items", "Required field is missing"),
        { Items.Count: > MaxItems } => ("items", "At most 15000 items are allowed"),
        _ when order.Items.Exists(item => item.Receiver.Length == 0) => ("items[0].receiver", "Required field is missing"),
        _ when order.Items.Exists(item => item.RecipientType is not ("EMAIL" or "PAYPAL_ID") || item.Receiver.Contains('@', StringComparison.Ordinal) != (item.RecipientType == "EMAIL")) =>
            ("items[0].receiver", "Receiver is invalid or does not match with type"),
        _ when order.Items.Exists(item => item.Amount <= 0) => ("items[0].amount.value", "Amount must be positive, with the decimals of its currency"),
        _ => null,
    };

    private static async Task<Order?> OrderAsync(HttpContext http)
    {
        try
        {
            if (await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted) is not JsonObject body) return null;
            var header = body["sender_batch_header"];
            return new((string?)header?["sender_batch_id"] ?? "", (string?)header?["email_subject"],
            [
                .. (body["items"] as JsonArray ?? []).Select(item => new Asked(
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

    private sealed record Order(string SenderId, string? Subject, List<Asked> Items);

    private sealed record Asked(string? RecipientType, string Receiver, string? SenderItem, string Currency, long Amount);

    private sealed record Batch(string Id, PayPalMerchant Merchant, string SenderId, string? Subject, string? RequestId, long At, List<Item> Items)
    {
        /// <summary>A batch has ended when none of its items is under way, however they ended.</summary>
        public string Status => Items.Exists(item => item.Status == "PENDING") ? "PROCESSING" : "SUCCESS";

        public JsonObject SenderHeader()
        {
            var header = new JsonObject { ["sender_batch_id"] = SenderId };
            if (Subject is not null) header["email_subject"] = Subject;
            return header;
        }

        public JsonObject Header(string status)
        {
            var header = new JsonObject
            {
                ["payout_batch_id"] = Id,
                ["batch_status"] = status,
                ["time_created"] = PayPalClock.Seconds(At),
                ["sender_batch_header"] = SenderHeader(),
                ["funding_source"] = "BALANCE",
                ["amount"] = PayPalCurrency.Old(Items.Sum(item => item.Amount), Items[0].Currency),
                ["fees"] = PayPalCurrency.Old(Items.Sum(item => item.Fee), Items[0].Currency),
            };
            if (status == "SUCCESS") header["time_completed"] = PayPalClock.Seconds(Items.Max(item => item.At));
            return header;
        }
    }

    private sealed class Item
    {
        public required string Id { get; init; }
        public required string? RecipientType { get; init; }
        public required string Receiver { get; init; }
        public required string? SenderItem { get; init; }
        public required string Currency { get; init; }
        public required long Amount { get; init; }
        public required long Fee { get; init; }
        public required string? Transaction { get; init; }
        public required string Status { get; set; }

        /// <summary>When it was last processed.</summary>
        public required long At { get; set; }

        public JsonObject Json(Batch batch)
        {
            var json = new JsonObject
            {
                ["payout_item_id"] = Id,
                ["transaction_status"] = Status,
                ["payout_item_fee"] = PayPalCurrency.Old(Fee, Currency),
                ["payout_batch_id"] = batch.Id,
                ["payout_item"] = new JsonObject
                {
                    ["recipient_type"] = RecipientType,
                    ["amount"] = PayPalCurrency.Old(Amount, Currency),
                    ["receiver"] = Receiver,
                },
                ["time_processed"] = PayPalClock.Seconds(At),
                ["links"] = new JsonArray(PayPalLinks.Of($"{PayPalProvider.ApiHost}/v1/payments/payouts-item/{Id}", "item")),
            };
            if (SenderItem is not null) json["payout_item"]!["sender_item_id"] = SenderItem;
            if (Transaction is not null) json["transaction_id"] = Transaction;
            if (Status is "FAILED" or "UNCLAIMED" or "RETURNED")
                json["errors"] = new JsonObject { ["name"] = "RECEIVER_UNREGISTERED", ["message"] = "Receiver is unregistered", ["debug_id"] = "0" + Id.ToLowerInvariant() };
            return json;
        }
    }
}
