using System.Text.Json.Nodes;

namespace FinanceIntegrations.Sandbox.PayPal.Ledger;

/// <summary>
/// Payouts to others (paypal.md §3). Receivers decide what becomes of an item at first: <c>pending…</c> stays under way, <c>unclaimed…</c> waits,
/// <c>fail…</c> fails, everybody else is paid. What becomes of it later is the control API's.
/// </summary>
internal sealed partial class PayPalBooks
{
    private const long ItemFee = 25;

    /// <summary>What can become of an item (paypal.md §5).</summary>
    private static readonly Dictionary<string, string[]> Next = new()
    {
        ["PENDING"] = ["SUCCESS", "FAILED", "UNCLAIMED", "ONHOLD", "BLOCKED"],
        ["ONHOLD"] = ["SUCCESS", "FAILED", "UNCLAIMED", "BLOCKED"],
        ["UNCLAIMED"] = ["SUCCESS", "RETURNED"],
        ["SUCCESS"] = ["REFUNDED", "REVERSED"],
    };

    /// <summary>Oldest first.</summary>
    public List<PayPalBatch> Batches { get; } = [];

    public (PayPalBatch Batch, PayPalItem Item)? FindItem(string id) => Batches.Find(one => one.Items.Any(item => item.Id == id)) is { } batch
        ? (batch, batch.Items.First(item => item.Id == id))
        : null;

    /// <summary>What is withheld for disputes pays nobody.</summary>
    public bool CanPay(PayPalBatchOrder order)
    {
        var held = Balance();
        return order.Items.GroupBy(item => item.Currency)
            .All(asked => held.GetValueOrDefault(asked.Key) - Withheld(asked.Key) >= asked.Sum(item => item.Amount + ItemFee));
    }

    public PayPalBatch Pay(PayPalBatchOrder order, string? requestId, long at)
    {
        var items = order.Items.Select(asked =>
        {
            var status = asked.Receiver.StartsWith("fail", StringComparison.Ordinal) ? "FAILED"
                : asked.Receiver.StartsWith("unclaimed", StringComparison.Ordinal) ? "UNCLAIMED"
                : asked.Receiver.StartsWith("pending", StringComparison.Ordinal) ? "PENDING"
                : "SUCCESS";
            var fee = status == "FAILED" ? 0 : ItemFee;
            return new PayPalItem
            {
                Id = NewId(13),
                RecipientType = asked.RecipientType,
                Receiver = asked.Receiver,
                SenderItem = asked.SenderItem,
                Currency = asked.Currency,
                Amount = asked.Amount,
                Fee = fee,
                Status = status,
                At = at,
                Transaction = status == "FAILED" ? null : Payout(asked.Currency, -asked.Amount, -fee, "T0001", at),
            };
        }).ToList();
        var made = new PayPalBatch(NewId(13), order.SenderId, order.Subject, requestId, at, items);
        Batches.Add(made);
        Tell("PAYMENT.PAYOUTSBATCH.PROCESSING", "payouts", at, new JsonObject { ["batch_header"] = made.Header("PROCESSING") });
        if (made.Status == "SUCCESS") Tell(made, at);
        foreach (var item in items) Tell(made, item, at);
        return made;
    }

    public static bool CanCome(PayPalBatch batch, string status) => batch.Items.All(item => Next.TryGetValue(item.Status, out var next) && next.Contains(status));

    /// <summary>Every item of a batch comes to a status.</summary>
    public void Come(PayPalBatch batch, string status, long at)
    {
        var was = batch.Status;
        foreach (var item in batch.Items)
        {
            (item.Status, item.At) = (status, at);
            if (status is "FAILED" or "BLOCKED" or "RETURNED" or "REFUNDED" or "REVERSED")
                Payout(item.Currency, item.Amount, null, status == "REVERSED" ? "T1114" : "T1115", at, item.Transaction);
        }
        if (batch.Status != was) Tell(batch, at);
        foreach (var item in batch.Items) Tell(batch, item, at);
    }

    /// <summary>What nobody claimed comes back.</summary>
    public void Cancel(PayPalBatch batch, PayPalItem item, long at)
    {
        (item.Status, item.At) = ("RETURNED", at);
        Payout(item.Currency, item.Amount, null, "T1115", at, item.Transaction);
        Tell("PAYMENT.PAYOUTS-ITEM.CANCELED", "payouts_item", at, item.Whole(batch));
    }

    /// <summary>A payment to others leaves the account, or comes back to it.</summary>
    private string Payout(string currency, long amount, long? fee, string code, long at, string? reference = null) =>
        Add(code, currency, amount, fee, reference, "Payout", at).Id;

    private void Tell(PayPalBatch batch, long at) =>
        Tell("PAYMENT.PAYOUTSBATCH." + batch.Status, "payouts", at, new JsonObject { ["batch_header"] = batch.Header(batch.Status) });

    /// <summary>Of a pending item, and of a reversal, there is no event.</summary>
    private void Tell(PayPalBatch batch, PayPalItem item, long at)
    {
        var word = item.Status switch { "SUCCESS" => "SUCCEEDED", "ONHOLD" => "HELD", var status => status };
        if (word is not ("PENDING" or "REVERSED")) Tell("PAYMENT.PAYOUTS-ITEM." + word, "payouts_item", at, item.Whole(batch));
    }
}
