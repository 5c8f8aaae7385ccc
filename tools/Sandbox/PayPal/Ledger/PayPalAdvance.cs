using System.Text.Json.Serialization;

namespace FinanceIntegrations.Sandbox.PayPal.Ledger;

/// <summary>What can happen to a merchant.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PayPalAdvance>))]
internal enum PayPalAdvance
{
    [JsonStringEnumMemberName("sale")] Sale,
    [JsonStringEnumMemberName("pending_sale")] PendingSale,
    [JsonStringEnumMemberName("refund")] Refund,
    [JsonStringEnumMemberName("withdrawal")] Withdrawal,
    [JsonStringEnumMemberName("settle")] Settle,
    [JsonStringEnumMemberName("dispute")] Dispute,
    [JsonStringEnumMemberName("dispute_resolved")] DisputeResolved,
}
