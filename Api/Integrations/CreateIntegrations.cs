using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FinanceIntegrations.Api.Auth;
using FinanceIntegrations.Api.Cluster;
using FinanceIntegrations.Data.Endpoints;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Grains.Abstractions;
using FinanceIntegrations.Providers;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Problem = FinanceIntegrations.Api.Problems.Problem;

namespace FinanceIntegrations.Api.Integrations;

/// <summary>Creation, once per Idempotency-Key.</summary>
internal static class CreateIntegrations
{
    private const int DefaultFrequencyMinutes = 60;

    public static void MapCreateIntegration(this RouteGroupBuilder api) => api.MapPost("/", Create).WithName("CreateIntegration")
        .WithSummary("Create an integration")
        .WithDescription("Repeated with the same Idempotency-Key and body it answers the same integration.")
        .ProducesValidationProblem().ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<Results<Created<IntegrationDocument>, ProblemHttpResult>> Create(
        CreateIntegrationRequest request, [FromHeader(Name = "Idempotency-Key")] string? key, ClaimsPrincipal user, HttpResponse response,
        ProviderCatalogue catalogue, IdempotencyKeys keys, IntegrationReader reader, IntegrationGrains grains, TimeProvider clock,
        CancellationToken cancel)
    {
        if (Check(request, catalogue) is { } refused) return refused;
        if (key is not null && !IdempotencyKeyRules.Allow(key)) return IdempotencyKeyRules.Refused;

        var command = Command(request, user.Id());
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        if (key is not null)
        {
            var claim = await keys.ClaimAsync(user.Id(), key, Hash(command), id, now, cancel);
            if (!claim.SameRequest) return IdempotencyKeyRules.Reused;
            if (!claim.First) response.Headers["Idempotent-Replayed"] = "true";
            id = claim.Resource;
        }

        var reply = await grains.Get(id).Create(command, cancel);
        if (reply.Refusal is { } refusal) return Problem.From(refusal);
        return await reader.FindAsync(id, user.Id(), cancel) is { } row
            ? TypedResults.Created($"/api/integrations/{id}", IntegrationDocument.Of(row))
            : Problem.NotFound("integration");   // created under this key once, and deleted since
    }

    private static ProblemHttpResult? Check(CreateIntegrationRequest request, ProviderCatalogue catalogue)
    {
        if (!Words.TryParse<IntegrationType>(request.IntegrationType, out var type))
            return Problem.Of(StatusCodes.Status400BadRequest, "unknown_integration_type",
                "integration_type is bank, accounting, payment_processor, tax_authority or custom.");
        if (!ProviderId.TryParse(request.Provider, out var provider))
            return Problem.Of(StatusCodes.Status400BadRequest, "unknown_provider", "There is no such provider.",
                ("providers", ProviderId.All.Select(p => p.Value)));
        if (catalogue.Find(provider) is not { } entry)
            return Problem.Of(StatusCodes.Status400BadRequest, "provider_not_supported", $"There is no connector for {provider} yet.");
        return entry.Info.Type == type
            ? null
            : Problem.Of(StatusCodes.Status400BadRequest, "integration_type_mismatch",
                $"{provider} is of the type {Words.Of(entry.Info.Type)}.");
    }

    private static CreateIntegration Command(CreateIntegrationRequest request, string owner) => new()
    {
        Owner = owner,
        Name = request.Name!.Trim(),
        Type = request.IntegrationType!,
        Provider = request.Provider!,
        OAuthProvider = request.OauthProvider?.Trim(),
        Config = Definition.Text(request.Config, "{}"),
        Metadata = Definition.Text(request.Metadata, "{}"),
        SyncFrequencyMinutes = request.SyncFrequencyMinutes ?? DefaultFrequencyMinutes,
    };

    /// <summary>Of what was understood: another spelling of the same wish is the same request.</summary>
    private static byte[] Hash(CreateIntegration c) => SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(
        (string?[])["create_integration", c.Name, c.Type, c.Provider, c.OAuthProvider, c.Config, c.Metadata, $"{c.SyncFrequencyMinutes}"],
        IdempotentJson.Default.StringArray)));
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
internal sealed partial class IdempotentJson : System.Text.Json.Serialization.JsonSerializerContext;
