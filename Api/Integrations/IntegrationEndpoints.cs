using System.Security.Claims;
using FinanceIntegrations.Api.Auth;
using FinanceIntegrations.Api.Cluster;
using FinanceIntegrations.Api.Disputes;
using FinanceIntegrations.Api.Lists;
using FinanceIntegrations.Api.Live;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Grains.Abstractions;
using Microsoft.AspNetCore.Http.HttpResults;
using Problem = FinanceIntegrations.Api.Problems.Problem;

namespace FinanceIntegrations.Api.Integrations;

/// <summary>Listing, reading, changing, deleting.</summary>
internal static class IntegrationEndpoints
{
    public static void MapIntegrations(this RouteGroupBuilder api)
    {
        api.MapGet("/", List).WithName("ListIntegrations").WithSummary("List my integrations");
        api.MapCreateIntegration();
    }

    public static void MapIntegration(this RouteGroupBuilder integration)
    {
        integration.MapGet("/", Get).WithName("GetIntegration").WithSummary("Read an integration");
        integration.MapPut("/", Update).WithName("UpdateIntegration").WithSummary("Change an integration").ProducesValidationProblem();
        integration.MapDelete("/", Delete).WithName("DeleteIntegration")
            .WithSummary("Revoke at the provider and hide; with purge erase the data too, in the background")
            .WithDescription("409 `calls_under_way`: a call that changes something at the provider has not been answered yet. `retry_after` says when to come again.")
            .ProducesProblem(StatusCodes.Status409Conflict);
        integration.MapGet("/status", Status).WithName("GetStatus").WithSummary("The health document");
        integration.MapPost("/test", Test).WithName("TestConnection").WithSummary("Try the connection: each check with its time and verdict");
    }

    private static async Task<Results<Ok<Page<IntegrationDocument>>, ProblemHttpResult>> List(
        [AsParameters] PageQuery page, string? provider, string? status, string? integration_type, ClaimsPrincipal user,
        IntegrationReader reader, CancellationToken cancel)
    {
        if (page.Read(Positions.NewestGuid, out var after) is { } refused) return refused;
        if (provider is not null && !ProviderId.TryParse(provider, out _)) return Problem.Invalid("provider", "There is no such provider.");
        if (status is not null && !Words.TryParse<IntegrationStatus>(status, out _))
            return Problem.Invalid("status", "There is no such status.");
        if (integration_type is not null && !Words.TryParse<IntegrationType>(integration_type, out _))
            return Problem.Invalid("integration_type", "There is no such type.");
        var rows = await reader.ListAsync(user.Id(), new(provider, status, integration_type), after, page.Size + 1, cancel);
        return TypedResults.Ok(page.Of(rows, IntegrationDocument.Of, r => new Position<Guid>(r.CreatedAt, r.Id)));
    }

    private static Ok<IntegrationDocument> Get(OwnedIntegration integration) => TypedResults.Ok(IntegrationDocument.Of(integration.Row));

    private static async Task<Results<Ok<IntegrationDocument>, ProblemHttpResult>> Update(
        UpdateIntegrationRequest request, OwnedIntegration integration, IntegrationGrains grains, IntegrationReader reader,
        CancellationToken cancel)
    {
        var row = integration.Row;
        var reply = await grains.Get(row.Id).Update(new()
        {
            Name = request.Name?.Trim() ?? row.Name,
            Config = Definition.Text(request.Config, row.Config),
            Metadata = Definition.Text(request.Metadata, row.Metadata),
            SyncFrequencyMinutes = request.SyncFrequencyMinutes ?? row.SyncFrequencyMinutes,
            IsActive = request.IsActive ?? row.IsActive,
        }, cancel);
        if (reply.Refusal is { } refusal) return Problem.From(refusal);
        return await reader.FindAsync(row.Id, row.Owner, cancel) is { } changed
            ? TypedResults.Ok(IntegrationDocument.Of(changed))
            : Problem.NotFound("integration");
    }

    private static async Task<Results<Ok<DeletionView>, ProblemHttpResult>> Delete(
        bool? purge, OwnedIntegration integration, IntegrationGrains grains, LiveLookup live)
    {
        // Once begun it goes on without the caller: a revocation at the provider is not taken back.
        var reply = await grains.Get(integration.Id).Delete(purge ?? false, CancellationToken.None);
        await live.ForgetAsync(integration.Id, CancellationToken.None);
        return reply.Refusal is { } refusal ? Problem.From(refusal) : TypedResults.Ok(reply.Value);
    }

    private static async Task<Results<Ok<IntegrationStatusView>, ProblemHttpResult>> Status(
        OwnedIntegration integration, IntegrationGrains grains, AttentionReader attention, DisputeSummaries disputes, CancellationToken cancel)
    {
        var reply = await grains.Get(integration.Id).GetStatus(cancel);
        if (reply.Refusal is { } refusal) return Problem.From(refusal);
        return TypedResults.Ok(reply.Value! with
        {
            OpenAttentionItems = await attention.CountOpenAsync(integration.Id, cancel),
            Disputes = await disputes.OfAsync(integration.Row, cancel),
        });
    }

    private static async Task<Results<Ok<ConnectionTestView>, ProblemHttpResult>> Test(
        OwnedIntegration integration, IntegrationGrains grains, CancellationToken cancel)
    {
        var reply = await grains.Get(integration.Id).Test(cancel);
        return reply.Refusal is { } refusal ? Problem.From(refusal) : TypedResults.Ok(reply.Value);
    }
}
