namespace FinanceIntegrations.Sandbox.Square.Ledger;

/// <summary>The months before the anchor: takings by day, payouts on working days, refunds and disputes now and then.</summary>
internal static class History
{
    public const long Day = 86_400_000;

    /// <summary>How far back it goes.</summary>
    public const int Days = 200;

    /// <param name="books">Empty.</param>
    /// <param name="anchor">Its end, unix milliseconds.</param>
    /// <param name="payments">Exactly so many.</param>
    public static void Write(Books books, long anchor, int payments)
    {
        var start = anchor - (Days * Day);
        var taken = 0;
        for (var day = 0; day <= Days; day++)
        {
            var begin = start + (day * Day);
            var due = (int)((long)payments * (day + 1) / (Days + 1));
            PayOut(books, begin, anchor);
            var times = Enumerable.Range(0, due - taken).Select(_ => begin + (9L * 3_600_000) + (long)(books.Chance.Fraction() * 8 * 3_600_000)).Order().ToList();
            foreach (var at in times) Take(books, Math.Min(at, anchor - 3_600_000), begin);
            taken = due;
            var evening = begin + (20L * 3_600_000);
            if (evening >= anchor - Day) continue;
            if (books.Chance.Happens(0.2) && books.Refundable() is { } returned) books.RefundDone(evening + 2_000, books.GiveBack(evening, returned, books.Chance.Happens(0.5)));
            if (books.Chance.Happens(0.06) && books.Refundable() is { Refunded: 0 } disputed) books.OpenDispute(evening + 5_000, disputed);
            if (books.Disputes.Find(dispute => dispute.IsOpen && dispute.Created < evening - (20 * Day)) is { } old)
                books.CloseDispute(evening + 9_000, old, books.Chance.Happens(0.5));
        }
    }

    private static void Take(Books books, long at, long day)
    {
        var open = books.Locations.Where(location => location.ClosedAt is not { } closed || day < closed).ToList();
        var location = open[books.Chance.Happens(0.6) ? 0 : books.Chance.Below(open.Count)];
        var luck = books.Chance.Fraction();
        var status = luck < 0.03 ? "FAILED" : luck < 0.05 ? "CANCELED" : "COMPLETED";
        books.TakePayment(books.Now(at), location, status, held: books.Chance.Happens(0.92), feeKnown: true);
    }

    /// <summary>At one in the morning, of what the day before brought.</summary>
    private static void PayOut(Books books, long day, long anchor)
    {
        var at = day + 3_600_000;
        if (at >= anchor) return;
        foreach (var sent in books.Payouts.Where(payout => payout is { Status: "SENT" } && payout.Created < at - Day).ToList())
            books.PayoutPaid(books.Now(at), sent);
        if (DateTimeOffset.FromUnixTimeMilliseconds(day).DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday) return;
        foreach (var location in books.Locations) books.PayOut(books.Now(at + 60_000), location);
    }
}
