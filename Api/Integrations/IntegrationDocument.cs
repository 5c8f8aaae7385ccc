using System.Text.Json;
using FinanceIntegrations.Data.Reading;

namespace FinanceIntegrations.Api.Integrations;

/// <summary>An integration as the API shows it. Nothing in it is secret.</summary>
internal sealed record IntegrationDocument
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    public required string IntegrationType { get; init; }
    public required string Provider { get; init; }
    public string? OauthProvider { get; init; }
    public required JsonElement Config { get; init; }
    public required JsonElement Metadata { get; init; }
    public required int SyncFrequencyMinutes { get; init; }

    /// <summary>inactive, active, error or expired.</summary>
    public required string Status { get; init; }
    public required string StatusReason { get; init; }
    public required bool IsActive { get; init; }

    /// <summary>The account at the provider, once connected.</summary>
    public string? ExternalAccountId { get; init; }

    /// <summary>0.0–1.0, as it was when something last changed; the status document has it to the minute.</summary>
    public required double HealthScore { get; init; }
    public DateTimeOffset? LastSyncAt { get; init; }
    public DateTimeOffset? LastSuccessAt { get; init; }
    public DateTimeOffset? NextSyncAt { get; init; }
    public DateTimeOffset? TokenExpiresAt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    public static IntegrationDocument Of(IntegrationRow row) => new()
    {
        Id = row.Id,
        Name = row.Name,
        IntegrationType = row.Type,
        Provider = row.Provider,
        OauthProvider = row.OAuthProvider,
        Config = JsonElement.Parse(row.Config),
        Metadata = JsonElement.Parse(row.Metadata),
        SyncFrequencyMinutes = row.SyncFrequencyMinutes,
        Status = row.Status,
        StatusReason = row.StatusReason,
        IsActive = row.IsActive,
        ExternalAccountId = row.ExternalAccountId,
        HealthScore = row.HealthScore,
        LastSyncAt = row.LastSyncAt,
        LastSuccessAt = row.LastSuccessAt,
        NextSyncAt = row.NextSyncAt,
        TokenExpiresAt = row.TokenExpiresAt,
        CreatedAt = row.CreatedAt,
        UpdatedAt = row.UpdatedAt,
    };
}
