using System.Text.Json;
using System.Text.Json.Serialization;

namespace FinanceIntegrations.Providers.Stripe;

// Wire records: what we read of Stripe's objects, as Stripe spells them (stripe.md §4). What is not here is skipped, and stays in the raw
// row. A missing or mistyped required field rejects the row. Plain setters: `init` would cost an object array per row.

internal abstract class StripeWire
{
    /// <summary>What it is, in Stripe's word.</summary>
    public string? Object { get; set; }
}

internal sealed class StripeBalanceTransaction : StripeWire
{
    [JsonRequired] public string Id { get; set; } = "";
    [JsonRequired] public long Amount { get; set; }
    [JsonRequired] public long Fee { get; set; }
    [JsonRequired] public long Net { get; set; }
    [JsonRequired] public string Currency { get; set; } = "";
    [JsonRequired] public long Created { get; set; }
    public long? AvailableOn { get; set; }
    [JsonRequired] public string Status { get; set; } = "";
    [JsonRequired] public string Type { get; set; } = "";
    public string? ReportingCategory { get; set; }
    [JsonConverter(typeof(ExpandableId))] public string? Source { get; set; }
    public string? Description { get; set; }
}

internal sealed class StripePayout : StripeWire
{
    [JsonRequired] public string Id { get; set; } = "";
    [JsonRequired] public long Amount { get; set; }
    [JsonRequired] public string Currency { get; set; } = "";
    [JsonRequired] public long Created { get; set; }
    public long? ArrivalDate { get; set; }
    [JsonRequired] public string Status { get; set; } = "";
    public string? Method { get; set; }
    public bool? Automatic { get; set; }
    [JsonConverter(typeof(ExpandableId))] public string? Destination { get; set; }
    [JsonConverter(typeof(ExpandableId))] public string? BalanceTransaction { get; set; }
    public string? FailureCode { get; set; }
    public string? Description { get; set; }
}

/// <summary>A payout, as far as it says whether its movements can be asked for.</summary>
internal sealed class StripeReconcilable : StripeWire
{
    [JsonRequired] public string Id { get; set; } = "";
    public bool? Automatic { get; set; }

    /// <summary><c>completed</c> · <c>in_progress</c> · <c>not_applicable</c>.</summary>
    public string? ReconciliationStatus { get; set; }
}

/// <summary>An entry of a payout that did not fit, as it is parked: the row itself does not say its payout.</summary>
internal sealed class StripeParkedEntry
{
    [JsonRequired] public string Payout { get; set; } = "";
    [JsonRequired] public JsonElement Entry { get; set; }
}

internal sealed class StripeDispute : StripeWire
{
    [JsonRequired] public string Id { get; set; } = "";
    [JsonRequired] public long Amount { get; set; }
    [JsonRequired] public string Currency { get; set; } = "";
    [JsonRequired] public long Created { get; set; }
    [JsonRequired] public string Status { get; set; } = "";
    [JsonRequired] public string Reason { get; set; } = "";
    [JsonConverter(typeof(ExpandableId))] public string? Charge { get; set; }
    public StripeEvidenceDetails? EvidenceDetails { get; set; }
}

internal sealed class StripeEvidenceDetails
{
    public long? DueBy { get; set; }
    public bool? HasEvidence { get; set; }
    public bool? PastDue { get; set; }
    public int? SubmissionCount { get; set; }
}

internal sealed class StripeCharge : StripeWire
{
    [JsonRequired] public string Id { get; set; } = "";
    [JsonRequired] public long Amount { get; set; }
    public long? AmountRefunded { get; set; }
    [JsonRequired] public string Currency { get; set; } = "";
    [JsonRequired] public long Created { get; set; }
    [JsonRequired] public string Status { get; set; } = "";
    public bool? Captured { get; set; }
    public bool? Refunded { get; set; }
    public bool? Disputed { get; set; }
    [JsonConverter(typeof(ExpandableId))] public string? BalanceTransaction { get; set; }
    [JsonConverter(typeof(ExpandableId))] public string? Customer { get; set; }
    public string? FailureCode { get; set; }
    public string? Description { get; set; }
}

internal sealed class StripeRefund : StripeWire
{
    [JsonRequired] public string Id { get; set; } = "";
    [JsonRequired] public long Amount { get; set; }
    [JsonRequired] public string Currency { get; set; } = "";
    [JsonRequired] public long Created { get; set; }

    /// <summary>Null for some old payment methods (OpenAPI: nullable).</summary>
    public string? Status { get; set; }

