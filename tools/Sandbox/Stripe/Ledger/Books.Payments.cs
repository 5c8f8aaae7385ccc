namespace FinanceIntegrations.Sandbox.Stripe.Ledger;

/// <summary>Money from customers, and back to them.</summary>
internal sealed partial class Books
{
    /// <summary>A customer pays. With <paramref name="atOnce"/> the money skips the pending balance, as test cards can.</summary>
    public Charge TakePayment(long at, CurrencyProfile profile, bool declined = false, bool atOnce = false)
    {
        at = Advance(at);
        var payer = Chance.Below(Customers.Count);
        var amount = Chance.Pick(profile.Prices) * (Chance.Happens(0.15) ? Chance.Between(2, 5) : 1);
        var description = $"Order {1000 + Charges.Rows.Count}";
        var intent = PaymentIntents.Add(new PaymentIntent
        {
            Id = Id("pi_3"),
            Created = at,
            Currency = profile.Code,
            Amount = amount,
            Customer = Customers[payer],
            PaymentMethod = Id("pm_1"),
            Description = description,
        });
        Emit(at, "payment_intent.created", intent);
        var charge = new Charge
        {
            Id = Id("ch_3"),
            Created = at,
            Currency = profile.Code,
            Amount = amount,
            Customer = Customers[payer],
            Card = Cards[payer],
            PaymentIntent = intent.Id,
            PaymentMethod = intent.PaymentMethod,
            Description = description,
            Descriptor = _settings.Descriptor,
            Failed = declined,
        };
        Charges.Add(charge);
        if (!declined) charge.BalanceTransaction = PostCharge(at, charge, profile, atOnce).Id;
        intent.LatestCharge = charge.Id;
        intent.Status = declined ? "requires_payment_method" : "succeeded";
        intent.Changed();
        Emit(at, declined ? "charge.failed" : "charge.succeeded", charge);
        Emit(at, declined ? "payment_intent.payment_failed" : "payment_intent.succeeded", intent);
        return charge;
    }

    public Refund GiveBack(long at, Charge charge, long amount)
    {
        at = Advance(at);
        var id = Id("re_3");
        var row = Post(new BalanceTransaction
        {
            Id = Id("txn_3"),
            Created = at,
            Type = "refund",
            ReportingCategory = "refund",
            Currency = charge.Currency,
            Amount = -amount,
            AvailableOn = at,
            Source = id,
            Description = $"REFUND FOR CHARGE ({charge.Description})",
        });
        var refund = Refunds.Add(new Refund
        {
            Id = id,
            Created = at,
            Currency = charge.Currency,
            Amount = amount,
            Charge = charge.Id,
            PaymentIntent = charge.PaymentIntent,
            BalanceTransaction = row.Id,
            Reason = Chance.Happens(0.7) ? "requested_by_customer" : null,
        });
        var previous = $$"""{"amount_refunded":{{charge.Refunded}}}""";
        charge.Refunded += amount;
        charge.Changed();
        Emit(at, "refund.created", refund);
        Emit(at, "charge.refunded", charge, previous);
        return refund;
    }

    /// <summary>The customer's bank sends a refund back.</summary>
    public void RefundFailed(long at, Refund refund)
    {
        at = Advance(at);
        var row = Post(new BalanceTransaction
        {
            Id = Id("txn_3"),
            Created = at,
            Type = "refund_failure",
            ReportingCategory = "refund_failure",
            Currency = refund.Currency,
            Amount = refund.Amount,
            AvailableOn = at,
            Source = refund.Id,
            Description = "REFUND FAILURE",
        });
        refund.FailureBalanceTransaction = row.Id;
        refund.Changed();
        var charge = Charges.Find(refund.Charge)!;
        charge.Refunded -= refund.Amount;
        charge.Changed();
        Emit(at, "refund.failed", refund, """{"status":"succeeded"}""");
    }

    /// <summary>Stripe's own monthly bill, taken from the balance.</summary>
    public BalanceTransaction PayFee(long at, CurrencyProfile profile) => Post(new BalanceTransaction
    {
        Id = Id("txn_1"),
        Created = Advance(at),
        Type = "stripe_fee",
        ReportingCategory = "fee",
        Currency = profile.Code,
        Amount = -profile.MonthlyFee,
        AvailableOn = at,
        Description = "Billing - Usage Fee",
    });

    private BalanceTransaction PostCharge(long at, Charge charge, CurrencyProfile profile, bool atOnce) => Post(new BalanceTransaction
    {
        Id = Id("txn_3"),
        Created = at,
        Type = "charge",
        ReportingCategory = "charge",
        Currency = charge.Currency,
        Amount = charge.Amount,
        Fee = profile.FeeOn(charge.Amount),
        AvailableOn = atOnce ? at : BusinessDay.After(at, 2),
        Source = charge.Id,
        Description = charge.Description,
    });
}
