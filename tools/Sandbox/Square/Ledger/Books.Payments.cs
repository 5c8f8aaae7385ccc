using System.Text.Json.Nodes;

namespace FinanceIntegrations.Sandbox.Square.Ledger;

internal sealed partial class Books
{
    private static readonly string[] Brands = ["VISA", "MASTERCARD", "AMERICAN_EXPRESS"];
    private static readonly string[] Reasons = ["NO_KNOWLEDGE", "NOT_AS_DESCRIBED", "NOT_RECEIVED", "DUPLICATE", "AMOUNT_DIFFERS"];

    /// <param name="at">When.</param>
    /// <param name="location">Where.</param>
    /// <param name="status">What becomes of it.</param>
    /// <param name="held">Square holds the money: no cash.</param>
    /// <param name="feeKnown">The fee is known already.</param>
    public Payment TakePayment(long at, Location location, string status, bool held, bool feeKnown)
    {
        Advance(at);
        var amount = (long)Chance.Between(300, 9_000);
        var tip = Chance.Happens(0.2) ? amount * Chance.Between(10, 20) / 100 : 0;
        var source = held && status != "FAILED" ? (Chance.Happens(0.1) ? "WALLET" : "CARD") : held || status == "FAILED" ? "CARD" : "CASH";
        var completed = status == "COMPLETED";
        var payment = new Payment
        {
            Id = Chance.Text(22) + "ZY",
            LocationId = location.Id,
            Created = at,
            Updated = at + 815,
            Currency = location.Country.Currency,
            Amount = amount,
            Tip = tip,
            SourceType = source,
            CardBrand = Chance.Pick(Brands),
            Order = Chance.Text(28),
            VersionToken = Chance.Text(40),
            Fee = source == "CASH" || !completed ? 0 : ((amount + tip) * 26 / 1_000) + 10,
            FeeKnown = feeKnown && completed && source != "CASH",
            Status = status,
        };
        Advance(payment.Updated);
        Payments.Add(payment);
        if (completed && payment.IsHeld) Post(location.Id, new("CHARGE", payment.Total, payment.Fee, at, new() { ["payment_id"] = payment.Id }));
        return payment;
    }

    /// <summary>Square tells the fee.</summary>
    public void FeeArrives(long at, Payment payment)
    {
        payment.FeeKnown = true;
        payment.Updated = Advance(at);
    }

    /// <summary>Some of what can still be given back.</summary>
    public Refund GiveBack(long at, Payment payment, bool whole)
    {
        var left = payment.Total - payment.Refunded;
        var amount = whole || left < 200 ? left : left / 2;
        var refund = new Refund
        {
            Id = $"{payment.Id}_{Chance.Text(43)}",
            LocationId = payment.LocationId,
            Created = Advance(at),
            Updated = at,
            Payment = payment,
            Amount = amount,
            FeeBack = payment.Fee * amount / payment.Total,
            Status = "PENDING",
        };
        Refunds.Add(refund);
        return refund;
    }

    public void RefundDone(long at, Refund refund)
    {
        (refund.Status, refund.Updated) = ("COMPLETED", Advance(at));
        var payment = refund.Payment;
        payment.Refunded += refund.Amount;
        payment.Refunds.Add(refund.Id);
        payment.Updated = at;
        Post(refund.LocationId, new("REFUND", -refund.Amount, -refund.FeeBack, at, new() { ["payment_id"] = payment.Id, ["refund_id"] = refund.Id }));
    }

    public Dispute OpenDispute(long at, Payment payment)
    {
        var dispute = new Dispute
        {
            Id = Chance.Text(21),
            LocationId = payment.LocationId,
            Created = Advance(at),
            Updated = at,
            Payment = payment,
            Reason = Chance.Pick(Reasons),
            State = "EVIDENCE_REQUIRED",
        };
        payment.Disputed = true;
        Disputes.Add(dispute);
        Post(payment.LocationId, new("OPEN_DISPUTE", -payment.Total, 0, at, Details(dispute)));
        return dispute;
    }

    /// <summary>The same key is the same piece.</summary>
    public Evidence Upload(long at, Dispute dispute, string key, string type, string? text, string? fileName, string? fileType)
    {
        if (dispute.Evidence.Find(one => one.Key == key) is { } before) return before;
        var piece = new Evidence(Chance.Text(22), key, dispute.Id, type, text, fileName, fileType, Advance(at));
        dispute.Evidence.Add(piece);
        return piece;
    }

    /// <summary>The bank has it, and decides later.</summary>
    public void Submit(long at, Dispute dispute) => Turn(at, dispute, "PROCESSING");

    /// <summary>The money that was taken back at the opening stays with the payer.</summary>
    public void GiveUp(long at, Dispute dispute) => Turn(at, dispute, "ACCEPTED");

    private void Turn(long at, Dispute dispute, string state)
    {
        (dispute.State, dispute.Updated) = (state, Advance(at));
        dispute.Version++;
    }

    public void CloseDispute(long at, Dispute dispute, bool won)
    {
        Turn(at, dispute, won ? "WON" : "LOST");
        if (won) Post(dispute.LocationId, new("DISPUTE", dispute.Payment.Total, 0, at, Details(dispute)));
    }

    /// <summary>The newest payment that can be given back or disputed.</summary>
    public Payment? Refundable() => Payments.FindLast(payment =>
        payment is { Status: "COMPLETED", IsHeld: true, Disputed: false, FeeKnown: true } && payment.Refunded < payment.Total);

    private static JsonObject Details(Dispute dispute) => new() { ["payment_id"] = dispute.Payment.Id, ["dispute_id"] = dispute.Id };

    private void Post(string location, Activity activity) => _unpaid[location].Add(activity);
}
