using System.Collections.Concurrent;
using System.Collections.Frozen;
using FinanceIntegrations.Api.OAuth;
using FinanceIntegrations.Data;
using FinanceIntegrations.Data.Endpoints;
using FinanceIntegrations.Data.Webhooks;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Webhooks;
using FinanceIntegrations.Providers;
using Microsoft.Extensions.Options;
using Npgsql;

namespace FinanceIntegrations.Api.Webhooks;

/// <summary>An endpoint as the hot path needs it: its secrets open, its filter ready.</summary>
internal sealed record LiveEndpoint(Guid Id, ProviderId Provider, WebhookSecret[] Secrets, FrozenSet<string>? EventTypes)
{
    public bool Wants(string eventType) => EventTypes is null || EventTypes.Contains(eventType);
}

/// <summary>
/// Endpoints, remembered for some seconds: a webhook costs no look-up, and however many wait for one, it is made once.
/// A change made by this process shows at once, by another within that time.
/// </summary>
internal sealed partial class EndpointDirectory(
    EndpointLookup lookup, WebhookSecrets secrets, IOptions<WebhookSecretOptions> appSecrets, IOptions<WebhookOptions> options,
    IOptions<ApiOptions> api, TimeProvider clock, ILogger<EndpointDirectory> log)
    : IWebhookEndpointChanges
{
    private const int MaxRemembered = 100_000;   // endpoint ids come from the network; unknown ones are not remembered

    private readonly ConcurrentDictionary<ProviderId, Reading> _ofApp = new();
    private readonly ConcurrentDictionary<Guid, Reading> _own = new();

    /// <exception cref="NpgsqlException">The database is away, and the log says so: once, however many wait.</exception>
    public ValueTask<LiveEndpoint?> OfAppAsync(ProviderId provider) =>
        _ofApp.TryGetValue(provider, out var known) && IsUsable(known)
            ? new(known.Endpoint.Value)
            : new(Renew(_ofApp, provider, known, () => ReadOfAppAsync(provider)));

    /// <summary>Null where the endpoint is not one of that provider.</summary>
    /// <exception cref="NpgsqlException">As above.</exception>
    public async ValueTask<LiveEndpoint?> FindAsync(ProviderId provider, Guid endpoint)
    {
        var found = await (_own.TryGetValue(endpoint, out var known) && IsUsable(known)
            ? known.Endpoint.Value
            : Renew(_own, endpoint, known, () => ReadAsync(endpoint)));
        return found?.Provider == provider ? found : null;
    }

    public void Changed(Guid endpointId) => _own.TryRemove(endpointId, out _);

    /// <summary>Fresh, and found or still being read.</summary>
    private bool IsUsable(Reading known) =>
        clock.GetElapsedTime(known.At) < options.Value.EndpointCache && known.Endpoint.Value is { IsCompleted: false } or { IsCompletedSuccessfully: true };

    private Task<LiveEndpoint?> Renew<TKey>(
        ConcurrentDictionary<TKey, Reading> remembered, TKey key, Reading? known, Func<Task<LiveEndpoint?>> read) where TKey : notnull
    {
        var fresh = new Reading(clock.GetTimestamp(), new(() => LoggedAsync(read)));
        if (remembered.Count > MaxRemembered) remembered.Clear();
        var winner = known is not null && remembered.TryUpdate(key, fresh, known) ? fresh : remembered.GetOrAdd(key, fresh);
        return winner.Endpoint.Value;
    }

    private async Task<LiveEndpoint?> LoggedAsync(Func<Task<LiveEndpoint?>> read)
    {
        try
        {
            return await read();
        }
        catch (NpgsqlException away)
        {
            LogLookUpFailed(away);
            throw;
        }
    }

    private async Task<LiveEndpoint?> ReadOfAppAsync(ProviderId provider)
    {
        if (await DatabaseFaults.OnceMoreAsync(() => lookup.OfAppAsync(provider.Value, CancellationToken.None)) is { } facts)
        {
            var address = api.Value.Address($"/api/integrations/webhooks/{provider}");
            var open = appSecrets.Value.For(provider).ToArray().Select(s => s with { Url = s.Url ?? address }).ToArray();
            return new(facts.Id, provider, open, facts.EventTypes?.ToFrozenSet());
        }
        _ofApp.TryRemove(provider, out _);
        return null;
    }

    private async Task<LiveEndpoint?> ReadAsync(Guid endpoint)
    {
        if (await DatabaseFaults.OnceMoreAsync(() => lookup.FindAsync(endpoint, CancellationToken.None)) is not { } facts
            || !ProviderId.TryParse(facts.Provider, out var provider))
        {
            _own.TryRemove(endpoint, out _);
            return null;
        }
        // The address that the endpoint's document shows, and its owner has entered at the provider.
        var address = api.Value.Address($"/api/integrations/webhooks/{provider}/{endpoint}");
        var open = facts.SealedSecrets.Select(s => WebhookSecret.FromText(secrets.Open(endpoint, s)) with { Url = address }).ToArray();
        return new(facts.Id, provider, open, facts.EventTypes?.ToFrozenSet());
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A webhook endpoint could not be looked up; whoever sent to it was told to send again")]
    private partial void LogLookUpFailed(NpgsqlException away);

    private sealed record Reading(long At, Lazy<Task<LiveEndpoint?>> Endpoint);
}
