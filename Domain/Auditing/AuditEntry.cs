namespace FinanceIntegrations.Domain.Auditing;

/// <summary>Who did what. Holds nothing secret or personal but the actor's own id.</summary>
public sealed record AuditEntry
{
    /// <summary>Actor of what nobody asked for at that moment.</summary>
    public const string BySystem = "system";

    public Guid Id { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>The user (<c>sub</c>), or <see cref="BySystem"/>.</summary>
    public string Actor { get; init; } = "";

    /// <summary>One of <see cref="AuditActions"/>.</summary>
    public string Action { get; init; } = "";

    /// <summary>What it was done to, within the integration: an operation, a payout, an item of the attention list.</summary>
    public string? Subject { get; init; }

    public IReadOnlyDictionary<string, string?> Details { get; init; } = new Dictionary<string, string?>();
}

/// <summary>Stable codes.</summary>
public static class AuditActions
{
    public const string IntegrationCreated = "integration_created";
    public const string IntegrationUpdated = "integration_updated";
    public const string IntegrationDeleted = "integration_deleted";
    public const string Connected = "connected";
    public const string ConsentWithdrawn = "consent_withdrawn";
    public const string WriteOrdered = "write_ordered";
    public const string WriteSucceeded = "write_succeeded";
    public const string WriteFailed = "write_failed";
    public const string WriteDecided = "write_decided";
    public const string AttentionSettled = "attention_settled";
    public const string SyncAll = "sync_all";
    public const string RefreshAll = "refresh_expired_tokens";
    public const string EndpointCreated = "webhook_endpoint_created";
    public const string EndpointChanged = "webhook_endpoint_changed";
    public const string EndpointDeleted = "webhook_endpoint_deleted";
    public const string SecretRotated = "webhook_secret_rotated";
    public const string EventsReplayed = "webhook_events_replayed";
}
