using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;

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
    public const string PayoutEntries = "payout_entries";
    public const string Disputes = "disputes";

    /// <summary>Stripe keeps events for 30 days: what changed in silence is found by reading everything as often.</summary>
    private static readonly StreamPolicy Listed = new() { Window = TimeSpan.FromDays(90), FullEvery = TimeSpan.FromDays(30) };

    public static readonly IReadOnlyList<StreamInfo> All =
    [
        new(Accounts, RecordKind.Account, "The connected Stripe account.") { Policy = StreamPolicy.Snapshot with { Every = TimeSpan.FromDays(1) } },
        new(Balances, RecordKind.Balance, "Available, pending and reserved money, per currency.") { Policy = StreamPolicy.Snapshot },
        new(Transactions, RecordKind.Transaction, "Every movement on the balance, with its fee.") { Policy = Listed },
        new(Charges, RecordKind.Payment, "Payments taken.") { Policy = Listed, RowType = "charge" },
        new(Refunds, RecordKind.Payment, "Payments given back.") { Policy = Listed, RowType = "refund" },
        new(Payouts, RecordKind.Payout, "Money sent to the bank.") { Policy = Listed },
        new(PayoutEntries, RecordKind.PayoutEntry, "Which movements are in which automatic payout.") { Policy = Listed, TellsEntries = true },
        new(Disputes, RecordKind.Dispute, "Payments that the payer's bank asks back.") { Policy = Listed },
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

    /// <summary>Rows and events can show up some seconds after the time that they carry; what is read twice is written once.</summary>
    public static long Overlap => (long)Listed.Overlap.TotalSeconds;

    /// <summary>Where a stream's rows are listed.</summary>
    public static (string Resource, StripeObject Object) ListOf(string stream) => stream == Transactions
        ? ("balance_transactions", StripeObject.BalanceTransaction)
        : Follow(stream) is { } followed
            ? (followed.Id, followed.Object)
            : throw new ArgumentException($"Stripe has no list of '{stream}'.", nameof(stream));

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
