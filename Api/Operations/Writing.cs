using System.Security.Cryptography;
using System.Text;
using FinanceIntegrations.Api.Auth;
using FinanceIntegrations.Api.Cluster;
using FinanceIntegrations.Api.Integrations;
using FinanceIntegrations.Api.Problems;
using FinanceIntegrations.Api.Sync;
using FinanceIntegrations.Data.Endpoints;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Operations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FinanceIntegrations.Api.Operations;

/// <summary>Hands an order to its grain, once per Idempotency-Key, and waits for its end where the caller would.</summary>
internal sealed class Writing(
    IHttpContextAccessor http, OwnedIntegration integration, IdempotencyKeys keys, OperationReader operations, IntegrationGrains grains, TimeProvider clock)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    public Task<Results<Accepted<Operation>, Ok<Operation>, ProblemHttpResult>> OrderAsync(WriteOrder order, CancellationToken cancel) =>
        OrderAsync(WriteOrderJson.Of(order), new Ready(order), cancel);

    /// <param name="request">What must be the same when a key comes again.</param>
    /// <param name="source">Where the order is had, once it is known under which id it is sent.</param>
    public async Task<Results<Accepted<Operation>, Ok<Operation>, ProblemHttpResult>> OrderAsync(string request, IOrderSource source, CancellationToken cancel)
    {
        var (headers, response) = (http.HttpContext!.Request.Headers, http.HttpContext.Response);
        var key = headers["Idempotency-Key"].ToString();
        if (key.Length == 0) return Problem.Invalid("Idempotency-Key", "What changes something at a provider needs an Idempotency-Key: a request that is repeated must not do it twice.");
        if (!IdempotencyKeyRules.Allow(key)) return IdempotencyKeyRules.Refused;
        var user = http.HttpContext.User;
        var now = clock.GetUtcNow();
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"write\n{integration.Id:N}\n{request}"));
        var claim = await keys.ClaimAsync(user.Id(), key, hash, Guid.CreateVersion7(now), now, cancel);
        if (!claim.SameRequest) return IdempotencyKeyRules.Reused;
        if (!claim.First) response.Headers["Idempotent-Replayed"] = "true";

        var id = claim.Resource;
        var (order, refused) = await source.TakeAsync(id, cancel);
        if (order is null) return refused!;
        var reply = await grains.Get(integration.Id).Write(new() { Id = id, Order = WriteOrderJson.Of(order), By = user.Id() }, cancel);
        if (reply.Refusal is { } refusal)
        {
            await source.LeaveAsync(id);
            return Problem.From(refusal);
        }
        if (Preference.Wait(headers["Prefer"]) is { } wait)
        {
            response.Headers["Preference-Applied"] = $"wait={wait.TotalSeconds:0}";
            await UntilSettledAsync(id, wait, cancel);
        }
        if (await operations.FindAsync(integration.Id, id, cancel) is not { } operation) return Problem.NotFound("operation");
        var location = $"/api/integrations/{integration.Id}/operations/{id}";
        if (operation.SettledAt is null) return TypedResults.Accepted(location, operation);
        response.Headers.Location = location;
        return TypedResults.Ok(operation);
    }

    private async Task UntilSettledAsync(Guid operation, TimeSpan wait, CancellationToken cancel)
    {
        var (began, pause) = (clock.GetTimestamp(), FirstPause);
        while (clock.GetElapsedTime(began) < wait && await operations.FindAsync(integration.Id, operation, cancel) is { SettledAt: null })
        {
            await Task.Delay(pause, clock, cancel);
            if (pause < LongestPause) pause *= 1.5;
        }
    }

    private sealed class Ready(WriteOrder order) : IOrderSource
    {
        public Task<(WriteOrder? Order, ProblemHttpResult? Refused)> TakeAsync(Guid operation, CancellationToken cancel) =>
            Task.FromResult<(WriteOrder?, ProblemHttpResult?)>((order, null));

        public Task LeaveAsync(Guid operation) => Task.CompletedTask;
    }
}

/// <summary>An order that is made up when its operation's id is known.</summary>
internal interface IOrderSource
{
    /// <summary>The order, or why there is none.</summary>
    Task<(WriteOrder? Order, ProblemHttpResult? Refused)> TakeAsync(Guid operation, CancellationToken cancel);

    /// <summary>It was refused before anything was sent.</summary>
    Task LeaveAsync(Guid operation);
}
