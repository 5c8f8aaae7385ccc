using System.Text.Json.Serialization;

namespace FinanceIntegrations.Providers.PayPal;

// Wire records: what we read of PayPal's objects, as PayPal spells them (paypal.md §3–§5). What is not here is skipped, and stays in the raw
// row. A missing or mistyped required field rejects the row. Plain setters: `init` would cost an object array per row.

/// <summary>A row of /v1/reporting/transactions.</summary>
internal sealed class PayPalTransactionDetail
{
    [JsonRequired] public PayPalTransactionInfo TransactionInfo { get; set; } = new();
}

internal sealed class PayPalTransactionInfo
{
    [JsonRequired] public string TransactionId { get; set; } = "";
    [JsonRequired] public string TransactionEventCode { get; set; } = "";
    [JsonRequired] public string TransactionInitiationDate { get; set; } = "";
    public string? TransactionUpdatedDate { get; set; }
    [JsonRequired] public PayPalMoneyValue TransactionAmount { get; set; } = new();
    public PayPalMoneyValue? FeeAmount { get; set; }

    /// <summary><c>D</c> denied, <c>P</c> pending, <c>S</c> successful, <c>V</c> reversed.</summary>
    [JsonRequired] public string TransactionStatus { get; set; } = "";
    [JsonPropertyName("paypal_reference_id")] public string? ReferenceId { get; set; }
    public string? TransactionSubject { get; set; }
    public string? TransactionNote { get; set; }
}

/// <summary>Money in every API but Payouts.</summary>
internal sealed class PayPalMoneyValue
{
    [JsonRequired] public string CurrencyCode { get; set; } = "";
    [JsonRequired] public string Value { get; set; } = "";
}

/// <summary>The answer of /v1/reporting/balances.</summary>
internal sealed class PayPalBalances
{
    [JsonRequired] public List<PayPalBalanceDetail> Balances { get; set; } = [];
    public string? AccountId { get; set; }
    public string? AsOfTime { get; set; }
    public string? LastRefreshTime { get; set; }
}

internal sealed class PayPalBalanceDetail
{
    [JsonRequired] public string Currency { get; set; } = "";
    public bool? Primary { get; set; }
    [JsonRequired] public PayPalMoneyValue TotalBalance { get; set; } = new();
    public PayPalMoneyValue? AvailableBalance { get; set; }
    public PayPalMoneyValue? WithheldBalance { get; set; }
}

/// <summary>A dispute with its details: what a list, a look-up and an event carry are the same object, less or more of it.</summary>
internal sealed class PayPalDispute
{
    [JsonRequired] public string DisputeId { get; set; } = "";
    [JsonRequired] public string CreateTime { get; set; } = "";
    public string? UpdateTime { get; set; }
    [JsonRequired] public string Reason { get; set; } = "";
    [JsonRequired] public string Status { get; set; } = "";
    [JsonRequired] public PayPalMoneyValue DisputeAmount { get; set; } = new();
    public string? DisputeLifeCycleStage { get; set; }
    public string? SellerResponseDueDate { get; set; }
    public PayPalDisputeOutcome? DisputeOutcome { get; set; }
    public List<PayPalDisputedTransaction>? DisputedTransactions { get; set; }
    public List<PayPalEvidence>? Evidences { get; set; }
}

internal sealed class PayPalDisputeOutcome
{
    public string? OutcomeCode { get; set; }
}

internal sealed class PayPalDisputedTransaction
{
    public string? SellerTransactionId { get; set; }
}

internal sealed class PayPalEvidence
{
    public string? Source { get; set; }
    public string? Notes { get; set; }

    /// <summary>When it was received.</summary>
    public string? Date { get; set; }
}

/// <summary>A batch of payouts: what its making is answered by, and, with its items, its details.</summary>
internal sealed class PayPalPayoutBatch
{
    [JsonRequired] public PayPalPayoutBatchHeader BatchHeader { get; set; } = new();
    public List<PayPalPayoutItem>? Items { get; set; }
    public int? TotalItems { get; set; }
}

internal sealed class PayPalPayoutBatchHeader
{
    [JsonRequired] public string PayoutBatchId { get; set; } = "";
    [JsonRequired] public string BatchStatus { get; set; } = "";
    public PayPalBatchHeader? SenderBatchHeader { get; set; }
    public string? TimeCreated { get; set; }
    public PayPalPayoutMoney? Amount { get; set; }
}

internal sealed class PayPalPayoutItem
{
    [JsonRequired] public string PayoutItemId { get; set; } = "";
    public string? TransactionStatus { get; set; }
    public string? TransactionId { get; set; }
    public PayPalPayoutDetail? PayoutItem { get; set; }
    public PayPalPayoutTrouble? Errors { get; set; }
}

/// <summary>What was ordered.</summary>
internal sealed class PayPalPayoutDetail
{
    public PayPalPayoutMoney? Amount { get; set; }
    public string? Receiver { get; set; }
    public string? Note { get; set; }
}

/// <summary>Why an item is not paid. Stands at one that is unclaimed, too.</summary>
internal sealed class PayPalPayoutTrouble
{
    public string? Name { get; set; }
}

/// <summary>A page of the events that PayPal has told of. A resource of another kind has no batch.</summary>
internal sealed class PayPalToldEvents
{
    [JsonRequired] public List<PayPalToldEvent> Events { get; set; } = [];
    public List<PayPalLink>? Links { get; set; }
}

internal sealed class PayPalToldEvent
{
    [JsonRequired] public PayPalPayoutBatch Resource { get; set; } = new();
}

internal sealed class PayPalLink
{
    public string? Href { get; set; }
    public string? Rel { get; set; }
}

/// <summary>What a change of a dispute is answered by.</summary>
internal sealed class PayPalActed
{
    [JsonRequired] public List<PayPalLink> Links { get; set; } = [];
}

/// <summary>The token endpoint's answer (paypal.md §2). There is no refresh token to client credentials.</summary>
internal sealed class PayPalToken
{
    [JsonRequired] public string AccessToken { get; set; } = "";
    [JsonRequired] public long ExpiresIn { get; set; }
    public string? Scope { get; set; }
}

/// <summary>Who has logged in (paypal.md §2b). The payer id comes with the scope <c>paypalattributes</c>.</summary>
internal sealed class PayPalUser
{
    public string? PayerId { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PayPalTransactionDetail))]
[JsonSerializable(typeof(PayPalBalances))]
[JsonSerializable(typeof(PayPalDispute))]
[JsonSerializable(typeof(PayPalToken))]
[JsonSerializable(typeof(PayPalUser))]
[JsonSerializable(typeof(PayPalPayoutBatch))]
[JsonSerializable(typeof(PayPalPayoutItem))]
[JsonSerializable(typeof(PayPalToldEvents))]
[JsonSerializable(typeof(PayPalActed))]
internal sealed partial class PayPalJson : JsonSerializerContext;
