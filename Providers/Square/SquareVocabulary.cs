namespace FinanceIntegrations.Providers.Square;

/// <summary>Square's words: what they are in ours, and how far along a life they stand (square.md §4, §5).</summary>
internal static class SquareVocabulary
{
    /// <summary>The states of a dispute in which something can still happen.</summary>
    public static readonly IReadOnlyList<string> OpenDisputes =
        ["INQUIRY_EVIDENCE_REQUIRED", "INQUIRY_PROCESSING", "EVIDENCE_REQUIRED", "PROCESSING"];

    /// <summary>Approved is held on the card and not taken yet. A word that we do not know is kept, in lower case like the others.</summary>
    public static string PaymentStatus(string status) => status switch
    {
        "APPROVED" or "PENDING" => "pending",
        "COMPLETED" => "succeeded",
        "CANCELED" => "canceled",
        "FAILED" => "failed",
        _ => Word(status),
    };

    public static int PaymentRank(string status) => status switch
    {
        "APPROVED" or "PENDING" => 1,
        "COMPLETED" => 4,
        "CANCELED" or "FAILED" => 5,
        _ => 3,
    };

    public static string RefundStatus(string? status) => status switch
    {
        null or "PENDING" => "pending",
        "COMPLETED" => "succeeded",
        "REJECTED" or "FAILED" => "failed",
        _ => Word(status),
    };

    public static int RefundRank(string? status) => status switch
    {
        null or "PENDING" => 1,
        "COMPLETED" => 4,
        "REJECTED" or "FAILED" => 5,
        _ => 3,
    };

    public static string PayoutStatus(string? status) => status switch
    {
        null or "SENT" => "in_transit",
        "PAID" => "paid",
        "FAILED" => "failed",
        _ => Word(status),
    };

    /// <summary><c>SENT → PAID | FAILED</c>, and what was paid can still come back.</summary>
    public static int PayoutRank(string? status) => status switch
    {
        null or "SENT" => 1,
        "PAID" => 4,
        "FAILED" => 5,
        _ => 3,
    };

    /// <summary>Accepted: the seller gave in, and the money is the payer's.</summary>
    public static string DisputeStatus(string state) => state switch
    {
        "INQUIRY_EVIDENCE_REQUIRED" => "warning_needs_response",
        "INQUIRY_PROCESSING" => "warning_under_review",
        "INQUIRY_CLOSED" => "warning_closed",
        "EVIDENCE_REQUIRED" => "needs_response",
        "PROCESSING" => "under_review",
        "WON" => "won",
        "LOST" or "ACCEPTED" => "lost",
        _ => Word(state),
    };

    public static int DisputeRank(string state) => state switch
    {
        "INQUIRY_EVIDENCE_REQUIRED" => 1,
        "INQUIRY_PROCESSING" => 2,
        "INQUIRY_CLOSED" => 3,
        "EVIDENCE_REQUIRED" => 4,
        "PROCESSING" => 5,
        "WON" or "LOST" or "ACCEPTED" => 9,
        _ => 6,
    };

    public static bool TakesEvidence(string state) => state is "INQUIRY_EVIDENCE_REQUIRED" or "EVIDENCE_REQUIRED";

    /// <summary>Of an entry of a payout; the list of types is open.</summary>
    public static string TransactionType(string type) => type switch
    {
        "CHARGE" => "charge",
        "REFUND" => "refund",
        "PAYOUT" => "payout",
        "RETURNED_PAYOUT" => "payout_reversal",
        "DISPUTE" or "OPEN_DISPUTE" => "dispute",
        "FEE" or "TAX_ON_FEE" or "DEPOSIT_FEE" or "DEPOSIT_FEE_REVERSED" or "PROCESSING_FEE" or "PROCESSING_FEE_REFUND"
            or "UNDO_PROCESSING_FEE_REFUND" or "THIRD_PARTY_FEE" or "THIRD_PARTY_FEE_REFUND" or "APP_FEE_REVENUE" or "APP_FEE_REFUND"
            or "PAID_SERVICE_FEE" or "PAID_SERVICE_FEE_REFUND" or "SUBSCRIPTION_FEE" or "SUBSCRIPTION_FEE_REFUND" or "SUBSCRIPTION_FEE_PAID_REFUND"
            or "GIFT_CARD_LOAD_FEE" or "GIFT_CARD_LOAD_FEE_REFUND" or "UNDO_GIFT_CARD_LOAD_FEE_REFUND" or "LOCAL_OFFERS_FEE" => "fee",
        "MONEY_TRANSFER" or "MONEY_TRANSFER_REVERSAL" or "AUTOMATIC_SAVINGS" or "AUTOMATIC_SAVINGS_REVERSED" or "BALANCE_FOLDERS_TRANSFER"
            or "BALANCE_FOLDERS_TRANSFER_REVERSED" or "GIFT_CARD_POOL_TRANSFER" or "GIFT_CARD_POOL_TRANSFER_REVERSED"
            or "SQUARE_PAYROLL_TRANSFER" or "SQUARE_PAYROLL_TRANSFER_REVERSED" => "transfer",
        "ADJUSTMENT" or "OTHER_ADJUSTMENT" or "HOLD_ADJUSTMENT" or "RELEASE_ADJUSTMENT" or "RESERVE_HOLD" or "RESERVE_RELEASE"
            or "INITIAL_BALANCE_CHANGE" => "adjustment",
        _ => "other",
    };

    /// <summary>Square holds the money of these, and pays it out; cash and other tills it only notes.</summary>
    public static bool PassesThroughSquare(string? sourceType) => sourceType is not ("CASH" or "EXTERNAL");

    private static string Word(string word) => word.ToLowerInvariant();
}
