namespace FinanceIntegrations.Data.Reading;

/// <summary>A row of <c>integrations</c>, as the grain last stored it.</summary>
public sealed record IntegrationRow
{
    public required Guid Id { get; init; }
    public required string Owner { get; init; }
    public required string Name { get; init; }
    public required string Type { get; init; }
    public required string Provider { get; init; }
    public string? OAuthProvider { get; init; }

    /// <summary>A JSON object as text.</summary>
    public required string Config { get; init; }
    public required string Metadata { get; init; }
    public required int SyncFrequencyMinutes { get; init; }
    public required string Status { get; init; }
    public required string StatusReason { get; init; }
    public required bool IsActive { get; init; }
    public string? ExternalAccountId { get; init; }
    public required double HealthScore { get; init; }
    public DateTimeOffset? LastSyncAt { get; init; }
    public DateTimeOffset? LastSuccessAt { get; init; }
    public DateTimeOffset? NextSyncAt { get; init; }
    public DateTimeOffset? TokenExpiresAt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>Null: any.</summary>
public sealed record IntegrationFilter(string? Provider, string? Status, string? Type);
