using System.Collections.Frozen;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Webhooks;
using Microsoft.Extensions.DependencyInjection;

namespace FinanceIntegrations.Providers;

/// <summary>The connectors themselves, by provider. Only where <see cref="ProviderServices.AddProviders"/> was called.</summary>
public sealed class ProviderRegistry
{
    private readonly FrozenDictionary<ProviderId, IConnector> _connectors;
    private readonly FrozenDictionary<ProviderId, IAuthorizes> _authorizers;
    private readonly FrozenDictionary<ProviderId, IWrites> _writers;
    private readonly ProviderCatalogue _catalogue;

    public ProviderRegistry(IEnumerable<IConnector> connectors, ProviderCatalogue catalogue, IServiceProvider services)
    {
        _catalogue = catalogue;
        All = [.. connectors];
        _connectors = All.ToFrozenDictionary(c => c.Info.Id);
        _authorizers = All
            .Select(c => (c.Info.Id, Authorizer: services.GetKeyedService<IAuthorizes>(c.Info.Id.Value)))
            .Where(p => p.Authorizer is not null)
            .ToFrozenDictionary(p => p.Id, p => p.Authorizer!);
        _writers = All
            .Select(c => (c.Info.Id, Writer: services.GetKeyedService<IWrites>(c.Info.Id.Value)))
            .Where(p => p.Writer is not null)
            .ToFrozenDictionary(p => p.Id, p => p.Writer!);
    }

    public IReadOnlyList<IConnector> All { get; }

    /// <summary>Null: this build has no connector for it.</summary>
    public IConnector? Find(ProviderId provider) => _connectors.GetValueOrDefault(provider);

    /// <summary>Null: its users do not consent by OAuth.</summary>
    public IAuthorizes? Authorizer(ProviderId provider) => _authorizers.GetValueOrDefault(provider);

    /// <summary>Null: nothing can be changed there. Whether this deployment lets it: <see cref="ProviderFeatures.AllowsWriteAsync"/>.</summary>
    public IWrites? Writer(ProviderId provider) => _writers.GetValueOrDefault(provider);

    /// <summary>Null: the provider sends no webhooks that we take.</summary>
    public IReadsWebhooks? Webhooks(ProviderId provider) => _catalogue.Webhooks(provider);
}
