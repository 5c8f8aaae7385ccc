using System.Globalization;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.Foundation;

namespace FinanceIntegrations.Sandbox.PayPal.Ledger;

/// <summary>Something to tell: an event before it has an envelope.</summary>
internal sealed record PayPalEvent(string Id, string Type, string ResourceType, long At, JsonObject Resource);

/// <summary>
/// A merchant's books: sales, their refunds and chargebacks, and the withdrawals to the bank. What the balance shows is the sum of the rows.
/// Same seed, same books. Guarded by <see cref="Gate"/>.
/// </summary>
internal sealed partial class PayPalBooks
{
    private const long Day = 86_400;
    private const string Upper = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";

    private static readonly string[] Goods = ["Oak shelf", "Brass lamp", "Wool blanket", "Café au lait set", "Print no. 7", "Kräuter tea", "Gift card"];

    private readonly Chance _chance;
    private readonly string _merchant;

    private PayPalBooks(string merchant, Chance chance) => (_merchant, _chance) = (merchant, chance);

    public Lock Gate { get; } = new();

    /// <summary>Oldest first.</summary>
    public List<PayPalRow> Rows { get; } = [];

    public List<PayPalDispute> Disputes { get; } = [];

    public List<PayPalEvent> Events { get; } = [];

    /// <summary>Books of eighteen months that end at the anchor, with exactly so many rows.</summary>
    public static PayPalBooks Write(string merchant, int rows, long seed, long anchor)
    {
        var books = new PayPalBooks(merchant, Chance.For(seed, "paypal/" + merchant));
        var from = anchor - (540 * Day);
        for (var n = 0; books.Rows.Count < rows; n++)
        {
            var at = from + ((anchor - 3600 - from) * (n + 1) / (rows + 1));
            var kind = n % 25 == 24 ? PayPalAdvance.Withdrawal : n % 12 == 11 ? PayPalAdvance.Refund : n % 97 == 60 ? PayPalAdvance.Dispute : PayPalAdvance.Sale;
            if (kind == PayPalAdvance.Dispute && rows - books.Rows.Count < 2) kind = PayPalAdvance.Sale;   // it comes with its fee
            books.Advance(kind, at);
            if (at < anchor - (20 * Day) && kind == PayPalAdvance.Dispute) books.Advance(PayPalAdvance.DisputeResolved, at + (15 * Day));
        }
        while (books.Rows.Count > rows) books.Rows.RemoveAt(books.Rows.Count - 1);
        books.Rows.Sort((one, other) => one.At.CompareTo(other.At));
        foreach (var late in books.Rows.Where(row => row is { Code: "T0006" or "T0400" } && row.At > anchor - (3 * Day)).Where((_, place) => place % 3 == 0)) late.Status = "P";
        books.Events.Clear();   // nobody listened yet
        return books;
    }

    /// <summary>What has settled, by currency.</summary>
    public IReadOnlyDictionary<string, long> Balance() => Rows.Where(row => row.Status == "S").GroupBy(row => row.Currency)
        .OrderBy(group => group.Key, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Sum(row => row.Net));

    /// <summary>Of it, what is held back for open disputes.</summary>
    public long Withheld(string currency) => Disputes.Where(one => one.Status != "RESOLVED" && one.Currency == currency).Sum(one => one.Amount);

    /// <summary>Lets one thing happen. Answers the ids of what it happened to.</summary>
    public IReadOnlyList<string> Advance(PayPalAdvance kind, long at)
    {
        switch (kind)
        {
            case PayPalAdvance.Sale:
            case PayPalAdvance.PendingSale:
                return [Sale(at, pending: kind == PayPalAdvance.PendingSale)];
            case PayPalAdvance.Refund:
                return Find(row => row is { Code: "T0006", Status: "S" } && !IsReferred(row.Id)) is { } sold ? [Refund(sold, at)] : [];
            case PayPalAdvance.Withdrawal:
                return Withdraw(at);
            case PayPalAdvance.Settle:
                return Settle(at);
            case PayPalAdvance.Dispute:
                return Find(row => row is { Code: "T0006", Status: "S" } && !IsReferred(row.Id)) is { } disputed ? [Dispute(disputed, at)] : [];
            default:
                return Disputes.FirstOrDefault(one => one.Status != "RESOLVED") is { } open ? [Resolve(open, won: _chance.Happens(0.5), at)] : [];
        }
    }

    public PayPalEvent Tell(string type, string resourceType, long at, JsonObject resource)
    {
        var told = new PayPalEvent($"WH-{NewId(17)}-{NewId(17)}", type, resourceType, at, resource);
        Events.Add(told);
        return told;
    }

    private string NewId(int length) => string.Create(length, _chance, static (span, chance) =>
    {
        for (var i = 0; i < span.Length; i++) span[i] = Upper[chance.Below(Upper.Length)];
    });

