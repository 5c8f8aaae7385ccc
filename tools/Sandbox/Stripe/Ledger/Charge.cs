using System.Text.Json;

namespace FinanceIntegrations.Sandbox.Stripe.Ledger;

internal sealed class Charge : StripeObject
{
    public required string Currency { get; init; }
    public required long Amount { get; init; }
    public required Customer Customer { get; init; }
    public required Card Card { get; init; }
    public required string PaymentIntent { get; init; }
    public required string PaymentMethod { get; init; }
    public required string Description { get; init; }
    public required string Descriptor { get; init; }
    public bool Failed { get; init; }
    public string? BalanceTransaction { get; set; }
    public long Refunded { get; set; }
    public bool Disputed { get; set; }

    /// <summary>What a refund may still take.</summary>
    public long Refundable => Failed || Disputed ? 0 : Amount - Refunded;

    public override IEnumerable<(string, string?)> Keys => [("customer", Customer.Id), ("payment_intent", PaymentIntent)];

    public override string? Value(string field) => field switch
    {
        "customer" => Customer.Id,
        "payment_intent" => PaymentIntent,
        _ => null,
    };

    protected override void Write(Utf8JsonWriter json)
    {
        json.WriteString("id", Id);
        json.WriteString("object", "charge");
        json.WriteNumber("amount", Amount);
        json.WriteNumber("amount_captured", Failed ? 0 : Amount);
        json.WriteNumber("amount_refunded", Refunded);
        json.Nulls("application", "application_fee", "application_fee_amount");
        json.WriteString("balance_transaction", BalanceTransaction);
        Customer.WriteBillingDetails(json);
        json.WriteString("calculated_statement_descriptor", Descriptor);
        json.WriteBoolean("captured", !Failed);
        json.WriteNumber("created", Created);
        json.WriteString("currency", Currency);
        json.WriteString("customer", Customer.Id);
        json.WriteString("description", Description);
        json.WriteBoolean("disputed", Disputed);
        json.WriteNull("failure_balance_transaction");
        json.WriteString("failure_code", Failed ? "card_declined" : null);
        json.WriteString("failure_message", Failed ? "Your card was declined." : null);
        json.EmptyObject("fraud_details");
        json.WriteNull("invoice");
        json.WriteBoolean("livemode", false);
        json.EmptyObject("metadata");
        json.WriteNull("on_behalf_of");
        WriteOutcome(json);
        json.WriteBoolean("paid", !Failed);
        json.WriteString("payment_intent", PaymentIntent);
        json.WriteString("payment_method", PaymentMethod);
        Card.WritePaymentMethodDetails(json, Amount);
        json.EmptyObject("radar_options");
        json.WriteString("receipt_email", Customer.Email);
        json.Nulls("receipt_number");
        json.WriteString("receipt_url", $"https://pay.stripe.com/receipts/payment/{Id}");
        json.WriteBoolean("refunded", Refunded == Amount);
        json.Nulls("review", "shipping", "source", "source_transfer", "statement_descriptor", "statement_descriptor_suffix");
        json.WriteString("status", Failed ? "failed" : "succeeded");
        json.Nulls("transfer_data", "transfer_group");
    }

    private void WriteOutcome(Utf8JsonWriter json)
    {
        json.WriteStartObject("outcome");
        json.Nulls("advice_code", "network_advice_code", "network_decline_code");
        json.WriteString("network_status", Failed ? "declined_by_network" : "approved_by_network");
        json.WriteString("reason", Failed ? "generic_decline" : null);
        json.WriteString("risk_level", "normal");
        json.WriteNumber("risk_score", 1 + (Amount % 60));
        json.WriteString("seller_message", Failed ? "The bank did not return any further details with this decline." : "Payment complete.");
        json.WriteString("type", Failed ? "issuer_declined" : "authorized");
        json.WriteEndObject();
    }
}
