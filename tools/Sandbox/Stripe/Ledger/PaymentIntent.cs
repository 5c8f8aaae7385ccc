using System.Text.Json;

namespace FinanceIntegrations.Sandbox.Stripe.Ledger;

internal sealed class PaymentIntent : StripeObject
{
    public required string Currency { get; init; }
    public required long Amount { get; init; }
    public required Customer Customer { get; init; }
    public required string PaymentMethod { get; init; }
    public required string Description { get; init; }
    public string? LatestCharge { get; set; }
    public string Status { get; set; } = "requires_confirmation";

    public override IEnumerable<(string, string?)> Keys => [("customer", Customer.Id)];

    public override string? Value(string field) => field == "customer" ? Customer.Id : null;

    protected override void Write(Utf8JsonWriter json)
    {
        json.WriteString("id", Id);
        json.WriteString("object", "payment_intent");
        json.WriteNumber("amount", Amount);
        json.WriteNumber("amount_capturable", 0);
        json.WriteStartObject("amount_details");
        json.EmptyObject("tip");
        json.WriteEndObject();
        json.WriteNumber("amount_received", Status == "succeeded" ? Amount : 0);
        json.Nulls("application", "application_fee_amount", "automatic_payment_methods", "canceled_at", "cancellation_reason");
        json.WriteString("capture_method", "automatic");
        json.WriteString("client_secret", $"{Id}_secret_sandbox");
        json.WriteString("confirmation_method", "automatic");
        json.WriteNumber("created", Created);
        json.WriteString("currency", Currency);
        json.WriteString("customer", Customer.Id);
        json.WriteString("description", Description);
        json.WriteNull("invoice");
        WriteLastError(json);
        json.WriteString("latest_charge", LatestCharge);
        json.WriteBoolean("livemode", false);
        json.EmptyObject("metadata");
        json.Nulls("next_action", "on_behalf_of");
        json.WriteString("payment_method", Status == "requires_payment_method" ? null : PaymentMethod);
        json.WriteNull("payment_method_configuration_details");
        json.EmptyObject("payment_method_options");
        json.WriteStartArray("payment_method_types");
        json.WriteStringValue("card");
        json.WriteEndArray();
        json.WriteNull("processing");
        json.WriteString("receipt_email", Customer.Email);
        json.Nulls("review", "setup_future_usage", "shipping", "source", "statement_descriptor", "statement_descriptor_suffix");
        json.WriteString("status", Status);
        json.Nulls("transfer_data", "transfer_group");
    }

    private void WriteLastError(Utf8JsonWriter json)
    {
        if (Status != "requires_payment_method")
        {
            json.WriteNull("last_payment_error");
            return;
        }
        json.WriteStartObject("last_payment_error");
        if (LatestCharge is not null) json.WriteString("charge", LatestCharge);
        json.WriteString("code", "card_declined");
        json.WriteString("decline_code", "generic_decline");
        json.WriteString("doc_url", "https://stripe.com/docs/error-codes/card-declined");
        json.WriteString("message", "Your card was declined.");
        json.WriteString("type", "card_error");
        json.WriteEndObject();
    }
}
