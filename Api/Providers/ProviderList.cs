using FinanceIntegrations.Api.Integrations;
using FinanceIntegrations.Api.Lists;
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
    public required IReadOnlyList<string> Features { get; init; }
    public required IReadOnlyList<string> Scopes { get; init; }
    public required IReadOnlyList<StreamDocument> Streams { get; init; }

    /// <summary>Steps that an operator takes to get credentials.</summary>
    public required IReadOnlyList<string> SetUpHints { get; init; }
    public required IReadOnlyList<string> RequiredSettings { get; init; }
    public required Uri DocumentationUrl { get; init; }

    public static ProviderDocument Of(CatalogueEntry entry) => new()
    {
        Id = entry.Info.Id.Value,
        Name = entry.Info.Name,
        IntegrationType = Words.Of(entry.Info.Type),
        Configured = entry.Configured,
        Features = entry.Info.Features,
        Scopes = entry.Info.Scopes,
        Streams = [.. entry.Info.Streams.Select(s => new StreamDocument(s.Id, Words.Of(s.Kind), s.Description))],
        SetUpHints = entry.Info.SetUpHints,
        RequiredSettings = entry.Info.RequiredSettings,
        DocumentationUrl = entry.Info.DocumentationUrl,
    };
}

/// <param name="Kind">The unified table that it fills: account, balance, transaction…</param>
internal sealed record StreamDocument(string Id, string Kind, string Description);

internal static class ProviderList
{
    public static void MapProviders(this RouteGroupBuilder api) =>
        api.MapGet("/providers", List).WithName("ListProviders").WithSummary("The catalogue: what can be connected, and how");

    private static Ok<Page<ProviderDocument>> List(ProviderCatalogue catalogue) =>
        TypedResults.Ok(new Page<ProviderDocument>([.. catalogue.All.Select(ProviderDocument.Of)], null));
}
