using FinanceIntegrations.Api.Integrations;
using FinanceIntegrations.Api.Lists;
using FinanceIntegrations.Data.Incidents;
using FinanceIntegrations.Domain.Incidents;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FinanceIntegrations.Api.Providers;

/// <summary>A provider as the catalogue knows it.</summary>
internal sealed record ProviderDocument
{
    /// <summary>As it stands in `provider` everywhere.</summary>
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required string IntegrationType { get; init; }

    /// <summary>This deployment has the provider's keys: users can connect.</summary>
    public required bool Configured { get; init; }

    /// <summary>False: the operator has switched the provider off; nothing of it is called.</summary>
    public required bool Enabled { get; init; }

    /// <summary>The provider's own trouble: many connections fail alike. Empty: none is known.</summary>
    public required IReadOnlyList<IncidentDocument> Incidents { get; init; }
    public required IReadOnlyList<string> Features { get; init; }
    public required IReadOnlyList<string> Scopes { get; init; }
    public required IReadOnlyList<StreamDocument> Streams { get; init; }

    /// <summary>Steps that an operator takes to get credentials.</summary>
    public required IReadOnlyList<string> SetUpHints { get; init; }
    public required IReadOnlyList<string> RequiredSettings { get; init; }
    public required Uri DocumentationUrl { get; init; }

    public static async Task<ProviderDocument> OfAsync(CatalogueEntry entry, ProviderFeatures features, IEnumerable<ProviderIncident> incidents) => new()
    {
        Id = entry.Info.Id.Value,
        Name = entry.Info.Name,
        IntegrationType = Words.Of(entry.Info.Type),
        Configured = entry.Configured,
        Enabled = await features.AllowsAsync(entry.Info.Id),
        Incidents = [.. incidents.Where(i => i.Provider == entry.Info.Id.Value).Select(i => new IncidentDocument(i.ErrorClass, i.Since, i.Affected))],
        Features = entry.Info.Features,
        Scopes = entry.Info.Scopes,
        Streams = await Task.WhenAll(entry.Info.Streams.Select(s => StreamDocument.OfAsync(entry.Info.Id, s, features))),
        SetUpHints = entry.Info.SetUpHints,
        RequiredSettings = entry.Info.RequiredSettings,
        DocumentationUrl = entry.Info.DocumentationUrl,
    };
}

/// <param name="Affected">The most connections that failed alike at one time.</param>
internal sealed record IncidentDocument(string ErrorClass, DateTimeOffset Since, int Affected);

/// <param name="Kind">The unified table that it fills: account, balance, transaction…</param>
/// <param name="Enabled">False: the operator has switched the stream off; it is not read.</param>
internal sealed record StreamDocument(string Id, string Kind, string Description, bool Enabled)
{
    public static async Task<StreamDocument> OfAsync(ProviderId provider, StreamInfo stream, ProviderFeatures features) =>
        new(stream.Id, Words.Of(stream.Kind), stream.Description, await features.AllowsAsync(provider, stream.Id));
}

internal static class ProviderList
{
    public static void MapProviders(this RouteGroupBuilder api) =>
        api.MapGet("/providers", List).WithName("ListProviders").WithSummary("The catalogue: what can be connected, and how");

    private static async Task<Ok<Page<ProviderDocument>>> List(
        ProviderCatalogue catalogue, ProviderFeatures features, IncidentStore incidents, CancellationToken cancel)
    {
        var open = await incidents.OpenAsync(cancel);
        return TypedResults.Ok(new Page<ProviderDocument>(await Task.WhenAll(catalogue.All.Select(e => ProviderDocument.OfAsync(e, features, open))), null));
    }
}
