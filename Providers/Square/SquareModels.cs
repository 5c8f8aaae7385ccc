using System.Text.Json.Serialization;

namespace FinanceIntegrations.Providers.Square;

// Wire records: what we read of Square's objects, as Square spells them (square.md §4). What is not here is skipped, and stays in the raw
// row. Almost nothing is required by the specification; what we cannot do without is asked for by the mapping. Plain setters: `init` would
// cost an object array per row.

internal sealed class SquareAmount
{
    public long? Amount { get; set; }
    public string? Currency { get; set; }
    public string? CurrencyCode { get; set; }
}

internal sealed class SquareLocation
{
    [JsonRequired] public string Id { get; set; } = "";
    public string? Name { get; set; }
    public string? BusinessName { get; set; }
    public string? Status { get; set; }
    public string? Country { get; set; }
    public string? Currency { get; set; }
}

internal sealed class SquarePayment
{
    [JsonRequired] public string Id { get; set; } = "";
    [JsonRequired] public string Status { get; set; } = "";
    [JsonRequired] public string CreatedAt { get; set; } = "";
    public string? UpdatedAt { get; set; }
    public SquareAmount? AmountMoney { get; set; }
    public SquareAmount? TotalMoney { get; set; }
    public SquareAmount? AppFeeMoney { get; set; }
    public SquareAmount? RefundedMoney { get; set; }
    public List<SquareFee>? ProcessingFee { get; set; }
    public string? SourceType { get; set; }
    public SquareCardDetails? CardDetails { get; set; }
    public string? CustomerId { get; set; }
    public string? Note { get; set; }
}

internal sealed class SquareFee
{
    public SquareAmount? AmountMoney { get; set; }
}

internal sealed class SquareCardDetails
{
    public List<SquareFault>? Errors { get; set; }
}

internal sealed class SquareFault
{
    public string? Category { get; set; }
    public string? Code { get; set; }
}

internal sealed class SquareRefund
{
    [JsonRequired] public string Id { get; set; } = "";
    public string? Status { get; set; }
    [JsonRequired] public string CreatedAt { get; set; } = "";
    public string? UpdatedAt { get; set; }
    public SquareAmount? AmountMoney { get; set; }
    public SquareAmount? AppFeeMoney { get; set; }
    public List<SquareFee>? ProcessingFee { get; set; }
    public string? PaymentId { get; set; }
    public string? DestinationType { get; set; }
    public string? Reason { get; set; }
}

internal sealed class SquarePayout
{
    [JsonRequired] public string Id { get; set; } = "";
    public string? Status { get; set; }
    [JsonRequired] public string CreatedAt { get; set; } = "";
    public string? UpdatedAt { get; set; }
    public SquareAmount? AmountMoney { get; set; }
    public SquareDestination? Destination { get; set; }
    public string? Type { get; set; }
    public string? ArrivalDate { get; set; }
    public string? EndToEndId { get; set; }
}

internal sealed class SquareDestination
{
    public string? Id { get; set; }
}

internal sealed class SquareEntry
{
    [JsonRequired] public string Id { get; set; } = "";
    [JsonRequired] public string PayoutId { get; set; } = "";
    [JsonRequired] public string EffectiveAt { get; set; } = "";
    public string? Type { get; set; }
    public SquareAmount? GrossAmountMoney { get; set; }
    public SquareAmount? FeeAmountMoney { get; set; }
    public SquareAmount? NetAmountMoney { get; set; }

    /// <summary>Among them the one <c>type_…_details</c> of the entry: there are 25 of them, and the list is open.</summary>
    [JsonExtensionData] public Dictionary<string, System.Text.Json.JsonElement>? Others { get; set; }
}

internal sealed class SquareDispute
{
    public string? Id { get; set; }

    /// <summary>The old name of <see cref="Id"/>: old events carry only this.</summary>
    public string? DisputeId { get; set; }
    [JsonRequired] public string State { get; set; } = "";
    public string? Reason { get; set; }
    public SquareAmount? AmountMoney { get; set; }
    public string? CreatedAt { get; set; }
    public string? ReportedAt { get; set; }
    public string? UpdatedAt { get; set; }
    public string? DueAt { get; set; }
    public SquareDisputedPayment? DisputedPayment { get; set; }
    public List<string>? EvidenceIds { get; set; }
}

internal sealed class SquareDisputedPayment
{
    public string? PaymentId { get; set; }
}

/// <summary>What reading or changing one dispute is answered by.</summary>
internal sealed class SquareDisputeAnswer
{
    [JsonRequired] public SquareDispute Dispute { get; set; } = new();
}

internal sealed class SquareEvidenceList
{
    public List<SquareEvidence>? Evidence { get; set; }
    public string? Cursor { get; set; }
}

internal sealed class SquareEvidence
{
    public string? EvidenceText { get; set; }
    public string? UploadedAt { get; set; }
}

internal sealed class SquareEvidenceText
{
    public required string IdempotencyKey { get; init; }
    public required string EvidenceType { get; init; }
    public required string EvidenceText { get; init; }
}

internal sealed class SquareEvidenceFile
{
    public required string IdempotencyKey { get; init; }
    public required string EvidenceType { get; init; }
    public required string ContentType { get; init; }
}

/// <summary>oauth2/token's answer (square.md §2): moments, not seconds to live.</summary>
internal sealed class SquareToken
{
    [JsonRequired] public string AccessToken { get; set; } = "";
    public string? RefreshToken { get; set; }
    public string? ExpiresAt { get; set; }
    public string? RefreshTokenExpiresAt { get; set; }
    [JsonRequired] public string MerchantId { get; set; } = "";
}

internal sealed class SquareTokenRequest
{
    public required string ClientId { get; init; }
    public string? ClientSecret { get; init; }
    public required string GrantType { get; init; }
    public string? Code { get; init; }
    public string? RedirectUri { get; init; }
    public string? CodeVerifier { get; init; }
    public string? RefreshToken { get; init; }

    public override string ToString() => $"{GrantType} ***";
}

internal sealed class SquareRevokeRequest
{
    public required string ClientId { get; init; }
    public required string MerchantId { get; init; }
}

internal sealed class SquareTokenStatus
{
    public List<string>? Scopes { get; set; }
    public string? MerchantId { get; set; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SquareLocation))]
[JsonSerializable(typeof(SquarePayment))]
[JsonSerializable(typeof(SquareRefund))]
[JsonSerializable(typeof(SquarePayout))]
[JsonSerializable(typeof(SquareEntry))]
[JsonSerializable(typeof(SquareDispute))]
[JsonSerializable(typeof(SquareDisputeAnswer))]
[JsonSerializable(typeof(SquareEvidenceList))]
[JsonSerializable(typeof(SquareEvidenceText))]
[JsonSerializable(typeof(SquareEvidenceFile))]
[JsonSerializable(typeof(SquareToken))]
[JsonSerializable(typeof(SquareTokenRequest))]
[JsonSerializable(typeof(SquareRevokeRequest))]
[JsonSerializable(typeof(SquareTokenStatus))]
[JsonSerializable(typeof(SquareDerivation))]
internal sealed partial class SquareJson : JsonSerializerContext;
