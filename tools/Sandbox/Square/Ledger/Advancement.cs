using System.Text.Json.Serialization;

namespace FinanceIntegrations.Sandbox.Square.Ledger;

[JsonConverter(typeof(JsonStringEnumConverter<AdvanceKind>))]
internal enum AdvanceKind
{
    [JsonStringEnumMemberName("payment")] Payment,
    [JsonStringEnumMemberName("refund")] Refund,
    [JsonStringEnumMemberName("payout")] Payout,
    [JsonStringEnumMemberName("payout_paid")] PayoutPaid,
    [JsonStringEnumMemberName("payout_failed")] PayoutFailed,
    [JsonStringEnumMemberName("dispute")] Dispute,
    [JsonStringEnumMemberName("dispute_closed")] DisputeClosed,
}

/// <summary>Lets something happen now. What a change needs and lacks is made first.</summary>
internal static class Advancement
{
    /// <returns>The ids of what it happened to.</returns>
    public static IReadOnlyList<string> Apply(Books books, AdvanceKind kind, long at) => kind switch
    {
        AdvanceKind.Payment => [Pay(books, at).Id],
        AdvanceKind.Refund => [GiveBack(books, at).Id],
        AdvanceKind.Payout => [PayOut(books, at).Id],
        AdvanceKind.PayoutPaid => [Turn(books, at, "payout.paid", books.PayoutPaid).Id],
        AdvanceKind.PayoutFailed => [Turn(books, at, "payout.failed", books.PayoutFailed).Id],
        AdvanceKind.Dispute => [Open(books, at).Id],
        AdvanceKind.DisputeClosed => [Close(books, at).Id],
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind"),
    };

    /// <summary>The fee comes with a second event.</summary>
    private static Payment Pay(Books books, long at)
    {
        var open = books.Locations.FindAll(location => location.ClosedAt is null);
        var payment = books.TakePayment(books.Now(at), books.Chance.Pick(open), "COMPLETED", held: true, feeKnown: false);
        books.Emit(payment.Updated, "payment.created", payment, "payment");
        books.FeeArrives(books.Now(at), payment);
        books.Emit(payment.Updated, "payment.updated", payment, "payment");
        return payment;
    }

    private static Refund GiveBack(Books books, long at)
    {
        var refund = books.GiveBack(books.Now(at), books.Refundable() ?? Pay(books, at), whole: false);
        books.Emit(refund.Updated, "refund.created", refund, "refund");
        books.RefundDone(books.Now(at), refund);
        books.Emit(refund.Updated, "refund.updated", refund, "refund");
        books.Emit(refund.Updated, "payment.updated", refund.Payment, "payment");
        return refund;
    }

    private static Payout PayOut(Books books, long at)
    {
        var due = books.Unpaid.Where(unpaid => unpaid.All != 0).Select(unpaid => unpaid.Location).FirstOrDefault();
        if (due is null)
        {
            var payment = Pay(books, at);
            due = books.Locations.Single(location => location.Id == payment.LocationId);
        }
        var payout = books.PayOut(books.Now(at), due)!;
        books.Emit(payout.Updated, "payout.sent", payout, "payout");
        return payout;
    }

    private static Payout Turn(Books books, long at, string type, Action<long, Payout> change)
    {
        var payout = books.Payouts.FindLast(payout => payout.Status == "SENT") ?? PayOut(books, at);
        change(books.Now(at), payout);
        books.Emit(payout.Updated, type, payout, "payout");
        return payout;
    }

    private static Dispute Open(Books books, long at)
    {
        var dispute = books.OpenDispute(books.Now(at), books.Refundable() ?? Pay(books, at));
        books.Emit(dispute.Updated, "dispute.created", dispute, "dispute");
        return dispute;
    }

    private static Dispute Close(Books books, long at)
    {
        var dispute = books.Disputes.FindLast(dispute => dispute.IsOpen) ?? Open(books, at);
        books.CloseDispute(books.Now(at), dispute, won: true);
        books.Emit(dispute.Updated, "dispute.state.updated", dispute, "dispute");
        return dispute;
    }
}
