using FinanceIntegrations.Sandbox.Foundation;

namespace FinanceIntegrations.Sandbox.Stripe.Ledger;

/// <summary>
/// Lives through the months before the anchor, hour by hour, so that what is on the books at the anchor is what would be there. Asked for an
/// exact number of balance transactions, it tries out how many charges make them, and fills the last two days up to the number.
/// </summary>
internal sealed class History
{
    private const int Months = 18;
    private const int Trials = 6;
    private readonly Books _books;
    private readonly Chance _chance;
    private readonly Chance _lastDay;
    private readonly PriorityQueue<Action<long>, (long At, int Order)> _plan = new();
    private readonly long _start;
    private readonly long _end;
    private int _order;
    private int _charges;
    private int _payouts;

    private History(Books books, long anchor, int transactions, ulong seed)
    {
        _books = books;
        _chance = new Chance(seed);
        _lastDay = new Chance(seed + 1);
        _end = anchor;
        _start = BusinessDay.Midnight(anchor) - (Math.Clamp(transactions, 7, Months * 365 / 12) * BusinessDay.Seconds);
    }

    /// <param name="open">Makes empty books, with events or without; each trial begins anew, so it must give the same each time.</param>
    /// <param name="anchor">Unix seconds at which history ends.</param>
    /// <param name="transactions">How many balance transactions there must be.</param>
    /// <param name="seed">Of what happens when.</param>
    public static Books Write(Func<bool, Books> open, long anchor, int transactions, ulong seed)
    {
        // About two days' worth is left for the last day, so that no trial's error leads past the number.
        var reserve = (transactions / 300) + 2;
        var charges = Math.Max(transactions / 2, (int)((transactions - 600) * 0.94)) - reserve;
        for (var trial = 1; ; trial++)
        {
            var missing = Try(charges, 0, events: false).Missing;
            // In small books one more charge may bring a payout of its own, so the search may circle: then any number below will do.
            if (missing >= 0 && (missing <= 4 * reserve || trial > Trials)) return Try(charges, missing, events: true).Books;
            charges = trial > Trials ? charges * 9 / 10 : Math.Max(0, charges + (int)((missing - (2 * reserve)) * 0.75));
        }

        (Books Books, int Missing) Try(int regular, int last, bool events)
        {
            var history = new History(open(events), anchor, transactions, seed);
            history.Live(regular, last);
            return (history._books, transactions - history._books.BalanceTransactions.Rows.Count);
        }
    }

    private void Live(int charges, int last)
    {
        var sellingEnds = _end - BusinessDay.Seconds;
        for (var i = 0; i < charges; i++)
        {
            // The business grows: the later, the denser. Most people buy between seven and eleven.
            var part = Math.Pow((i + _chance.Fraction()) / charges, 0.85);
            var time = _start + (long)(part * (sellingEnds - _start));
            var day = BusinessDay.Midnight(time);
            At(Math.Min(day + 25_000 + ((time - day) * 57_000 / BusinessDay.Seconds), sellingEnds), Sell);
        }
        // Sold within the last day, so not yet available, so in no payout: these change no other row.
        for (var i = 0; i < last; i++) At(sellingEnds + (BusinessDay.Seconds * (i + 1) / last), at => _books.TakePayment(at, Profile(_lastDay)));
        for (var day = _start + BusinessDay.Seconds; day <= _end; day += BusinessDay.Seconds) At(day + 600, Morning);
        while (_plan.TryDequeue(out var happens, out var when) && when.At <= _end) happens(when.At);
        _books.Settle(_end);
    }

    private void At(long time, Action<long> happens) => _plan.Enqueue(happens, (time, _order++));

    private static CurrencyProfile Profile(Chance chance)
    {
        var share = chance.Below(1000);
        foreach (var profile in CurrencyProfile.All)
        {
            if (share < profile.Share) return profile;
            share -= profile.Share;
        }
        return CurrencyProfile.All[0];
    }

    private void Sell(long at)
    {
        var number = ++_charges;
        var charge = _books.TakePayment(at, Profile(_chance), declined: _chance.Happens(0.03));
        if (charge.Failed) return;
        if (number % 83 == 7) At(at + Days(6, 50), later => Contest(later, charge, number / 83));
        else if (_chance.Happens(0.055)) At(at + Days(1, 25), later => Return(later, charge));
    }

    private void Return(long at, Charge charge)
    {
        if (charge.Refundable == 0) return;
        var partial = charge.Refundable > 100 && _chance.Happens(0.4);
        var refund = _books.GiveBack(at, charge, partial ? Math.Max(1, charge.Refundable * _chance.Between(2, 8) / 10) : charge.Refundable);
        if (_chance.Happens(0.02)) At(at + Days(2, 6), later => _books.RefundFailed(later, refund));
        else if (partial && _chance.Happens(0.2)) At(at + Days(1, 10), later => Return(later, charge));
    }

    /// <summary>Turns of won, lost, inquiry, lost: every status occurs in books of some size.</summary>
    private void Contest(long at, Charge charge, int turn)
    {
        if (charge.Refundable == 0) return;
        var dispute = _books.OpenDispute(at, charge, inquiry: turn % 4 == 2);
        At(at + Days(3, 7), later => _books.AnswerDispute(later, dispute));
        At(at + Days(30, 75), later => _books.CloseDispute(later, dispute, won: turn % 4 == 0));
    }

    private void Morning(long at)
    {
        foreach (var profile in CurrencyProfile.All)
        {
            if (DateTimeOffset.FromUnixTimeSeconds(at).Day == 1 && _charges > 60) _books.PayFee(at, profile);
            if (profile.PayoutDay is { } weekly ? weekly != BusinessDay.WeekdayOf(at) : !BusinessDay.Is(at)) continue;
            if (_books.PayOut(at, profile) is not { } payout) continue;
            var fails = ++_payouts % 97 == 40;
            At(at + 36_000, later => _books.SendPayout(later, payout));
            At(payout.ArrivalDate + 25_200, later => Arrive(later, payout, fails));
        }
    }

    private void Arrive(long at, Payout payout, bool fails)
    {
        if (fails) _books.PayoutFailed(at, payout);
        else _books.PayoutPaid(at, payout);
    }

    private long Days(int from, int to) => (_chance.Between(from, to) * BusinessDay.Seconds) + _chance.Below(30_000);
}
