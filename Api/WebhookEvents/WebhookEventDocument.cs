using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using FinanceIntegrations.Data.Reading;

namespace FinanceIntegrations.Api.WebhookEvents;

/// <summary>An event with what the provider sent.</summary>
internal sealed record WebhookEventDocument : WebhookEvent
{
    [SetsRequiredMembers]
    public WebhookEventDocument(WebhookEventWithPayload found)
        : base(found.Event) => Payload = JsonElement.Parse(found.Payload.Span);

    /// <summary>The provider's own JSON.</summary>
    public JsonElement Payload { get; }
}

/// <summary>Which events to take again: the oldest that match, whatever became of them.</summary>
public sealed record ReplayRequest : IValidatableObject
{
    internal const int DefaultLimit = 1_000;
    private const int MaxLimit = 10_000;

    /// <summary>pending, done, ignored or dead; any if absent.</summary>
    public string? Status { get; init; }

    public string? EventType { get; init; }

    /// <summary>Received at or after.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Received before.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>1–10000, 1000 if absent.</summary>
    [Range(1, MaxLimit, ErrorMessage = "limit is {1}–{2}.")]
    public int? Limit { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!DeliveryStatus.IsKnown(Status)) yield return new(DeliveryStatus.Message, ["status"]);
    }
}

/// <param name="Replayed">Events that are in the queue again.</param>
internal sealed record ReplayAnswer(long Replayed);

internal static class DeliveryStatus
{
    public const string Message = "status is pending, done, ignored or dead.";

    public static bool IsKnown(string? status) => status is null or "pending" or "done" or "ignored" or "dead";
}
