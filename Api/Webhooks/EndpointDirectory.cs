using System.Collections.Concurrent;
using System.Collections.Frozen;
using FinanceIntegrations.Data.Endpoints;
using FinanceIntegrations.Data.Webhooks;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Webhooks;
using FinanceIntegrations.Providers;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Api.Webhooks;

/// <summary>An endpoint as the hot path needs it: its secrets open, its filter ready.</summary>
internal sealed record LiveEndpoint(Guid Id, ProviderId Provider, WebhookSecret[] Secrets, FrozenSet<string>? EventTypes, long ReadAt)
{
    public bool Wants(string eventType) => EventTypes is null || EventTypes.Contains(eventType);
}

/// <summary>Endpoints, remembered for some seconds: a webhook costs no look-up. A change made by this process shows at once, by another within that time.</summary>
internal sealed class EndpointDirectory(
    EndpointLookup lookup, WebhookSecrets secrets, IOptions<WebhookSecretOptions> appSecrets, IOptions<WebhookOptions> options, TimeProvider clock)
    : IWebhookEndpointChanges
{
    private const int MaxRemembered = 100_000;   // endpoint ids come from the network; unknown ones are not remembered

    private readonly ConcurrentDictionary<ProviderId, LiveEndpoint> _ofApp = new();
    private readonly ConcurrentDictionary<Guid, LiveEndpoint> _own = new();

    public ValueTask<LiveEndpoint?> OfAppAsync(ProviderId provider, CancellationToken cancel) =>
        _ofApp.TryGetValue(provider, out var known) && IsFresh(known) ? new(known) : ReadOfAppAsync(provider, cancel);

    /// <summary>Null where the endpoint is not one of that provider.</summary>
    public ValueTask<LiveEndpoint?> FindAsync(ProviderId provider, Guid endpoint, CancellationToken cancel) =>
        _own.TryGetValue(endpoint, out var known) && known.Provider == provider && IsFresh(known) ? new(known) : ReadAsync(provider, endpoint, cancel);

    public void Changed(Guid endpointId) => _own.TryRemove(endpointId, out _);

    private bool IsFresh(LiveEndpoint endpoint) => clock.GetElapsedTime(endpoint.ReadAt) < options.Value.EndpointCache;

    private async ValueTask<LiveEndpoint?> ReadOfAppAsync(ProviderId provider, CancellationToken cancel)
    {
        var at = clock.GetTimestamp();
        if (await lookup.OfAppAsync(provider.Value, cancel) is not { } facts) return null;
        return _ofApp[provider] = new(facts.Id, provider, appSecrets.Value.For(provider).ToArray(), facts.EventTypes?.ToFrozenSet(), at);
    }

    private async ValueTask<LiveEndpoint?> ReadAsync(ProviderId provider, Guid endpoint, CancellationToken cancel)
    {
        var at = clock.GetTimestamp();
        if (await lookup.FindAsync(endpoint, cancel) is not { } facts || facts.Provider != provider.Value)
        {
            _own.TryRemove(endpoint, out _);
            return null;
        }
        var open = facts.SealedSecrets.Select(s => WebhookSecret.FromText(secrets.Open(endpoint, s))).ToArray();
        if (_own.Count > MaxRemembered) _own.Clear();
        return _own[endpoint] = new(facts.Id, provider, open, facts.EventTypes?.ToFrozenSet(), at);
    }
}
