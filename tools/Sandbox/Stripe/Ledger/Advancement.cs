using System.Text.Json.Serialization;

namespace FinanceIntegrations.Sandbox.Stripe.Ledger;

[JsonConverter(typeof(JsonStringEnumConverter<AdvanceKind>))]
internal enum AdvanceKind
{
    [JsonStringEnumMemberName("charge")] Charge,
    [JsonStringEnumMemberName("refund")] Refund,
    [JsonStringEnumMemberName("payout")] Payout,
    [JsonStringEnumMemberName("payout_sent")] PayoutSent,
    [JsonStringEnumMemberName("payout_paid")] PayoutPaid,
    [JsonStringEnumMemberName("payout_failed")] PayoutFailed,
    [JsonStringEnumMemberName("dispute")] Dispute,
    [JsonStringEnumMemberName("dispute_closed")] DisputeClosed,
    [JsonStringEnumMemberName("settle")] Settle,
}

/// <summary>Life after the anchor, on demand. When what it needs is not there (a payout to fail, say), it makes that first.</summary>
internal static class Advancement
{
    /// <param name="id">Of the payout or dispute that it happens to; null: the oldest that it can happen to.</param>
    public static IReadOnlyList<string> Apply(Books books, AdvanceKind kind, long at, long until, string? id)
    {
        switch (kind)
        {
            case AdvanceKind.Charge:
                return [books.TakePayment(at, books.Chance.Pick(CurrencyProfile.All)).Id];
            case AdvanceKind.Refund:
                var paid = Latest(books.Charges, charge => charge.Refundable > 0) ?? books.TakePayment(at, CurrencyProfile.All[0]);
                return [books.GiveBack(at, paid, books.Chance.Happens(0.5) ? Math.Max(1, paid.Refundable / 2) : paid.Refundable).Id];
            case AdvanceKind.Payout:
                return [PayOut(books, at).Id];
            case AdvanceKind.PayoutSent:
                var sent = Oldest(books.Payouts, payout => payout.Status == "pending" && Is(payout, id)) ?? PayOut(books, at);
                books.SendPayout(at, sent);
                return [sent.Id];
            case AdvanceKind.PayoutPaid:
                var arrived = OpenPayout(books, at, id);
                books.PayoutPaid(at, arrived);
                return [arrived.Id];
            case AdvanceKind.PayoutFailed:
                var returned = OpenPayout(books, at, id);
                books.PayoutFailed(at, returned);
                return [returned.Id];
            case AdvanceKind.Dispute:
                return [OpenDispute(books, at).Id];
            case AdvanceKind.DisputeClosed:
                var closed = Oldest(books.Disputes, dispute => dispute.Open && Is(dispute, id)) ?? OpenDispute(books, at);
                books.CloseDispute(at, closed, won: books.Chance.Happens(0.5));
                return [closed.Id];
            default:
                books.Settle(until);
                return [];
        }
    }

    /// <summary>The change can happen to that object, or the caller left it open to which.</summary>
    public static bool CanHappen(Books books, AdvanceKind kind, string? id) => id is null || kind switch
    {
        AdvanceKind.PayoutSent => books.Payouts.Find(id) is { Status: "pending" },
        AdvanceKind.PayoutPaid or AdvanceKind.PayoutFailed => books.Payouts.Find(id) is { Open: true },
        AdvanceKind.DisputeClosed => books.Disputes.Find(id) is { Open: true },
        _ => false,
    };

    private static bool Is(StripeObject row, string? id) => id is null || row.Id == id;

    private static Payout OpenPayout(Books books, long at, string? id) =>
        Oldest(books.Payouts, payout => payout.Open && Is(payout, id)) ?? PayOut(books, at);

    private static Payout PayOut(Books books, long at)
    {
        while (true)
        {
            foreach (var profile in CurrencyProfile.All)
                if (books.PayOut(at, profile) is { } payout) return payout;
            books.TakePayment(at, CurrencyProfile.All[0], atOnce: true);
        }
    }

    private static Dispute OpenDispute(Books books, long at) => books.OpenDispute(
        at, Latest(books.Charges, charge => charge.Refundable > 0) ?? books.TakePayment(at, CurrencyProfile.All[0]), inquiry: false);

    private static T? Latest<T>(Shelf<T> shelf, Func<T, bool> wanted) where T : StripeObject => shelf.Rows.LastOrDefault(wanted);

    private static T? Oldest<T>(Shelf<T> shelf, Func<T, bool> wanted) where T : StripeObject => shelf.Rows.FirstOrDefault(wanted);
}
