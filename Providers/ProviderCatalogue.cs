using System.Collections.Frozen;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Webhooks;
using Microsoft.Extensions.DependencyInjection;

namespace FinanceIntegrations.Providers;

/// <param name="Configured">This deployment has the provider's keys: users can connect.</param>
public sealed record CatalogueEntry(ProviderInfo Info, bool Configured);

/// <summary>What this build knows of providers, without their keys: facts, and how their webhooks are read.</summary>
public sealed class ProviderCatalogue
{
    private readonly FrozenDictionary<ProviderId, CatalogueEntry> _entries;
    private readonly FrozenDictionary<ProviderId, IReadsWebhooks> _webhooks;

    public ProviderCatalogue(IEnumerable<CatalogueEntry> entries, IServiceProvider services)
    {
        All = [.. entries.DistinctBy(e => e.Info.Id)];
        _entries = All.ToFrozenDictionary(e => e.Info.Id);
        _webhooks = All
            .Select(e => (e.Info.Id, Reader: services.GetKeyedService<IReadsWebhooks>(e.Info.Id.Value)))
            .Where(p => p.Reader is not null)
            .ToFrozenDictionary(p => p.Id, p => p.Reader!);
    }

    /// <summary>Every provider with a connector, in the catalogue's order.</summary>
    public IReadOnlyList<CatalogueEntry> All { get; }

    /// <summary>Null: this build has no connector for it.</summary>
    public CatalogueEntry? Find(ProviderId provider) => _entries.GetValueOrDefault(provider);

    /// <summary>Null: the provider sends no webhooks that we take.</summary>
    public IReadsWebhooks? Webhooks(ProviderId provider) => _webhooks.GetValueOrDefault(provider);
}
