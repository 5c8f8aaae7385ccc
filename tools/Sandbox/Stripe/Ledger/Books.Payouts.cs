namespace FinanceIntegrations.Sandbox.Stripe.Ledger;

/// <summary>Money to the bank.</summary>
internal sealed partial class Books
{
    /// <summary>
    /// Pays out what is available in one currency: every unpaid row is entered under the payout, and their net is its amount, exactly.
    /// Null when nothing, or less than nothing, is there.
    /// </summary>
    public Payout? PayOut(long at, CurrencyProfile profile)
    {
        at = Advance(at);
        Settle(at);
        var ready = _unpaid[profile.Code].Where(row => row.Available).ToList();
        var amount = ready.Sum(row => row.Net);
        if (amount <= 0) return null;

        var id = Id("po_1");
        var own = Post(new BalanceTransaction
        {
            Id = Id("txn_1"),
            Created = at,
            Type = "payout",
            ReportingCategory = "payout",
            Currency = profile.Code,
            Amount = -amount,
            AvailableOn = at,
            Source = id,
            Description = "STRIPE PAYOUT",
            Payout = id,
        });
        foreach (var row in ready)
        {
            row.Payout = id;
            BalanceTransactions.Enter(row, "payout", id);
        }
        _unpaid[profile.Code].RemoveAll(row => row.Available);
        var payout = Payouts.Add(new Payout
        {
            Id = id,
            Created = at,
            Currency = profile.Code,
            Amount = amount,
            ArrivalDate = BusinessDay.After(at, 1),
            Destination = BankAccounts[profile.Code],
            BalanceTransaction = own.Id,
            Descriptor = _settings.Descriptor,
        });
        Emit(at, "payout.created", payout);
        return payout;
    }

    /// <summary>
    /// Pays out what somebody asked for. No rows are entered under it; what it took is missing from the next automatic payout, which is why its
    /// own row goes there.
    /// </summary>
    public Payout PayOut(long at, PayoutOrder order)
    {
        at = Advance(at);
        var id = Id("po_1");
        var own = Post(new BalanceTransaction
        {
            Id = Id("txn_1"),
            Created = at,
            Type = "payout",
            ReportingCategory = "payout",
            Currency = order.Currency,
            Amount = -order.Amount,
            AvailableOn = at,
            Source = id,
            Description = order.Description,
        });
        _unpaid[order.Currency].Add(own);
        var payout = Payouts.Add(new Payout
        {
            Id = id,
            Created = at,
            Currency = order.Currency,
            Amount = order.Amount,
            ArrivalDate = order.Method == "instant" ? at : BusinessDay.After(at, 2),
            Destination = order.Destination,
            BalanceTransaction = own.Id,
            Description = order.Description,
            Descriptor = order.Descriptor,
            Method = order.Method,
            Automatic = false,
            Metadata = order.Metadata,
        });
        Emit(at, "payout.created", payout);
        return payout;
    }

    /// <summary>Before the bank has it. The money is available again at once.</summary>
    public void CancelPayout(long at, Payout payout)
    {
        at = Advance(at);
        var row = Post(new BalanceTransaction
        {
            Id = Id("txn_1"),
            Created = at,
            Type = "payout_cancel",
            ReportingCategory = "payout_reversal",
            Currency = payout.Currency,
            Amount = payout.Amount,
            AvailableOn = at,
            Source = payout.Id,
            Description = "STRIPE PAYOUT CANCEL",
        });
        var previous = $$"""{"status":"{{payout.Status}}","failure_balance_transaction":null}""";
        payout.Status = "canceled";
        payout.FailureBalanceTransaction = row.Id;
        payout.Changed();
        Emit(at, "payout.canceled", payout, previous);
    }

    public void SendPayout(long at, Payout payout)
    {
        payout.Status = "in_transit";
        payout.Changed();
        Emit(Advance(at), "payout.updated", payout, """{"status":"pending"}""");
    }

    public void PayoutPaid(long at, Payout payout)
    {
        at = Advance(at);
        var previous = $$"""{"status":"{{payout.Status}}"}""";
        payout.Status = "paid";
        payout.Changed();
        Emit(at, "payout.paid", payout, previous);
        if (payout.Automatic) Emit(at, "payout.reconciliation_completed", payout);
    }

    /// <summary>The bank sends the money back; it is available again at once, and goes out with the next payout.</summary>
    public void PayoutFailed(long at, Payout payout)
    {
        at = Advance(at);
        var previous = $$"""{"status":"{{payout.Status}}","failure_balance_transaction":null}""";
        var row = Post(new BalanceTransaction
        {
            Id = Id("txn_1"),
            Created = at,
            Type = "payout_failure",
            ReportingCategory = "payout_reversal",
            Currency = payout.Currency,
            Amount = payout.Amount,
            AvailableOn = at,
            Source = payout.Id,
            Description = "STRIPE PAYOUT FAILURE",
        });
        payout.Status = "failed";
        payout.FailureBalanceTransaction = row.Id;
        payout.Changed();
        Emit(at, "payout.failed", payout, previous);
    }
}
