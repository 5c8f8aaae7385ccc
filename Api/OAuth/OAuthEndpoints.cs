using System.Security.Claims;
using FinanceIntegrations.Api.Auth;
using FinanceIntegrations.Api.Cluster;
using FinanceIntegrations.Api.Integrations;
using FinanceIntegrations.Api.Problems;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Grains.Abstractions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Api.OAuth;

/// <summary>An authorization belongs to the user who began it, and is ended by that user's application.</summary>
internal static class OAuthEndpoints
{
    /// <summary>RFC 6749 leaves it open; ten minutes is what a person with a second factor needs.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    public static void MapOAuth(this RouteGroupBuilder api)
    {
        api.MapPost("/oauth/authorize", Begin).WithName("BeginAuthorization").WithSummary("Begin an authorization: where to send the user")
            .ProducesValidationProblem();
        api.MapPost("/oauth/token", Complete).WithName("CompleteAuthorization")
            .WithSummary("End an authorization with what the provider's callback carried").ProducesValidationProblem();
        api.MapHostedAuthorization();
    }

    public static void MapTokenRefresh(this RouteGroupBuilder integration) =>
        integration.MapPost("/oauth/refresh", Refresh).WithName("RefreshTokens").WithSummary("Refresh the tokens now");

    private static async Task<Results<Ok<AuthorizeAnswer>, ProblemHttpResult>> Begin(
        AuthorizeRequest request, ClaimsPrincipal user, IntegrationReader reader, IntegrationGrains grains, AuthorizationSeals seals,
        IOptions<OAuthOptions> options, IOptions<ApiOptions> api, TimeProvider clock, CancellationToken cancel)
    {
        if (await reader.FindAsync(request.IntegrationId!.Value, user.Id(), cancel) is not { } integration)
            return Problem.NotFound("integration");
        var callback = api.Value.Address(HostedPages.CallbackPath);
        if (options.Value.Allow(request.RedirectUri ?? (request.Hosted ? callback : null)) is not { } redirect)
            return Problem.Of(StatusCodes.Status400BadRequest, "redirect_uri_not_allowed", "redirect_uri is not on this deployment's list.");
        if (request.Hosted && redirect != callback)
            return Problem.Of(StatusCodes.Status400BadRequest, "redirect_uri_not_allowed",
                "A hosted authorization comes back to our own callback.");

        var state = new AuthorizationState(integration.Id, user.Id(), AuthorizationState.NewNonce(), clock.GetUtcNow() + Lifetime);
        var @sealed = seals.SealState(state);
        var command = new BeginAuthorization { Nonce = state.Nonce, State = @sealed, RedirectUri = redirect };
        var reply = await grains.Get(integration.Id).BeginAuthorization(command, cancel);
        if (reply.Refusal is { } refusal) return Problem.From(refusal);
        var url = reply.Value!.AuthorizationUrl;
        var expires = reply.Value.ExpiresAt < state.ExpiresAt ? reply.Value.ExpiresAt : state.ExpiresAt;
        var start = request.Hosted ? api.Value.Address($"{HostedPages.StartPath}?ticket={seals.SealTicket(@sealed, url)}") : null;
        return TypedResults.Ok(new AuthorizeAnswer(url, @sealed, expires, start));
    }

    private static async Task<Results<Ok<IntegrationDocument>, ProblemHttpResult>> Complete(
        TokenRequest request, ClaimsPrincipal user, IntegrationReader reader, IntegrationGrains grains, AuthorizationSeals seals,
        TimeProvider clock, CancellationToken cancel)
    {
        // A foreign state answers like a forged one: it says nothing about whose it is.
        if (seals.OpenState(request.State) is not { } state || state.User != user.Id())
            return Problem.Of(StatusCodes.Status400BadRequest, "state_invalid", "The state is not one of yours.");
        if (clock.GetUtcNow() >= state.ExpiresAt)
            return Problem.Of(StatusCodes.Status400BadRequest, "state_expired", "The authorization took too long: begin it again.");

        var reply = await grains.Get(state.Integration).CompleteAuthorization(new()
        {
            Nonce = state.Nonce,
            Code = string.IsNullOrEmpty(request.Error) ? request.Code : null,
            Error = string.IsNullOrEmpty(request.Error) ? null : request.Error,
            Parameters = request.Parameters,
        }, CancellationToken.None);   // a code is exchanged once, whether or not the caller still listens
        if (reply.Refusal is { } refusal) return Problem.From(refusal);
        return await reader.FindAsync(state.Integration, state.User, cancel) is { } row
            ? TypedResults.Ok(IntegrationDocument.Of(row))
            : Problem.NotFound("integration");
    }

    private static async Task<Results<Ok<RefreshView>, ProblemHttpResult>> Refresh(OwnedIntegration integration, IntegrationGrains grains)
    {
        var reply = await grains.Get(integration.Id).RefreshTokens(onlyIfDue: false, CancellationToken.None);
        return reply.Refusal is { } refusal ? Problem.From(refusal) : TypedResults.Ok(reply.Value);
    }
}
