using FinanceIntegrations.Api.Auth;
using FinanceIntegrations.Api.Cluster;
using FinanceIntegrations.Api.Lists;
using FinanceIntegrations.Api.Problems;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Grains.Abstractions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace FinanceIntegrations.Api.Sync;

/// <summary>Starting a sync and looking at runs.</summary>
internal static class Syncs
{
    private static readonly string[] Statuses = ["queued", "running", "succeeded", "partial", "failed", "cancelled"];

    public static void MapSyncs(this RouteGroupBuilder integration)
    {
        integration.MapPost("/sync", Start).WithName("StartSync").WithSummary("Start a sync, or join the one that runs")
            .WithDescription("`force`: now, though not due. `full`: read everything again. `Prefer: wait=N`: wait up to N seconds.")
            .ProducesProblem(StatusCodes.Status409Conflict);
        integration.MapGet("/syncs", List).WithName("ListSyncs").WithSummary("List sync runs");
        integration.MapGet("/syncs/{run:guid}", Get).WithName("GetSync").WithSummary("Read a sync run");
    }

    private static async Task<Results<Accepted<Run>, Ok<Run>, ProblemHttpResult>> Start(
        bool? force, bool? full, [FromHeader(Name = "Prefer")] string? prefer, OwnedIntegration integration, IntegrationGrains grains,
        RunReader runs, TimeProvider clock, HttpResponse response, CancellationToken cancel)
    {
        var command = new StartSync { Force = force ?? false, Full = full ?? false, Trigger = "user" };
        var reply = await grains.Get(integration.Id).StartSync(command, cancel);
        if (reply.Refusal is { } refusal)
            return refusal.Code == "not_due" ? Problem.From(refusal, ("next_sync_at", integration.Row.NextSyncAt)) : Problem.From(refusal);
        var id = reply.Value!.RunId;
        if (Preference.Wait(prefer) is { } wait)
        {
            response.Headers["Preference-Applied"] = $"wait={wait.TotalSeconds:0}";
            await UntilEndedAsync(runs, id, wait, clock, cancel);
        }
        if (await runs.FindAsync(integration.Id, id, cancel) is not { } run) return Problem.NotFound("sync");
        var location = $"/api/integrations/{integration.Id}/syncs/{id}";
        if (run.EndedAt is null) return TypedResults.Accepted(location, run);
        response.Headers.Location = location;
        return TypedResults.Ok(run);
    }

    private static async Task<Results<Ok<Page<Run>>, ProblemHttpResult>> List(
        [AsParameters] PageQuery page, string? status, OwnedIntegration integration, RunReader runs, CancellationToken cancel)
    {
        if (page.Read(Positions.NewestGuid, out var after) is { } refused) return refused;
        if (status is not null && !Statuses.Contains(status)) return Problem.Invalid("status", "There is no such status.");
        var rows = await runs.ListAsync(integration.Id, status, after, page.Size + 1, cancel);
        return TypedResults.Ok(page.Of(rows, r => new Position<Guid>(r.StartedAt, r.RunId)));
    }

    private static async Task<Results<Ok<Run>, ProblemHttpResult>> Get(
        Guid run, OwnedIntegration integration, RunReader runs, CancellationToken cancel) =>
        await runs.FindAsync(integration.Id, run, cancel) is { } found ? TypedResults.Ok(found) : Problem.NotFound("sync");

    /// <summary>Looks often at first, then twice a second.</summary>
    private static async Task UntilEndedAsync(RunReader runs, Guid run, TimeSpan wait, TimeProvider clock, CancellationToken cancel)
    {
        var began = clock.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(50);
        while (clock.GetElapsedTime(began) < wait && !await runs.HasEndedAsync(run, cancel))
        {
            await Task.Delay(pause, clock, cancel);
            if (pause < TimeSpan.FromMilliseconds(500)) pause *= 1.5;
        }
    }
}
