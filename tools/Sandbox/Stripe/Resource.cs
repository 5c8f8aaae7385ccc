using System.Collections.Frozen;
using FinanceIntegrations.Sandbox.Stripe.Ledger;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>A resource that can be listed: where it lies, what it is called in messages, and what its list may be filtered by.</summary>
internal sealed record Resource(string Path, string Noun, Func<Books, IShelf> Shelf, FrozenSet<string> Filters)
{
    public static readonly IReadOnlyList<Resource> All =
    [
        Of("balance_transactions", "balance_transaction", books => books.BalanceTransactions,
            "created", "currency", "payout", "source", "type"),
        Of("charges", "charge", books => books.Charges, "created", "customer", "payment_intent", "transfer_group"),
        Of("payment_intents", "payment_intent", books => books.PaymentIntents, "created", "customer"),
        Of("refunds", "refund", books => books.Refunds, "created", "charge", "payment_intent"),
        Of("payouts", "payout", books => books.Payouts, "arrival_date", "created", "destination", "status"),
        Of("disputes", "dispute", books => books.Disputes, "created", "charge", "payment_intent"),
        Of("files", "file upload", books => books.Files, "created", "purpose"),
        Of("events", "event", books => books.Events, "created", "type", "types", "delivery_success"),
    ];

    private static Resource Of(string name, string noun, Func<Books, IShelf> shelf, params string[] filters) =>
        new("/v1/" + name, noun, shelf, filters.ToFrozenSet());
}
