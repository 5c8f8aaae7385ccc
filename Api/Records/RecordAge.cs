using FinanceIntegrations.Api.Integrations;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers;

namespace FinanceIntegrations.Api.Records;

/// <summary>One page of records, with how far it can be trusted to be today's.</summary>
/// <param name="NextCursor">Null: there is nothing more.</param>
/// <param name="AsOf">Nothing that happened before is missing; null: never read to its end.</param>
/// <param name="Stale">It may be behind the provider: older than twice the schedule, or the connection brings nothing now.</param>
internal sealed record RecordPage<T>(IReadOnlyList<T> Items, string? NextCursor, DateTimeOffset? AsOf, bool Stale)
{
    /// <summary>Of a live look-up: why this is not the provider's answer of now.</summary>
    public string? StaleBecause { get; init; }
}

/// <summary>As of when an integration's records of one kind are whole, and whether that is long ago.</summary>
internal sealed class RecordAge(FreshnessReader freshness, ProviderCatalogue catalogue, TimeProvider clock)
{
    public Task<(DateTimeOffset? AsOf, bool Stale)> OfAsync(IntegrationRow integration, RecordKind kind, CancellationToken cancel) =>
        OfAsync(integration, stream => stream.Kind == kind, cancel);

    /// <summary>The same of payouts' entries.</summary>
    public Task<(DateTimeOffset? AsOf, bool Stale)> OfEntriesAsync(IntegrationRow integration, CancellationToken cancel) =>
        OfAsync(integration, stream => stream.TellsEntries, cancel);

    private async Task<(DateTimeOffset? AsOf, bool Stale)> OfAsync(IntegrationRow integration, Func<StreamInfo, bool> filling, CancellationToken cancel)
    {
        var asOf = await freshness.AsOfAsync(integration.Id, StreamsOf(integration.Provider, filling), cancel);
        var status = Words.TryParse<IntegrationStatus>(integration.Status, out var known) ? known : IntegrationStatus.Inactive;
        return (asOf, Freshness.IsStale(asOf, integration.SyncFrequencyMinutes, status, clock.GetUtcNow()));
    }

    private string[] StreamsOf(string provider, Func<StreamInfo, bool> filling) => ProviderId.TryParse(provider, out var id) && catalogue.Find(id) is { } entry
        ? [.. entry.Info.Streams.Where(filling).Select(s => s.Id)]
        : [];
}
