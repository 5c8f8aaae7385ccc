namespace FinanceIntegrations.Data.Reading;

/// <summary>A webhook event, as one integration sees it.</summary>
public record WebhookEvent
{
    /// <summary>Ours; grows with the time of arrival.</summary>
    public required long EventId { get; init; }
    public required Guid EndpointId { get; init; }
    public required string ProviderEventId { get; init; }
    public required string EventType { get; init; }

    /// <summary>By the provider's clock.</summary>
    public DateTimeOffset? OccurredAt { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>pending, done, ignored or dead.</summary>
    public required string Status { get; init; }
    public required int Attempts { get; init; }

    /// <summary>Only while pending.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }
    public string? LastError { get; init; }
    public DateTimeOffset? DoneAt { get; init; }

    /// <summary>Every integration that the event concerns is done with it.</summary>
    public required bool Processed { get; init; }
}

/// <summary>Null: any.</summary>
public sealed record WebhookEventFilter(string? Status, string? EventType, Period Received);