    private string Sale(long at, bool pending)
    {
        var currency = _chance.Below(10) switch { 0 => "JPY", 1 or 2 => "USD", _ => "GBP" };
        var amount = currency == "JPY" ? _chance.Between(500, 30_000) : _chance.Between(199, 25_000);
        var fee = -((amount * 29 / 1000) + (currency == "JPY" ? 40 : 30));
        var row = Add("T0006", currency, amount, fee, null, _chance.Pick(Goods), at);
        if (pending) row.Status = "P";
        Tell(pending ? "PAYMENT.CAPTURE.PENDING" : "PAYMENT.CAPTURE.COMPLETED", "capture", at, new JsonObject
        {
            ["id"] = row.Id,
            ["status"] = pending ? "PENDING" : "COMPLETED",
            ["amount"] = PayPalCurrency.Money(amount, currency),
            ["final_capture"] = true,
            ["seller_receivable_breakdown"] = new JsonObject
            {
                ["gross_amount"] = PayPalCurrency.Money(amount, currency),
                ["paypal_fee"] = PayPalCurrency.Money(-fee, currency),
                ["net_amount"] = PayPalCurrency.Money(amount + fee, currency),
            },
            ["payee"] = new JsonObject { ["email_address"] = "merchant@example.com", ["merchant_id"] = _merchant },
            ["create_time"] = PayPalClock.Seconds(at),
            ["update_time"] = PayPalClock.Seconds(at),
        });
        return row.Id;
    }

    private string Refund(PayPalRow sold, long at)
    {
        var row = Add("T1107", sold.Currency, -sold.Amount, null, sold.Id, sold.Subject, at);
        Tell("PAYMENT.CAPTURE.REFUNDED", "refund", at, new JsonObject
        {
            ["id"] = row.Id,
            ["status"] = "COMPLETED",
            ["amount"] = PayPalCurrency.Money(sold.Amount, sold.Currency),
            ["payer"] = new JsonObject { ["email_address"] = "merchant@example.com", ["merchant_id"] = _merchant },
            ["create_time"] = PayPalClock.Seconds(at),
            ["update_time"] = PayPalClock.Seconds(at),
        });
        return row.Id;
    }

    /// <summary>Everything that a currency holds goes to the bank.</summary>
    private List<string> Withdraw(long at) => [.. Balance().Where(held => held.Value - Withheld(held.Key) > 0).Take(1)
        .Select(held => Add("T0400", held.Key, -(held.Value - Withheld(held.Key)), null, null, null, at).Id)];

    private List<string> Settle(long at)
    {
        var settled = Rows.Where(row => row.Status == "P").Take(1).ToList();
        foreach (var row in settled)
        {
            row.Status = "S";
            row.Updated = at;
        }
        return [.. settled.Select(row => row.Id)];
    }

    private string Dispute(PayPalRow sold, long at)
    {
        var dispute = new PayPalDispute
        {
            Id = "PP-R-" + NewId(3) + "-" + (10_000_000 + Disputes.Count).ToString(CultureInfo.InvariantCulture),
            Payment = sold.Id,
            At = at,
            Updated = at,
            Currency = sold.Currency,
            Amount = sold.Amount,
            Reason = _chance.Pick((string[])["MERCHANDISE_OR_SERVICE_NOT_RECEIVED", "UNAUTHORISED", "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED"]),
            Merchant = _merchant,
        };
        Disputes.Add(dispute);
        Add("T0106", sold.Currency, sold.Currency == "JPY" ? -1_300 : -1_400, null, sold.Id, null, at);
        Tell("CUSTOMER.DISPUTE.CREATED", "dispute", at, dispute.Json(PayPalProvider.ApiHost));
        return dispute.Id;
    }

    /// <summary>The seller answers: PayPal decides later.</summary>
    public void TakeEvidence(PayPalDispute open, IEnumerable<JsonObject> pieces, long at)
    {
        foreach (var piece in pieces)
        {
            var kept = piece.DeepClone().AsObject();
            kept["source"] = "SUBMITTED_BY_SELLER";
            kept["date"] = PayPalClock.Milliseconds(at);
            kept["dispute_life_cycle_stage"] = "CHARGEBACK";
            open.Evidences.Add(kept);
        }
        open.Status = "UNDER_REVIEW";
        open.Updated = at;
        Tell("CUSTOMER.DISPUTE.UPDATED", "dispute", at, open.Json(PayPalProvider.ApiHost));
    }

    /// <summary>The dispute is decided, by PayPal or because the seller gives it up.</summary>
    public string Resolve(PayPalDispute open, bool won, long at)
    {
        open.Status = "RESOLVED";
        open.Outcome = won ? "RESOLVED_SELLER_FAVOUR" : "RESOLVED_BUYER_FAVOUR";
        open.Updated = at;
        if (!won) Add("T1201", open.Currency, -open.Amount, null, open.Payment, null, at);
        Tell("CUSTOMER.DISPUTE.RESOLVED", "dispute", at, open.Json(PayPalProvider.ApiHost));
        return open.Id;
    }

    private PayPalRow Add(string code, string currency, long amount, long? fee, string? reference, string? subject, long at)
    {
        var row = new PayPalRow
        {
            Id = NewId(17),
            Code = code,
            At = at,
            Updated = at,
            Currency = currency,
            Amount = amount,
            Fee = fee,
            Reference = reference,
            Subject = subject,
        };
        Rows.Add(row);
        return row;
    }

    private bool IsReferred(string id) => Rows.Exists(row => row.Reference == id);

    /// <summary>The newest of its kind.</summary>
    private PayPalRow? Find(Predicate<PayPalRow> wanted) => Rows.FindLast(wanted);
}