    [JsonConverter(typeof(ExpandableId))] public string? Charge { get; set; }
    [JsonConverter(typeof(ExpandableId))] public string? BalanceTransaction { get; set; }
    [JsonConverter(typeof(ExpandableId))] public string? Customer { get; set; }
    public string? FailureReason { get; set; }
    public string? Description { get; set; }
}

internal sealed class StripeBalance : StripeWire
{
    [JsonRequired] public List<StripeBalanceAmount> Available { get; set; } = [];
    [JsonRequired] public List<StripeBalanceAmount> Pending { get; set; } = [];
    public List<StripeBalanceAmount>? ConnectReserved { get; set; }
}

internal sealed class StripeBalanceAmount
{
    [JsonRequired] public long Amount { get; set; }
    [JsonRequired] public string Currency { get; set; } = "";
}

internal sealed class StripeAccount : StripeWire
{
    [JsonRequired] public string Id { get; set; } = "";
    public bool? ChargesEnabled { get; set; }
    public bool? PayoutsEnabled { get; set; }
    public string? Country { get; set; }
    public string? DefaultCurrency { get; set; }
    public StripeBusinessProfile? BusinessProfile { get; set; }
    public StripeAccountSettings? Settings { get; set; }
    public StripeRequirements? Requirements { get; set; }
}

internal sealed class StripeBusinessProfile
{
    public string? Name { get; set; }
}

internal sealed class StripeAccountSettings
{
    public StripeDashboardSettings? Dashboard { get; set; }
}

internal sealed class StripeDashboardSettings
{
    public string? DisplayName { get; set; }
}

internal sealed class StripeRequirements
{
    public string? DisabledReason { get; set; }
}

/// <summary>A payout or a dispute, as far as an order of ours shows in it.</summary>
internal sealed class StripeOrdered : StripeWire
{
    [JsonRequired] public string Id { get; set; } = "";
    [JsonRequired] public string Status { get; set; } = "";
    public Dictionary<string, string>? Metadata { get; set; }
    public StripeEvidenceDetails? EvidenceDetails { get; set; }
}

/// <summary>A file that was uploaded.</summary>
internal sealed class StripeUploaded : StripeWire
{
    [JsonRequired] public string Id { get; set; } = "";
}

/// <summary>An event, as far as it tells which request it comes of.</summary>
internal sealed class StripeCaused : StripeWire
{
    [JsonRequired] public StripeCausedData Data { get; set; } = new();

    /// <summary>Null where it happened by itself.</summary>
    public StripeCause? Request { get; set; }
}

internal sealed class StripeCausedData
{
    [JsonRequired] public StripeCausedObject Object { get; set; } = new();
}

internal sealed class StripeCausedObject
{
    [JsonRequired] public string Id { get; set; } = "";
}

internal sealed class StripeCause
{
    public string? IdempotencyKey { get; set; }
}

/// <summary>oauth/token (stripe.md §2). There is no <c>expires_in</c>.</summary>
internal sealed class StripeToken
{
    [JsonRequired] public string AccessToken { get; set; } = "";
    public string? RefreshToken { get; set; }
    public string? Scope { get; set; }
    [JsonRequired] public string StripeUserId { get; set; } = "";
    public bool? Livemode { get; set; }
}

/// <summary>A reference that Stripe sends as an id, or expanded as the object that has the id.</summary>
internal sealed class ExpandableId : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String) return reader.GetString();
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("Neither an id nor an object.");
        string? id = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isId = reader.ValueTextEquals("id"u8);
            reader.Read();
            if (isId && reader.TokenType == JsonTokenType.String) id = reader.GetString();
            else reader.Skip();
        }
        return id;
    }

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StripeBalanceTransaction))]
[JsonSerializable(typeof(StripePayout))]
[JsonSerializable(typeof(StripeReconcilable))]
[JsonSerializable(typeof(StripeParkedEntry))]
[JsonSerializable(typeof(StripeDispute))]
[JsonSerializable(typeof(StripeCharge))]
[JsonSerializable(typeof(StripeRefund))]
[JsonSerializable(typeof(StripeBalance))]
[JsonSerializable(typeof(StripeAccount))]
[JsonSerializable(typeof(StripeToken))]
[JsonSerializable(typeof(StripeOrdered))]
[JsonSerializable(typeof(StripeCaused))]
[JsonSerializable(typeof(StripeUploaded))]
internal sealed partial class StripeJson : JsonSerializerContext;
