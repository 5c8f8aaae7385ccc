using System.Text.Json;
using System.Threading.Channels;
using FinanceIntegrations.Api.Auditing;
using FinanceIntegrations.Api.Auth;
using FinanceIntegrations.Api.Cluster;
using FinanceIntegrations.Api.Problems;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Auditing;
using FinanceIntegrations.Domain.Providers;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Api.Admin;

/// <summary>What an administrator does to all users' integrations at once.</summary>
internal static class Sweeps
{
    private const int Parallel = 16;
    private const string LineByLine = "application/x-ndjson";

    private const string HowItAnswers =
        "With Accept: application/x-ndjson each integration's result is a line as soon as it is known, with the counts so far; without it, one answer at "
        + "the end. A caller who leaves ends the sweep, and nothing that it began: asked again, it goes on with what is still due.";

    public static void MapSweeps(this RouteGroupBuilder api)
    {
        var admin = api.MapGroup("").RequireAuthorization(AuthServices.Admin);
        admin.MapPost("/sync-all", SyncAll).Audited(AuditActions.SyncAll).WithName("SyncAll").WithSummary("Start every due sync; with force every connected one")
            .WithDescription($"{HowItAnswers} Syncs run in the background, in the schedule's lane of each budget, so many at a time as a silo allows.")
            .Produces<SweepProgress>(StatusCodes.Status200OK, LineByLine);
        admin.MapPost("/refresh-expired-tokens", RefreshTokens).Audited(AuditActions.RefreshAll).WithName("RefreshExpiredTokens")
            .WithSummary("Refresh every token that is due, the longest due first").WithDescription($"{HowItAnswers} Each provider's rate is kept.")
            .Produces<SweepProgress>(StatusCodes.Status200OK, LineByLine);
    }

    private static Task<Results<Ok<SweepAnswer>, PushStreamHttpResult, ProblemHttpResult>> SyncAll(
        bool? force, string? provider, HttpRequest request, CandidateReader candidates, IntegrationGrains grains, TimeProvider clock,
        IOptions<JsonOptions> json, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        return Answer(provider, candidates.ConnectedAsync(provider, cancel), Start, request, json, cancel);

        async Task<Verdict> Start(Candidate candidate)
        {
            if (force != true && candidate.At > now) return new(Outcome.Skipped, "not_due");
            var reply = await grains.Get(candidate.Id).StartSync(new() { Force = force ?? false, Trigger = "admin" }, CancellationToken.None);
            return reply switch
            {
                { Refusal: { Code: "not_due" or "switched_off" or "not_connected" or "authorization_expired" or "circuit_open" or "provider_switched_off" } refusal } =>
                    new(Outcome.Skipped, refusal.Code),
                { Refusal: { } refusal } => new(Outcome.Failed, refusal.Code),
                { Value.AlreadyRunning: true } => new(Outcome.Skipped, "already_running"),
                _ => new(Outcome.Started, "started"),
            };
        }
    }

    private static Task<Results<Ok<SweepAnswer>, PushStreamHttpResult, ProblemHttpResult>> RefreshTokens(
        string? provider, HttpRequest request, CandidateReader candidates, IntegrationGrains grains, TimeProvider clock, IOptions<JsonOptions> json,
        CancellationToken cancel)
    {
        return Answer(provider, candidates.WithDueTokensAsync(provider, clock.GetUtcNow(), cancel), Refresh, request, json, cancel);

        async Task<Verdict> Refresh(Candidate candidate) => await grains.Get(candidate.Id).RefreshTokens(onlyIfDue: true, CancellationToken.None) switch
        {
            { Refusal: { } refusal } => new(Outcome.Failed, refusal.Code),
            { Value.Refreshed: true } => new(Outcome.Started, "refreshed"),
            _ => new(Outcome.Skipped, "not_due"),
        };
    }

    private static async Task<Results<Ok<SweepAnswer>, PushStreamHttpResult, ProblemHttpResult>> Answer(
        string? provider, IAsyncEnumerable<Candidate> candidates, Func<Candidate, Task<Verdict>> act, HttpRequest request, IOptions<JsonOptions> json,
        CancellationToken cancel)
    {
        if (provider is not null && !ProviderId.TryParse(provider, out _)) return Problem.Invalid("provider", "There is no such provider.");
        if (!request.Headers.Accept.ToString().Contains(LineByLine, StringComparison.OrdinalIgnoreCase))
            return TypedResults.Ok((await TallyAsync(candidates, act, null, cancel)).Answer());
        return TypedResults.Stream(async body =>
        {
            var lines = Channel.CreateBounded<SweepProgress>(Parallel);
            var sweep = TallyAsync(candidates, act, lines.Writer, cancel);
            await foreach (var line in lines.Reader.ReadAllAsync(cancel))
            {
                await JsonSerializer.SerializeAsync(body, line, json.Value.SerializerOptions, cancel);
                await body.WriteAsync("\n"u8.ToArray(), cancel);
                await body.FlushAsync(cancel);
            }
            await sweep;
        }, LineByLine);
    }

    /// <param name="progress">Told of each result, and completed at the end, good or bad.</param>
    private static async Task<Tally> TallyAsync(
        IAsyncEnumerable<Candidate> candidates, Func<Candidate, Task<Verdict>> act, ChannelWriter<SweepProgress>? progress, CancellationToken cancel)
    {
        var tally = new Tally();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancel };
        try
        {
            await System.Threading.Tasks.Parallel.ForEachAsync(candidates, options, async (candidate, _) =>
            {
                var verdict = await TryAsync(candidate, act, cancel);
                tally.Count(candidate.Id, verdict);
                if (progress is not null) await progress.WriteAsync(tally.Progress(candidate.Id, verdict.Code), cancel);
            });
        }
        finally
        {
            progress?.TryComplete();
        }
        return tally;
    }

    /// <summary>One integration that cannot be reached does not end the sweep.</summary>
    private static async Task<Verdict> TryAsync(Candidate candidate, Func<Candidate, Task<Verdict>> act, CancellationToken cancel)
    {
        try
        {
            return await act(candidate);
        }
        catch (Exception e) when (e is not ClusterNotConnectedException && !cancel.IsCancellationRequested)
        {
            return new(Outcome.Failed, "unreachable");
        }
    }
}
