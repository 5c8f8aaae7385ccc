namespace FinanceIntegrations.Data.Endpoints;

/// <summary>An integration's own endpoint, without its secrets.</summary>
public sealed record WebhookEndpointRow
{
    public required Guid Id { get; init; }
    public required Guid IntegrationId { get; init; }
    public required string Provider { get; init; }
    public required string Description { get; init; }

    /// <summary>Null: every type.</summary>
    public IReadOnlyList<string>? EventTypes { get; init; }
    public required bool IsActive { get; init; }

    /// <summary>Until then the secret before the last rotation is taken too.</summary>
    public DateTimeOffset? PreviousSecretExpiresAt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>What a user may change.</summary>
public sealed record WebhookEndpointDefinition(string Description, IReadOnlyList<string>? EventTypes, bool IsActive);

/// <summary>A new secret and what becomes of the one before it.</summary>
/// <param name="SealedSecret">From <see cref="WebhookSecrets.Seal"/>.</param>
/// <param name="PreviousUntil">So long the secret before it is taken too; not after now: all older ones end at once.</param>
/// <param name="ReplacesLast">The secret in force was never put to use: it goes, and the one that is still taken besides stays.</param>
public sealed record SecretRotation(string SealedSecret, DateTimeOffset PreviousUntil, bool ReplacesLast = false);
