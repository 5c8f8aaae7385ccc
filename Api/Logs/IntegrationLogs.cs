using FinanceIntegrations.Api.Auth;
using FinanceIntegrations.Api.Lists;
using FinanceIntegrations.Api.Problems;
using FinanceIntegrations.Data.Reading;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FinanceIntegrations.Api.Logs;

/// <summary>What happened to an integration.</summary>
internal static class IntegrationLogs
{
    public static void MapIntegrationLogs(this RouteGroupBuilder integration) =>
        integration.MapGet("/logs", List).WithName("ListLogs").WithSummary("What happened to the integration");

    private static async Task<Results<Ok<Page<IntegrationLog>>, ProblemHttpResult>> List(
        [AsParameters] PageQuery page, string? level, DateTimeOffset? from, DateTimeOffset? to, OwnedIntegration integration, LogReader logs,
        CancellationToken cancel)
    {
        if (page.Read(Positions.NewestGuid, out var after) is { } refused) return refused;
        if (level is not (null or "info" or "warning" or "error")) return Problem.Invalid("level", "level is info, warning or error.");
        var rows = await logs.ListAsync(integration.Id, level, Period.Between(from, to), after, page.Size + 1, cancel);
        return TypedResults.Ok(page.Of(rows, l => new Position<Guid>(l.At, l.Id)));
    }
}
