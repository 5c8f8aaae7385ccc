using System.Collections.Concurrent;
using FinanceIntegrations.Api.Auth;
using FinanceIntegrations.Api.Cluster;
using FinanceIntegrations.Api.Problems;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Providers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FinanceIntegrations.Api.Admin;

/// <summary>What an administrator does to all users' integrations at once.</summary>
internal static class Sweeps
{
    private const int Parallel = 16;

    /// <summary>A token that ends within it is refreshed ahead of time: the longest margin of the token policy.</summary>
    private static readonly TimeSpan Horizon = TimeSpan.FromMinutes(10);

    public static void MapSweeps(this RouteGroupBuilder api)
    {
        var admin = api.MapGroup("").RequireAuthorization(AuthServices.Admin);
        admin.MapPost("/sync-all", SyncAll).WithName("SyncAll").WithSummary("Start every due sync; with force every connected one");
        admin.MapPost("/refresh-expired-tokens", RefreshTokens).WithName("RefreshExpiredTokens")
            .WithSummary("Refresh every token that ends soon");
    }

    private static Task<Results<Ok<SweepAnswer>, ProblemHttpResult>> SyncAll(
        bool? force, string? provider, CandidateReader candidates, IntegrationGrains grains, TimeProvider clock, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        return Run(provider, candidates.ConnectedAsync(provider, cancel), async candidate =>
        {
            if (force != true && candidate.At > now) return new(Outcome.Skipped, "not_due");
            var reply = await grains.Get(candidate.Id).StartSync(new() { Force = force ?? false, Trigger = "admin" }, cancel);
            return reply switch
            {
                { Refusal: { Code: "not_due" or "switched_off" or "not_connected" or "authorization_expired" or "circuit_open" or "provider_switched_off" } refusal } =>
                    new(Outcome.Skipped, refusal.Code),
                { Refusal: { } refusal } => new(Outcome.Failed, refusal.Code),
                { Value.AlreadyRunning: true } => new(Outcome.Skipped, "already_running"),
                _ => new(Outcome.Started, "started"),
            };
        }, cancel);
    }

    private static Task<Results<Ok<SweepAnswer>, ProblemHttpResult>> RefreshTokens(
        string? provider, CandidateReader candidates, IntegrationGrains grains, TimeProvider clock, CancellationToken cancel) =>
        Run(provider, candidates.ExpiringAsync(provider, clock.GetUtcNow() + Horizon, cancel), async candidate =>
            await grains.Get(candidate.Id).RefreshTokens(onlyIfDue: true, CancellationToken.None) switch
            {
                { Refusal: { } refusal } => new(Outcome.Failed, refusal.Code),
                { Value.Refreshed: true } => new(Outcome.Started, "refreshed"),
                _ => new(Outcome.Skipped, "not_due"),
            }, cancel);

    private static async Task<Results<Ok<SweepAnswer>, ProblemHttpResult>> Run(
        string? provider, IAsyncEnumerable<Candidate> candidates, Func<Candidate, Task<Verdict>> act, CancellationToken cancel)
    {
        if (provider is not null && !ProviderId.TryParse(provider, out _)) return Problem.Invalid("provider", "There is no such provider.");
        var tally = new Tally();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancel };
        await System.Threading.Tasks.Parallel.ForEachAsync(candidates, options, async (candidate, _) =>
            tally.Count(candidate.Id, await TryAsync(candidate, act, cancel)));
        return TypedResults.Ok(tally.Answer());
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

internal enum Outcome
{
    Started,
    Skipped,
    Failed,
}

/// <param name="Code">Stable snake_case.</param>
internal readonly record struct Verdict(Outcome Outcome, string Code);

/// <summary>Counts of a sweep, and the first of what was not merely skipped.</summary>
internal sealed class Tally
{
    private const int MaxItems = 1_000;
    private readonly ConcurrentQueue<SweepItem> _items = new();
    private readonly int[] _counts = new int[Enum.GetValues<Outcome>().Length];

    public void Count(Guid integration, Verdict verdict)
    {
        Interlocked.Increment(ref _counts[(int)verdict.Outcome]);
        if (verdict.Code != "not_due" && _items.Count < MaxItems) _items.Enqueue(new(integration, verdict.Code));
    }

    public SweepAnswer Answer() => new(
        _counts.Sum(), _counts[(int)Outcome.Started], _counts[(int)Outcome.Skipped], _counts[(int)Outcome.Failed], [.. _items]);
}

/// <param name="Items">Up to a thousand, without those that were not due.</param>
internal sealed record SweepAnswer(int Considered, int Started, int Skipped, int Failed, IReadOnlyList<SweepItem> Items);

internal sealed record SweepItem(Guid IntegrationId, string Outcome);
