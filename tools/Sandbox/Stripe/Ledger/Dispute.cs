using System.Text.Json;

namespace FinanceIntegrations.Sandbox.Stripe.Ledger;

internal sealed class Dispute : StripeObject
{
    /// <summary>What can be said or shown. The documents among it are ids of files.</summary>
    public static readonly IReadOnlyList<string> EvidenceFields =
    [
        "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure", "cancellation_rebuttal",
        "customer_communication", "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature",
        "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id", "product_description", "receipt",
        "refund_policy", "refund_policy_disclosure", "refund_refusal_explanation", "service_date", "service_documentation",
        "shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number",
        "uncategorized_file", "uncategorized_text",
    ];

    /// <summary>Those of them that are ids of files.</summary>
    public static readonly IReadOnlyList<string> FileFields =
    [
        "cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation", "receipt", "refund_policy",
        "service_documentation", "shipping_documentation", "uncategorized_file",
    ];

    public required string Currency { get; init; }
    public required long Amount { get; init; }
    public required string Charge { get; init; }
    public required string PaymentIntent { get; init; }
    public required string Reason { get; init; }
    public required string Brand { get; init; }
    public required long DueBy { get; init; }
    public required bool Inquiry { get; init; }
    public required string Status { get; set; }
    public List<BalanceTransaction> BalanceTransactions { get; } = [];
    public SortedDictionary<string, string> Evidence { get; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>How often evidence went to the bank.</summary>
    public int Submissions { get; set; }

    public bool Open => Status is not ("won" or "lost" or "warning_closed");

    /// <summary>It waits for us: evidence can be given.</summary>
    public bool Answerable => Status is "needs_response" or "warning_needs_response";

    public override IEnumerable<(string, string?)> Keys => [("charge", Charge), ("payment_intent", PaymentIntent)];

    public override string? Value(string field) => field switch
    {
        "charge" => Charge,
        "payment_intent" => PaymentIntent,
        _ => null,
    };

    protected override void Write(Utf8JsonWriter json)
    {
        json.WriteString("id", Id);
        json.WriteString("object", "dispute");
        json.WriteNumber("amount", Amount);
        json.WriteStartArray("balance_transactions");
        foreach (var row in BalanceTransactions) json.WriteRawValue(row.Json, skipInputValidation: true);
        json.WriteEndArray();
        json.WriteString("charge", Charge);
        json.WriteNumber("created", Created);
        json.WriteString("currency", Currency);
        json.EmptyArray("enhanced_eligibility_types");
        json.WriteStartObject("evidence");
        foreach (var name in EvidenceFields) json.WriteString(name, Evidence.GetValueOrDefault(name));
        json.EmptyObject("enhanced_evidence");
        json.WriteEndObject();
        json.WriteStartObject("evidence_details");
        json.WriteNumber("due_by", DueBy);
        json.EmptyObject("enhanced_eligibility");
        json.WriteBoolean("has_evidence", Submissions > 0 || Evidence.Count > 0);
        json.WriteBoolean("past_due", false);
        json.WriteNumber("submission_count", Submissions);
        json.WriteEndObject();
        json.WriteBoolean("is_charge_refundable", Inquiry && Open);
        json.WriteBoolean("livemode", false);
        json.Texts("metadata", Metadata);
        json.WriteString("payment_intent", PaymentIntent);
        json.WriteStartObject("payment_method_details");
        json.WriteStartObject("card");
        json.WriteString("brand", Brand);
        json.WriteString("case_type", Inquiry ? "inquiry" : "chargeback");
        json.WriteString("network_reason_code", "10.4");
        json.WriteEndObject();
        json.WriteString("type", "card");
        json.WriteEndObject();
        json.WriteString("reason", Reason);
        json.WriteString("status", Status);
    }
}
