using System.Security.Claims;
using FinanceIntegrations.Api.Auth;
using FinanceIntegrations.Api.Cluster;
using FinanceIntegrations.Api.Lists;
using FinanceIntegrations.Api.Problems;
using FinanceIntegrations.Data.Reading;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FinanceIntegrations.Api.Attention;

/// <summary>What needs a person, over all of the caller's integrations.</summary>
internal static class AttentionEndpoints
{
    public static void MapAttention(this RouteGroupBuilder api)
    {
        var items = api.MapGroup("/attention").WithTags("Attention");
        items.MapGet("/", List).WithName("ListAttention").WithSummary("What needs a person")
            .WithDescription("`status`: open (if absent), resolved or all. Also by `kind` and `integration`.");
        items.MapGet("/{item:guid}", Get).WithName("GetAttentionItem").WithSummary("Read an item");
        items.MapPost("/{item:guid}/resolve", Resolve).WithName("ResolveAttentionItem").WithSummary("Decide: one of the item's choices")
            .WithDescription("Does what the choice says, and keeps who decided. The same answer again changes nothing; another one is refused.")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesValidationProblem();
    }

    private static async Task<Results<Ok<Page<AttentionEntry>>, ProblemHttpResult>> List(
        [AsParameters] PageQuery page, string? status, string? kind, Guid? integration, ClaimsPrincipal user, AttentionReader reader,
        CancellationToken cancel)
    {
        if (page.Read(Positions.NewestGuid, out var after) is { } refused) return refused;
        if (status is not (null or "open" or "resolved" or "all")) return Problem.Invalid("status", "status is open, resolved or all.");
        bool? open = status == "all" ? null : status != "resolved";
        var rows = await reader.ListAsync(user.Id(), new(open, kind, integration), after, page.Size + 1, cancel);
        return TypedResults.Ok(page.Of(rows, a => new Position<Guid>(a.RaisedAt, a.Id)));
    }

    private static async Task<Results<Ok<AttentionEntry>, ProblemHttpResult>> Get(
        Guid item, ClaimsPrincipal user, AttentionReader reader, CancellationToken cancel) =>
        await reader.FindAsync(item, user.Id(), cancel) is { } found ? TypedResults.Ok(found) : Problem.NotFound("attention_item");

    private static async Task<Results<Ok<ResolvedItem>, ProblemHttpResult>> Resolve(
        Guid item, ResolveRequest request, ClaimsPrincipal user, AttentionReader reader, IntegrationGrains grains, CancellationToken cancel)
    {
        if (await reader.FindAsync(item, user.Id(), cancel) is not { } found) return Problem.NotFound("attention_item");
        var grain = grains.Get(found.IntegrationId);
        if (request.Choice == "remap" && found is { ResolvedAt: null, Stream: { } stream })
        {
            var remapped = await Remapping.RunAsync(grain, stream, user.Id(), request.Note, cancel);
            if (remapped.Refusal is { } unmapped) return Problem.From(unmapped);
        }
        var reply = await grain.Resolve(new() { Item = item, Choice = request.Choice!, By = user.Id(), Note = request.Note }, cancel);
        if (reply.Refusal is { } refusal) return Problem.From(refusal);
        return await reader.FindAsync(item, user.Id(), cancel) is { } settled
            ? TypedResults.Ok(new ResolvedItem(settled, reply.Value!.RunId))
            : Problem.NotFound("attention_item");
    }
}
