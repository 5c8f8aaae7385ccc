using System.Text.Json;

namespace FinanceIntegrations.Sandbox.Stripe.Ledger;

internal sealed class Refund : StripeObject
{
    public required string Currency { get; init; }
    public required long Amount { get; init; }
    public required string Charge { get; init; }
    public required string PaymentIntent { get; init; }
    public required string BalanceTransaction { get; init; }
    public string? Reason { get; init; }
    public string? FailureBalanceTransaction { get; set; }

    public string Status => FailureBalanceTransaction is null ? "succeeded" : "failed";

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
        json.WriteString("object", "refund");
        json.WriteNumber("amount", Amount);
        json.WriteString("balance_transaction", BalanceTransaction);
        json.WriteString("charge", Charge);
        json.WriteNumber("created", Created);
        json.WriteString("currency", Currency);
        json.WriteStartObject("destination_details");
        json.WriteStartObject("card");
        json.WriteString("reference_status", "pending");
        json.WriteString("reference_type", "acquirer_reference_number");
        json.WriteString("type", "refund");
        json.WriteEndObject();
        json.WriteString("type", "card");
        json.WriteEndObject();
        if (FailureBalanceTransaction is not null)
        {
            json.WriteString("failure_balance_transaction", FailureBalanceTransaction);
            json.WriteString("failure_reason", "lost_or_stolen_card");
        }
        json.EmptyObject("metadata");
        json.WriteString("payment_intent", PaymentIntent);
        json.WriteString("reason", Reason);
        json.Nulls("receipt_number", "source_transfer_reversal");
        json.WriteString("status", Status);
        json.WriteNull("transfer_reversal");
    }
}
