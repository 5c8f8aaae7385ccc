using FinanceIntegrations.Api.Auditing;
using FinanceIntegrations.Api.Auth;
using FinanceIntegrations.Api.Lists;
using FinanceIntegrations.Api.OAuth;
using FinanceIntegrations.Api.Problems;
using FinanceIntegrations.Data.Endpoints;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Auditing;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Api.WebhookEndpoints;

/// <summary>An integration's own webhook endpoints and their secrets.</summary>
internal static class WebhookEndpointEndpoints
{
    private const int DefaultOverlapHours = 24;

    public static void MapWebhookEndpoints(this RouteGroupBuilder integration)
    {
        var endpoints = integration.MapGroup("/webhook-endpoints").WithTags("Webhook endpoints");
        endpoints.MapGet("/", List).WithName("ListWebhookEndpoints").WithSummary("List webhook endpoints");
        endpoints.MapPost("/", Create).WithName("CreateWebhookEndpoint").WithSummary("Create a webhook endpoint")
            .ProducesValidationProblem();
        endpoints.MapGet("/{endpoint:guid}", Get).WithName("GetWebhookEndpoint").WithSummary("Read a webhook endpoint");
        endpoints.MapPut("/{endpoint:guid}", Update).WithName("UpdateWebhookEndpoint").WithSummary("Replace a webhook endpoint's definition")
            .Audited(AuditActions.EndpointChanged)
            .ProducesValidationProblem();
        endpoints.MapDelete("/{endpoint:guid}", Delete).Audited(AuditActions.EndpointDeleted).WithName("DeleteWebhookEndpoint")
            .WithSummary("Delete a webhook endpoint and its events");
        endpoints.MapPost("/{endpoint:guid}/rotate-secret", Rotate).Audited(AuditActions.SecretRotated).WithName("RotateWebhookSecret")
            .WithSummary("Put a new secret in force; the old one is taken for the overlap")
            .WithDescription("Refused with `rotation_under_way` during the overlap of the last rotation, lest the secret that the provider still signs with is "
                + "cut off: `replaces_last` keeps that one, `overlap_hours: 0` ends all older ones. The `secret` in force given again changes nothing.")
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Results<Ok<Page<WebhookEndpointDocument>>, ProblemHttpResult>> List(
        [AsParameters] PageQuery page, OwnedIntegration integration, WebhookEndpointStore store, IOptions<ApiOptions> api,
        CancellationToken cancel)
    {
        if (page.Read(Positions.NewestGuid, out var after) is { } refused) return refused;
        var rows = await store.ListAsync(integration.Id, after, page.Size + 1, cancel);
        return TypedResults.Ok(page.Of(rows, r => Show(r, api.Value), r => new Position<Guid>(r.CreatedAt, r.Id)));
    }

    private static async Task<Results<Created<WebhookEndpointDocument>, ProblemHttpResult>> Create(
        CreateWebhookEndpointRequest request, OwnedIntegration integration, ProviderCatalogue catalogue, WebhookEndpointStore store,
        WebhookSecrets secrets, IWebhookEndpointChanges changes, IOptions<ApiOptions> api, TimeProvider clock, HttpContext http, CancellationToken cancel)
    {
        if (!ProviderId.TryParse(integration.Row.Provider, out var provider) || catalogue.Webhooks(provider) is null)
            return Problem.Of(StatusCodes.Status400BadRequest, "webhooks_not_supported", "The provider sends no webhooks that we take.");
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var secret = request.Secret ?? NewSecret.Make();
        await http.AuditAsync(AuditActions.EndpointCreated, $"{id}");
        var row = await store.CreateAsync(id, integration.Id, provider.Value, request.Definition, secrets.Seal(id, secret), now, cancel);
        changes.Changed(id);
        return TypedResults.Created($"/api/integrations/{integration.Id}/webhook-endpoints/{id}",
            Show(row, api.Value, request.Secret is null ? secret : null));
    }

    private static async Task<Results<Ok<WebhookEndpointDocument>, ProblemHttpResult>> Get(
        Guid endpoint, OwnedIntegration integration, WebhookEndpointStore store, IOptions<ApiOptions> api, CancellationToken cancel) =>
        await store.FindAsync(integration.Id, endpoint, cancel) is { } row
            ? TypedResults.Ok(Show(row, api.Value))
            : Problem.NotFound("webhook_endpoint");

    private static async Task<Results<Ok<WebhookEndpointDocument>, ProblemHttpResult>> Update(
        Guid endpoint, WebhookEndpointRequest request, OwnedIntegration integration, WebhookEndpointStore store,
        IWebhookEndpointChanges changes, IOptions<ApiOptions> api, TimeProvider clock, CancellationToken cancel)
    {
        if (await store.UpdateAsync(integration.Id, endpoint, request.Definition, clock.GetUtcNow(), cancel) is not { } row)
            return Problem.NotFound("webhook_endpoint");
        changes.Changed(endpoint);
        return TypedResults.Ok(Show(row, api.Value));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        Guid endpoint, OwnedIntegration integration, WebhookEndpointStore store, IWebhookEndpointChanges changes, CancellationToken cancel)
    {
        if (!await store.DeleteAsync(integration.Id, endpoint, cancel)) return Problem.NotFound("webhook_endpoint");
        changes.Changed(endpoint);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<WebhookEndpointDocument>, ProblemHttpResult>> Rotate(
        Guid endpoint, RotateSecretRequest? request, OwnedIntegration integration, WebhookEndpointStore store, WebhookSecrets secrets,
        IWebhookEndpointChanges changes, IOptions<ApiOptions> api, TimeProvider clock, CancellationToken cancel)
    {
        var secret = request?.Secret ?? NewSecret.Make();
        var now = clock.GetUtcNow();
        var rotation = new SecretRotation(
            secrets.Seal(endpoint, secret), now + TimeSpan.FromHours(request?.OverlapHours ?? DefaultOverlapHours), request?.ReplacesLast ?? false);
        if (await store.RotateAsync(integration.Id, endpoint, rotation, now, cancel) is { } row)
        {
            changes.Changed(endpoint);
            return TypedResults.Ok(Show(row, api.Value, request?.Secret is null ? secret : null));
        }
        if (await store.FindAsync(integration.Id, endpoint, cancel) is not { } found || await store.SecretAsync(integration.Id, endpoint, cancel) is not { } inForce)
            return Problem.NotFound("webhook_endpoint");
        if (request?.Secret == secrets.Open(endpoint, inForce)) return TypedResults.Ok(Show(found, api.Value));   // the same request again
        return Problem.Of(StatusCodes.Status409Conflict, "rotation_under_way",
            $"The secret before the last rotation is taken until {found.PreviousSecretExpiresAt:O}. Rotate again after that, or say replaces_last or overlap_hours 0.");
    }

    private static WebhookEndpointDocument Show(WebhookEndpointRow row, ApiOptions api, string? secret = null) => new()
    {
        Id = row.Id,
        Url = api.Address($"/api/integrations/webhooks/{row.Provider}/{row.Id}"),
        Provider = row.Provider,
        Description = row.Description,
        EventTypes = row.EventTypes,
        IsActive = row.IsActive,
        Secret = secret,
        PreviousSecretExpiresAt = row.PreviousSecretExpiresAt,
        CreatedAt = row.CreatedAt,
        UpdatedAt = row.UpdatedAt,
    };
}
