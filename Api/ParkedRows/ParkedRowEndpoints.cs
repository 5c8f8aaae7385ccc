using System.Security.Claims;
using FinanceIntegrations.Api.Attention;
using FinanceIntegrations.Api.Auth;
using FinanceIntegrations.Api.Cluster;
using FinanceIntegrations.Api.Lists;
using FinanceIntegrations.Api.Problems;
using FinanceIntegrations.Data.Reading;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FinanceIntegrations.Api.ParkedRows;

/// <summary>Rows of the provider's that did not fit, and mapping them again once they do.</summary>
internal static class ParkedRowEndpoints
{
    public static void MapParkedRows(this RouteGroupBuilder integration)
    {
        var rows = integration.MapGroup("/parked-rows").WithTags("Parked rows");
        rows.MapGet("/", List).WithName("ListParkedRows").WithSummary("Rows that did not fit, newest first")
            .WithDescription("Waiting ones; `dismissed=true` shows those that somebody has let rest.");
        rows.MapGet("/{row:long}", Get).WithName("GetParkedRow").WithSummary("Read a parked row with what the provider sent");
        rows.MapPost("/remap", Remap).WithName("RemapParkedRows").WithSummary("Map the parked rows again, without calling the provider")
            .WithDescription("Of one `stream`, or of all. What fits is written and parked no longer.");
    }

    private static async Task<Results<Ok<Page<ParkedRow>>, ProblemHttpResult>> List(
        [AsParameters] PageQuery page, string? stream, bool? dismissed, OwnedIntegration integration, ParkedRowReader reader,
        CancellationToken cancel)
    {
        if (page.Read(Positions.NewestNumber, out var after) is { } refused) return refused;
        var rows = await reader.ListAsync(integration.Id, stream, dismissed ?? false, after, page.Size + 1, cancel);
        return TypedResults.Ok(page.Of(rows, r => new Position<long>(r.ParkedAt, r.Id)));
    }

    private static async Task<Results<Ok<ParkedRowDocument>, ProblemHttpResult>> Get(
        long row, OwnedIntegration integration, ParkedRowReader reader, CancellationToken cancel) =>
        await reader.FindAsync(integration.Id, row, cancel) is { } found
            ? TypedResults.Ok(new ParkedRowDocument(found))
            : Problem.NotFound("parked_row");

    private static async Task<Results<Ok<RemapAnswer>, ProblemHttpResult>> Remap(
        string? stream, OwnedIntegration integration, ClaimsPrincipal user, ParkedRowReader reader, IntegrationGrains grains,
        CancellationToken cancel)
    {
        var grain = grains.Get(integration.Id);
        var streams = stream is null ? await reader.WaitingStreamsAsync(integration.Id, cancel) : [stream];
        var answer = new RemapAnswer(0, 0);
        foreach (var one in streams)
        {
            var reply = await Remapping.RunAsync(grain, one, user.Id(), note: null, cancel);
            if (reply.Refusal is { } refusal) return Problem.From(refusal);
            answer = new(answer.Mapped + reply.Value!.Mapped, answer.StillParked + reply.Value.StillParked);
        }
        return TypedResults.Ok(answer);
    }
}
