namespace FinanceIntegrations.Sandbox.Stripe.Ledger;

/// <summary>Payments that customers contest with their bank.</summary>
internal sealed partial class Books
{
    private static readonly string[] Reasons =
        ["fraudulent", "product_not_received", "duplicate", "subscription_canceled", "product_unacceptable", "credit_not_processed"];

    /// <summary>An inquiry moves no money; a chargeback takes amount and fee at once.</summary>
    public Dispute OpenDispute(long at, Charge charge, bool inquiry)
    {
        at = Advance(at);
        var dispute = Disputes.Add(new Dispute
        {
            Id = Id("dp_1"),
            Created = at,
            Currency = charge.Currency,
            Amount = charge.Amount - charge.Refunded,
            Charge = charge.Id,
            PaymentIntent = charge.PaymentIntent,
            Reason = Chance.Pick(Reasons),
            Brand = charge.Card.Brand,
            Inquiry = inquiry,
            DueBy = BusinessDay.Midnight(at) + (Chance.Between(7, 21) * BusinessDay.Seconds) - 1,
            Status = inquiry ? "warning_needs_response" : "needs_response",
        });
        charge.Disputed = true;
        charge.Changed();
        if (!inquiry) Withdraw(at, dispute);
        Emit(at, "charge.dispute.created", dispute);
        if (!inquiry) Emit(at, "charge.dispute.funds_withdrawn", dispute);
        return dispute;
    }

    public void AnswerDispute(long at, Dispute dispute)
    {
        var previous = $$"""{"status":"{{dispute.Status}}"}""";
        dispute.Status = dispute.Inquiry ? "warning_under_review" : "under_review";
        dispute.Submissions++;
        dispute.Changed();
        Emit(Advance(at), "charge.dispute.updated", dispute, previous);
    }

    /// <summary>Evidence is kept, but not handed in; or metadata changed.</summary>
    public void NoteOnDispute(long at, Dispute dispute)
    {
        dispute.Changed();
        Emit(Advance(at), "charge.dispute.updated", dispute);
    }

    /// <summary>No event tells of it.</summary>
    public UploadedFile Keep(long at, string name, string purpose, string type, byte[] content) => Files.Add(new()
    {
        Id = Id("file_1"),
        Created = Advance(at),
        Name = name,
        Purpose = purpose,
        Type = type,
        Content = content,
    });

    public void CloseDispute(long at, Dispute dispute, bool won)
    {
        at = Advance(at);
        var previous = $$"""{"status":"{{dispute.Status}}"}""";
        dispute.Status = dispute.Inquiry ? "warning_closed" : won ? "won" : "lost";
        if (dispute.Status == "won") Reinstate(at, dispute);
        dispute.Changed();
        Emit(at, "charge.dispute.closed", dispute, previous);
        if (dispute.Status == "won") Emit(at, "charge.dispute.funds_reinstated", dispute);
    }

    private void Withdraw(long at, Dispute dispute) => dispute.BalanceTransactions.Add(Post(new BalanceTransaction
    {
        Id = Id("txn_1"),
        Created = at,
        Type = "adjustment",
        ReportingCategory = "dispute",
        Currency = dispute.Currency,
        Amount = -dispute.Amount,
        Fee = CurrencyProfile.Of(dispute.Currency).DisputeFee,
        FeeDescription = "Dispute fee",
        AvailableOn = at,
        Source = dispute.Id,
        Description = $"Chargeback withdrawal for {dispute.Charge}",
    }));

    private void Reinstate(long at, Dispute dispute) => dispute.BalanceTransactions.Add(Post(new BalanceTransaction
    {
        Id = Id("txn_1"),
        Created = at,
        Type = "adjustment",
        ReportingCategory = "dispute_reversal",
        Currency = dispute.Currency,
        Amount = dispute.Amount,
        AvailableOn = at,
        Source = dispute.Id,
        Description = $"Chargeback reversal for {dispute.Charge}",
    }));
}
