using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers.Transport;

namespace FinanceIntegrations.Providers.Stripe;

/// <summary>A list's page, as it is being mapped.</summary>
internal sealed class ReadPage(ProviderAnswer answer, bool hasMore)
{
    public List<UnifiedRecord> Records { get; private set; } = new(StripeApi.PageSize);

    public List<RejectedRow> Rejected { get; } = [];

    public bool HasMore => hasMore;

    public DateTimeOffset Date => answer.Date;

    public int Bytes => answer.Body.Length;

    /// <summary>Lowest <c>created</c> of the page's rows, unix seconds; null where none could be read.</summary>
    public long? Oldest => Records.Select(OccurredAt).Min()?.ToUnixTimeSeconds();

    /// <summary>Where the next page goes on.</summary>
    public string? LastId { get; private set; }

    public void Take(StripeRow row, string? id)
    {
        if (row.Record is { } record) Records.Add(record);
        if (row.Rejected is { } rejected) Rejected.Add(rejected);
        LastId = id ?? LastId;
    }

    private static DateTimeOffset? OccurredAt(UnifiedRecord record) => record switch
    {
        Transaction t => t.OccurredAt,
        Payment p => p.OccurredAt,
        Payout p => p.OccurredAt,
        Dispute d => d.OccurredAt,
        _ => null,
    };

    public void KeepNewest()
    {
        var newest = new Dictionary<string, UnifiedRecord>(Records.Count, StringComparer.Ordinal);
        foreach (var record in Records)
            if (!newest.TryGetValue(record.ExternalId, out var held) || (held.AsOf, held.Rank).CompareTo((record.AsOf, record.Rank)) < 0)
                newest[record.ExternalId] = record;
        if (newest.Count < Records.Count) Records = [.. newest.Values];
    }

    /// <summary>A page that leads to itself would be read for ever.</summary>
    public ProviderResult<ReadPage> Checked(string? after) =>
        hasMore && (LastId is null || LastId == after) ? StripeErrors.Unreadable(answer, "pagination_stuck") : this;
}
