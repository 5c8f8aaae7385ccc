using FinanceIntegrations.Data.Disputes;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Grains.Abstractions;
using FinanceIntegrations.Providers;

namespace FinanceIntegrations.Api.Disputes;

/// <summary>All disputes of an integration.</summary>
/// <param name="Currencies">One of each currency that there is a dispute in.</param>
internal sealed record DisputeSummary(IReadOnlyList<DisputeSums> Currencies);

/// <summary>Disputes as the health document shows them.</summary>
internal sealed class DisputeSummaries(DisputeMoney money, ProviderCatalogue catalogue)
{
    /// <returns>Null: the provider shows no disputes.</returns>
    public async Task<DisputesView?> OfAsync(IntegrationRow integration, CancellationToken cancel)
    {
        var shown = ProviderId.TryParse(integration.Provider, out var id) && catalogue.Find(id) is { } entry && entry.Info.Streams.Any(s => s.Kind == RecordKind.Dispute);
        if (!shown) return null;
        var sums = await money.SumsAsync(integration.Id, cancel);
        return new(
            sums.Sum(one => one.Open.Count), sums.Sum(one => one.NeedsResponse.Count),
            [.. sums.Where(one => one.Open.Count > 0).Select(one => new MoneyView(one.Currency, one.Open.Amount))],
            sums.Min(one => one.NextDueAt));
    }
}
