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
    private const int LongestType = 255;

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

    /// <summary>What was asked for, for the audit log.</summary>
    internal IReadOnlyDictionary<string, string?> Described => new Dictionary<string, string?>
    {
        ["status"] = Status,
        ["event_type"] = EventType,
        ["from"] = From?.ToString("O"),
        ["to"] = To?.ToString("O"),
        ["limit"] = $"{Limit ?? DefaultLimit}",
    };

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!DeliveryStatus.IsKnown(Status)) yield return new(DeliveryStatus.Message, ["status"]);
        if (EventType is { } type && (type.Length is 0 or > LongestType || type.Any(char.IsControl)))
            yield return new($"event_type has 1–{LongestType} characters.", ["event_type"]);
    }
}

/// <param name="Replayed">Events that are in the queue again.</param>
internal sealed record ReplayAnswer(long Replayed);

internal static class DeliveryStatus
{
    public const string Message = "status is pending, done, ignored or dead.";

    public static bool IsKnown(string? status) => status is null or "pending" or "done" or "ignored" or "dead";
}
