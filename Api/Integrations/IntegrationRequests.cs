using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using FinanceIntegrations.Domain.Integrations;

namespace FinanceIntegrations.Api.Integrations;

/// <summary>A new integration.</summary>
public sealed record CreateIntegrationRequest : IValidatableObject
{
    /// <summary>1–200 characters.</summary>
    [Required(ErrorMessage = "name is required.")]
    public string? Name { get; init; }

    /// <summary>bank, accounting, payment_processor, tax_authority or custom.</summary>
    [Required(ErrorMessage = "integration_type is required.")]
    public string? IntegrationType { get; init; }

    /// <summary>One of the catalogue's ids.</summary>
    [Required(ErrorMessage = "provider is required.")]
    public string? Provider { get; init; }

    /// <summary>1–200 characters.</summary>
    public string? OauthProvider { get; init; }

    /// <summary>The caller's settings: a JSON object; with the metadata at most 16 KB.</summary>
    public JsonElement? Config { get; init; }

    /// <summary>The caller's notes: a JSON object.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>1–10080, 60 if absent.</summary>
    [Range(SyncSchedule.MinFrequencyMinutes, SyncSchedule.MaxFrequencyMinutes, ErrorMessage = "sync_frequency_minutes is {1}–{2}.")]
    public int? SyncFrequencyMinutes { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
    [
        .. Definition.CheckName("name", Name),
        .. Definition.CheckName("oauth_provider", OauthProvider),
        .. Definition.CheckObjects(Config, Metadata),
    ];
}

/// <summary>What replaces an integration's definition. What is absent stays as it is.</summary>
public sealed record UpdateIntegrationRequest : IValidatableObject
{
    /// <summary>1–200 characters.</summary>
    public string? Name { get; init; }

    /// <summary>A JSON object; with the metadata at most 16 KB.</summary>
    public JsonElement? Config { get; init; }

    /// <summary>A JSON object.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>1–10080.</summary>
    [Range(SyncSchedule.MinFrequencyMinutes, SyncSchedule.MaxFrequencyMinutes, ErrorMessage = "sync_frequency_minutes is {1}–{2}.")]
    public int? SyncFrequencyMinutes { get; init; }

    /// <summary>False: nothing is called, nothing is lost.</summary>
    public bool? IsActive { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        [.. Definition.CheckName("name", Name), .. Definition.CheckObjects(Config, Metadata)];
}
