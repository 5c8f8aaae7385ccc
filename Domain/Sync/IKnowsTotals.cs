using FinanceIntegrations.Domain.Providers;

namespace FinanceIntegrations.Domain.Sync;

/// <summary>A connector whose provider says what a stream's rows come to.</summary>
public interface IKnowsTotals
{
    bool HasTotals(string stream);

    /// <summary>What all rows of the stream come to now, by currency: of transactions, the sum of net.</summary>
    Task<ProviderResult<StreamTotals>> TotalsAsync(ProviderAccess access, string stream, CancellationToken cancel);
}

/// <param name="Net">By ISO 4217 code; a currency that is absent stands at nothing.</param>
public sealed record StreamTotals(IReadOnlyDictionary<string, decimal> Net)
{
    public bool Same(StreamTotals other) => Compare(other.Net).All(finding => finding.Agrees);

    /// <summary>These totals beside ours, currency by currency.</summary>
    public IReadOnlyList<TotalFinding> Compare(IReadOnlyDictionary<string, decimal> ours) =>
        [.. Net.Keys.Union(ours.Keys).Order(StringComparer.Ordinal).Select(c => new TotalFinding(c, Net.GetValueOrDefault(c), ours.GetValueOrDefault(c)))];
}
