using System.Text;
using FinanceIntegrations.Data.Sync;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;

namespace FinanceIntegrations.Data.Tests.Sync;

/// <summary>Records and pages with only what a test cares about.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Day = new(2026, 10, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>For what changed.</summary>
    public static Task<StreamProgress> OpenAsync(this SyncStore store, StreamKey key, CancellationToken cancel) => store.OpenAsync(key, new(PassMode.Delta), cancel);

    public static Transaction Transaction(string id, decimal amount = 10m, string currency = "GBP", int second = 0, int rank = 0,
        string note = "") => new()
        {
            ExternalId = id,
            Type = "charge",
            ProviderType = "charge",
            Status = "posted",
            Amount = amount,
            Fee = 0,
            Net = amount,
            Currency = currency,
            OccurredAt = Day,
            Description = note,
            AsOf = Day.AddSeconds(second),
            Rank = rank,
            Raw = Encoding.UTF8.GetBytes($$"""{ "id": "{{id}}", "second": {{second}}, "rank": {{rank}}, "note": "{{note}}" }"""),
        };

    /// <summary>Paid, by the provider's own schedule.</summary>
    public static Payout Payout(string id, decimal amount, int second = 0) => new()
    {
        ExternalId = id,
        Status = "paid",
        Amount = amount,
        Currency = "GBP",
        OccurredAt = Day,
        Automatic = true,
        AsOf = Day.AddSeconds(second),
        Raw = Encoding.UTF8.GetBytes($$"""{ "id": "{{id}}", "amount": "{{amount}}", "second": {{second}} }"""),
    };

    public static PayoutEntry Entry(string payout, string transaction, decimal net) => new()
    {
        ExternalId = PayoutEntry.IdOf(payout, transaction),
        PayoutId = payout,
        TransactionId = transaction,
        Type = "charge",
        ProviderType = "charge",
        Amount = net,
        Fee = 0,
        Net = net,
        Currency = "GBP",
        OccurredAt = Day,
        AsOf = Day,
        Raw = Encoding.UTF8.GetBytes($$"""{ "id": "{{transaction}}", "net": "{{net}}" }"""),
    };

    public static SyncPage Page(string cursor, params UnifiedRecord[] records) =>
        new() { Records = records, Cursor = cursor, EndOfPass = false, Bytes = 100 };

    public static RejectedRow Rejected(string raw, string? id = "odd") =>
        new(id, "bad_amount", "The amount is no number.", Encoding.UTF8.GetBytes(raw));
}
