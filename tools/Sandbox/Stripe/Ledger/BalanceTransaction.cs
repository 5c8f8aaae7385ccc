using System.Text.Json;

namespace FinanceIntegrations.Sandbox.Stripe.Ledger;

internal sealed class BalanceTransaction : StripeObject
{
    public required string Type { get; init; }
    public required string ReportingCategory { get; init; }
    public required string Currency { get; init; }
    public required long Amount { get; init; }
    public long Fee { get; init; }
    public string FeeDescription { get; init; } = "Stripe processing fees";
    public required long AvailableOn { get; init; }
    public string? Source { get; init; }
    public string? Description { get; init; }
    public bool Available { get; set; }

    /// <summary>The automatic payout that carried this row to the bank. Not on the wire; only a filter shows it.</summary>
    public string? Payout { get; set; }

    public long Net => Amount - Fee;

    public override IEnumerable<(string, string?)> Keys =>
        [("source", Source), ("type", Type), ("currency", Currency), ("payout", Payout)];

    public override string? Value(string field) => field switch
    {
        "source" => Source,
        "type" => Type,
        "currency" => Currency,
        "payout" => Payout,
        _ => null,
    };

    protected override void Write(Utf8JsonWriter json)
    {
        json.WriteString("id", Id);
        json.WriteString("object", "balance_transaction");
        json.WriteNumber("amount", Amount);
        json.WriteNumber("available_on", AvailableOn);
        json.WriteString("balance_type", "payments");
        json.WriteNumber("created", Created);
        json.WriteString("currency", Currency);
        json.WriteString("description", Description);
        json.WriteNull("exchange_rate");
        json.WriteNumber("fee", Fee);
        json.WriteStartArray("fee_details");
        if (Fee != 0)
        {
            json.WriteStartObject();
            json.WriteNumber("amount", Fee);
            json.WriteNull("application");
            json.WriteString("currency", Currency);
            json.WriteString("description", FeeDescription);
            json.WriteString("type", "stripe_fee");
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("net", Net);
        json.WriteString("reporting_category", ReportingCategory);
        json.WriteString("source", Source);
        json.WriteString("status", Available ? "available" : "pending");
        json.WriteString("type", Type);
    }
}
