using System.Text.Json;

namespace FinanceIntegrations.Sandbox.Stripe.Ledger;

/// <summary>A payout asked for by hand, known to be right. The amount is in minor units.</summary>
internal sealed record PayoutOrder(long Amount, string Currency, string Destination)
{
    public string Method { get; init; } = "standard";
    public string? Description { get; init; }
    public string? Descriptor { get; init; }
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}

internal sealed class Payout : StripeObject
{
    public required string Currency { get; init; }
    public required long Amount { get; init; }
    public required long ArrivalDate { get; init; }
    public required string Destination { get; init; }
    public required string BalanceTransaction { get; init; }
    public required string? Descriptor { get; init; }
    public string? Description { get; init; } = "STRIPE PAYOUT";
    public string Method { get; init; } = "standard";

    /// <summary>False: somebody asked for it, by hand or through the API.</summary>
    public bool Automatic { get; init; } = true;
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
    public string Status { get; set; } = "pending";
    public string? FailureBalanceTransaction { get; set; }

    public bool Open => Status is "pending" or "in_transit";

    public override IEnumerable<(string, string?)> Keys => [("destination", Destination)];

    public override string? Value(string field) => field switch
    {
        "destination" => Destination,
        "status" => Status,
        _ => null,
    };

    public override long Time(string field) => field == "arrival_date" ? ArrivalDate : Created;

    protected override void Write(Utf8JsonWriter json)
    {
        var failed = Status == "failed";
        json.WriteString("id", Id);
        json.WriteString("object", "payout");
        json.WriteNumber("amount", Amount);
        json.Nulls("application_fee", "application_fee_amount");
        json.WriteNumber("arrival_date", ArrivalDate);
        json.WriteBoolean("automatic", Automatic);
        json.WriteString("balance_transaction", BalanceTransaction);
        json.WriteNumber("created", Created);
        json.WriteString("currency", Currency);
        json.WriteString("description", Description);
        json.WriteString("destination", Destination);
        json.WriteString("failure_balance_transaction", FailureBalanceTransaction);
        json.WriteString("failure_code", failed ? "account_closed" : null);
        json.WriteString("failure_message", failed ? "The bank account has been closed." : null);
        json.WriteBoolean("livemode", false);
        json.Texts("metadata", Metadata);
        json.WriteString("method", Method);
        json.Nulls("original_payout", "payout_method");
        json.WriteString("reconciliation_status", !Automatic ? "not_applicable" : Open ? "in_progress" : "completed");
        json.WriteNull("reversed_by");
        json.WriteString("source_type", "card");
        json.WriteString("statement_descriptor", Descriptor);
        json.WriteString("status", Status);
        json.WriteStartObject("trace_id");
        json.WriteString("status", Status == "paid" ? "supported" : "pending");
        json.WriteString("value", Status == "paid" ? Id[^12..].ToUpperInvariant() : null);
        json.WriteEndObject();
        json.WriteString("type", "bank_account");
    }
}
