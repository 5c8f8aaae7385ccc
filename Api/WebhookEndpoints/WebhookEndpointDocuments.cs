using System.ComponentModel.DataAnnotations;
using FinanceIntegrations.Data.Endpoints;

namespace FinanceIntegrations.Api.WebhookEndpoints;

/// <summary>What a user may say about an endpoint.</summary>
public record WebhookEndpointRequest : IValidatableObject
{
    private const int MaxTypes = 100;

    [MaxLength(500, ErrorMessage = "description has at most {1} characters.")]
    public string? Description { get; init; }

    /// <summary>The provider's event types that are taken; absent or null: every one.</summary>
    public IReadOnlyList<string>? EventTypes { get; init; }

    /// <summary>False: its events are refused. True if absent.</summary>
    public bool? IsActive { get; init; }

    internal WebhookEndpointDefinition Definition =>
        new(Description?.Trim() ?? "", EventTypes is null ? null : [.. EventTypes.Distinct(StringComparer.Ordinal)], IsActive ?? true);

    private static bool IsEventType(string? type) =>
        type is { Length: >= 1 and <= 100 } && type.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ':' or '/');

    public virtual IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (EventTypes is { Count: 0 or > MaxTypes }) yield return new($"event_types has 1–{MaxTypes} entries, or is absent.", ["event_types"]);
        if (EventTypes?.All(IsEventType) == false)
            yield return new("An event type has 1–100 letters, digits and . _ - : /", ["event_types"]);
        if (Description?.Contains('\0') == true) yield return new("The description holds a character that cannot be stored.", ["description"]);
    }
}

/// <summary>A new endpoint.</summary>
public sealed record CreateWebhookEndpointRequest : WebhookEndpointRequest
{
    /// <summary>The provider's signing secret, 16–512 printable characters; one is made if absent.</summary>
    public string? Secret { get; init; }

    public override IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        [.. base.Validate(validationContext), .. NewSecret.Check(Secret)];

    public override string ToString() => "webhook endpoint ***";
}

/// <summary>A new secret for an endpoint.</summary>
public sealed record RotateSecretRequest : IValidatableObject
{
    /// <summary>The provider's new signing secret; one is made if absent.</summary>
    public string? Secret { get; init; }

    /// <summary>How long the old one is taken too: 0–168, 24 if absent. 0: every older one is refused at once.</summary>
    [Range(0, 168, ErrorMessage = "overlap_hours is {1}–{2}.")]
    public int? OverlapHours { get; init; }

    /// <summary>
    /// The last rotation's secret was never put to use (its answer was lost, say): this one takes its place, and the one before it is taken for the
    /// overlap. Without it, a rotation during another's overlap is refused.
    /// </summary>
    public bool? ReplacesLast { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => NewSecret.Check(Secret);

    public override string ToString() => "secret ***";
}

/// <summary>An endpoint as the API shows it.</summary>
internal sealed record WebhookEndpointDocument
{
    public required Guid Id { get; init; }

    /// <summary>What to enter at the provider.</summary>
    public required string Url { get; init; }
    public required string Provider { get; init; }
    public required string Description { get; init; }
    public IReadOnlyList<string>? EventTypes { get; init; }
    public required bool IsActive { get; init; }

    /// <summary>Only in the answer to the request that made it.</summary>
    public string? Secret { get; init; }

    /// <summary>Until then the secret before the last rotation is taken too.</summary>
    public DateTimeOffset? PreviousSecretExpiresAt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    public override string ToString() => $"webhook endpoint {Id}";
}
