namespace FinanceIntegrations.Providers.PayPal;

/// <summary>PayPal's words: what they are in ours, and how far along a life they stand (paypal.md §4, §5).</summary>
internal static class PayPalVocabulary
{
    /// <summary>By the event code's group, and by code where a group holds both. The list is open: an unknown code is <c>other</c>.</summary>
    public static string TransactionType(string code, bool incoming) => code switch
    {
        "T1107" => "refund",
        "T1106" or "T1201" => "dispute",
        "T1202" => "dispute_reversal",
        _ => Group(code) switch
        {
            "T00" => incoming ? "charge" : "transfer",
            "T01" => "fee",
            "T02" or "T03" => "transfer",
            "T04" => incoming ? "payout_reversal" : "payout",
            "T11" or "T12" or "T15" => "adjustment",
            _ => "other",
        },
    };

    /// <summary>A withdrawal to the merchant's own bank.</summary>
    public static bool IsWithdrawal(string code) => Group(code) == "T04";

    /// <summary>A withdrawal by PayPal's own schedule.</summary>
    public static bool IsSweep(string code) => code == "T0401";

    /// <summary>Pending becomes successful or denied; what was successful can be reversed.</summary>
    public static int TransactionRank(string status) => status switch
    {
        "P" => 1,
        "S" => 3,
        "D" => 4,
        "V" => 5,
        _ => 2,
    };

    public static string PayoutStatus(string status) => status switch
    {
        "P" => "in_transit",
        "S" => "paid",
        "D" or "V" => "failed",
        _ => status,
    };

    /// <summary>Of a payout to somebody: as its item stands, and before it has one, its batch. What nobody claims is on its way for 30 days.</summary>
    /// <param name="calledBack">Its cancellation was ordered here: PayPal's word for that is the same as for what nobody claimed.</param>
    public static string PayoutToOthersStatus(string batch, string? item, bool calledBack) => (item, batch) switch
    {
        ("SUCCESS", _) => "paid",
        ("PENDING" or "UNCLAIMED" or "ONHOLD", _) => "in_transit",
        ("RETURNED", _) when calledBack => "canceled",
        (null, "CANCELED") => "canceled",
        ("FAILED" or "BLOCKED" or "RETURNED" or "REFUNDED" or "REVERSED", _) or (null, "DENIED") => "failed",
        (null, "PENDING") => "pending",
        (null, "PROCESSING" or "SUCCESS") => "in_transit",
        _ => Lower(item ?? batch),
    };

    /// <summary>Ends can be undone: what was paid comes back.</summary>
    public static int PayoutToOthersRank(string status) => status switch
    {
        "pending" => 1,
        "in_transit" => 3,
        "paid" => 5,
        "failed" => 7,
        "canceled" => 8,
        _ => 2,
    };

    /// <summary>The stage INQUIRY is a question before there is a claim. A resolved dispute without its outcome is not told to be won or lost.</summary>
    public static string DisputeStatus(string status, string? stage, string? outcome)
    {
        var inquiry = stage == "INQUIRY";
        return status switch
        {
            "RESOLVED" => outcome switch
            {
                "RESOLVED_SELLER_FAVOUR" or "CANCELED_BY_BUYER" or "DENIED" or "RESOLVED_WITH_PAYOUT" => "won",
                "RESOLVED_BUYER_FAVOUR" or "ACCEPTED" => "lost",
                _ => "resolved",
            },
            "WAITING_FOR_SELLER_RESPONSE" => inquiry ? "warning_needs_response" : "needs_response",
            "OPEN" or "WAITING_FOR_BUYER_RESPONSE" or "UNDER_REVIEW" => inquiry ? "warning_under_review" : "under_review",
            _ => Lower(status),
        };
    }

    public static int DisputeRank(string status) => status switch
    {
        "OPEN" => 1,
        "WAITING_FOR_SELLER_RESPONSE" => 3,
        "WAITING_FOR_BUYER_RESPONSE" => 4,
        "UNDER_REVIEW" => 5,
        "RESOLVED" => 9,
        _ => 2,
    };

    private static string Group(string code) => code.Length >= 3 ? code[..3] : code;

    private static string Lower(string word) => string.Create(word.Length, word, static (span, from) =>
    {
        for (var i = 0; i < span.Length; i++) span[i] = char.ToLowerInvariant(from[i]);
    });
}
