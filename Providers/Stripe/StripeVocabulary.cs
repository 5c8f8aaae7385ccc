namespace FinanceIntegrations.Providers.Stripe;

/// <summary>Stripe's words: what they are in ours, and how far along a life they stand (stripe.md §4, §5).</summary>
internal static class StripeVocabulary
{
    /// <summary>By <c>reporting_category</c>, which Stripe keeps small; by type where an old rendering has none.</summary>
    public static string TransactionType(string? reportingCategory, string type) => (reportingCategory ?? type) switch
    {
        "charge" or "payment" => "charge",
        "refund" or "payment_refund" or "partial_capture_reversal" => "refund",
        "payout" => "payout",
        "payout_reversal" or "payout_cancel" or "payout_failure" => "payout_reversal",
        "dispute" => "dispute",
        "dispute_reversal" => "dispute_reversal",
        "fee" or "stripe_fee" or "application_fee" or "network_cost" or "tax" or "tax_fee" => "fee",
        "transfer" or "transfer_reversal" or "connect_collection_transfer"
            or "topup" or "topup_reversal" or "inbound_transfer" => "transfer",
        "other_adjustment" or "adjustment" or "refund_failure" or "charge_failure"
            or "risk_reserved_funds" or "connect_reserved_funds" or "reserved_funds" => "adjustment",
        _ => "other",
    };

    /// <summary><c>pending → in_transit → paid | failed | canceled</c>, and paid can still turn failed.</summary>
    public static int PayoutRank(string status) => status switch
    {
        "pending" => 1,
        "in_transit" => 2,
        "paid" => 4,
        "failed" or "canceled" => 5,
        _ => 3,
    };

    public static int DisputeRank(string status) => status switch
    {
        "warning_needs_response" => 1,
        "warning_under_review" => 2,
        "warning_closed" or "prevented" => 3,
        "needs_response" => 4,
        "under_review" => 5,
        "appeal_needs_response" => 7,
        "appeal_under_review" => 8,
        "won" or "lost" => 9,
        _ => 6,
    };

    /// <summary>Stripe calls a hold on a card a success (<c>captured</c> false): no money is taken before it is captured, and none at all once it is released.</summary>
    public static string ChargeStatus(StripeCharge charge) =>
        charge is not { Status: "succeeded", Captured: false } ? charge.Status : charge.Refunded == true ? "canceled" : "pending";

    /// <summary>Each fact that is added later in a charge's life counts one.</summary>
    public static int ChargeRank(StripeCharge charge) =>
        (charge.Status switch { "pending" => 0, "failed" => 4, _ => 3 })
        + (charge.Captured == true ? 1 : 0)
        + (charge.BalanceTransaction is not null ? 1 : 0)
        + (charge.AmountRefunded > 0 ? 1 : 0)
        + (charge.Refunded == true ? 1 : 0)
        + (charge.Disputed == true ? 1 : 0);

    public static int RefundRank(string? status) => status switch
    {
        "pending" => 1,
        "requires_action" => 2,
        "succeeded" or null => 4,
        "failed" or "canceled" => 5,
        _ => 3,
    };

    /// <summary>False once evidence was handed in or the matter is decided. A word that we do not know may still ask for it.</summary>
    public static bool TakesEvidence(string status) => status is not
        ("warning_under_review" or "warning_closed" or "under_review" or "won" or "lost" or "prevented" or "appeal_under_review");

    /// <summary>The object that an event of this type carries; null where it is none of ours.</summary>
    public static StripeObject? Carried(string eventType) => eventType switch
    {
        "charge.refund.updated" => StripeObject.Refund,
        "account.updated" => StripeObject.Account,
        _ when eventType.StartsWith("payout.", StringComparison.Ordinal) => StripeObject.Payout,
        _ when eventType.StartsWith("charge.dispute.", StringComparison.Ordinal) => StripeObject.Dispute,
        _ when eventType.StartsWith("charge.", StringComparison.Ordinal) => StripeObject.Charge,
        _ when eventType.StartsWith("refund.", StringComparison.Ordinal) => StripeObject.Refund,
        _ => null,
    };
}
