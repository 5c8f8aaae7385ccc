using System.Text.Json.Nodes;

namespace FinanceIntegrations.Sandbox.PayPal.Ledger;

/// <summary>What is to be paid, as the journal keeps it.</summary>
internal sealed record PayPalBatchOrder(string SenderId, string? Subject, IReadOnlyList<PayPalItemOrder> Items);

/// <param name="Amount">In minor units; -1 for what is no amount of the currency.</param>
internal sealed record PayPalItemOrder(string? RecipientType, string Receiver, string? SenderItem, string Currency, long Amount);

/// <summary>A payout to others.</summary>
internal sealed record PayPalBatch(string Id, string SenderId, string? Subject, string? RequestId, long At, IReadOnlyList<PayPalItem> Items)
{
    /// <summary>A batch has ended when none of its items is under way, however they ended.</summary>
    public string Status => Items.Any(item => item.Status == "PENDING") ? "PROCESSING" : "SUCCESS";

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

/// <summary>One receiver of a batch.</summary>
internal sealed class PayPalItem
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

    public JsonObject Json(PayPalBatch batch)
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

    /// <summary>As it stands alone, away from its batch.</summary>
    public JsonObject Whole(PayPalBatch batch)
    {
        var json = Json(batch);
        json["sender_batch_id"] = batch.SenderId;
        return json;
    }
}
