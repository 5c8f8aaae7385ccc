using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;

namespace FinanceIntegrations.Providers.Stripe;

/// <summary>A stream that is a list of changing objects: listed whole once, then followed through /v1/events (stripe.md §3).</summary>
/// <param name="Events">Event types that carry the object; at most 20 fit one call.</param>
internal sealed record StripeEventStream(string Id, StripeObject Object, IReadOnlyList<string> Events);

internal static class StripeStreams
{
    public const string Accounts = "accounts";
    public const string Balances = "balances";
    public const string Transactions = "transactions";
    public const string Charges = "charges";
    public const string Refunds = "refunds";
    public const string Payouts = "payouts";
    public const string Disputes = "disputes";

    public static readonly IReadOnlyList<StreamInfo> All =
    [
        new(Accounts, RecordKind.Account, "The connected Stripe account."),
        new(Balances, RecordKind.Balance, "Available, pending and reserved money, per currency."),
        new(Transactions, RecordKind.Transaction, "Every movement on the balance, with its fee."),
        new(Charges, RecordKind.Payment, "Payments taken."),
        new(Refunds, RecordKind.Payment, "Payments given back."),
        new(Payouts, RecordKind.Payout, "Money sent to the bank."),
        new(Disputes, RecordKind.Dispute, "Payments that the payer's bank asks back."),
    ];

    private static readonly StripeEventStream[] Followed =
    [
        new(Charges, StripeObject.Charge,
        [
            "charge.captured", "charge.expired", "charge.failed", "charge.pending", "charge.refunded", "charge.succeeded", "charge.updated",
        ]),
        new(Refunds, StripeObject.Refund, ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"]),
        new(Payouts, StripeObject.Payout,
            ["payout.created", "payout.updated", "payout.paid", "payout.failed", "payout.canceled", "payout.reconciliation_completed"]),
        new(Disputes, StripeObject.Dispute,
        [
            "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed",
            "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
        ]),
    ];

    /// <summary>Null for the streams that are not followed through events.</summary>
    public static StripeEventStream? Follow(string stream) => Array.Find(Followed, s => s.Id == stream);

    /// <summary>What the rows of a stream are; of the balances, one object gives several.</summary>
    public static StripeObject ObjectOf(string stream) => stream switch
    {
        Accounts => StripeObject.Account,
        Transactions => StripeObject.BalanceTransaction,
        _ when Follow(stream) is { } followed => followed.Object,
        _ => throw new ArgumentException($"Stripe has no stream '{stream}' of single objects.", nameof(stream)),
    };
}
