using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FinanceIntegrations.Api.OAuth;

/// <summary>Begins an authorization.</summary>
public sealed record AuthorizeRequest
{
    [Required(ErrorMessage = "integration_id is required.")]
    public Guid? IntegrationId { get; init; }

    /// <summary>One of the deployment's list; its first if absent.</summary>
    public string? RedirectUri { get; init; }

    /// <summary>Finish at our own callback page instead of in the caller's application: answers `start_url` too.</summary>
    public bool Hosted { get; init; }
}

/// <param name="AuthorizationUrl">Where the user gives consent, at the provider.</param>
/// <param name="State">Comes back in the callback.</param>
/// <param name="StartUrl">Where a hosted authorization begins: open this instead of `authorization_url`.</param>
internal sealed record AuthorizeAnswer(string AuthorizationUrl, string State, DateTimeOffset ExpiresAt, string? StartUrl);

/// <summary>Ends an authorization: everything that the provider's callback carried.</summary>
public sealed record TokenRequest : IValidatableObject
{
    private const int MaxFields = 20;
    private const int MaxLength = 4096;

    [Required(ErrorMessage = "state is required.")]
    public string? State { get; init; }

    public string? Code { get; init; }

    /// <summary>The provider's error code, where the user declined.</summary>
    public string? Error { get; init; }

    /// <summary>Whatever else the callback carried, as strings.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? More { get; set; }

    /// <summary>Without code and state, and without a provider's words on its error.</summary>
    internal Dictionary<string, string> Parameters =>
        More?.Where(p => p.Value.ValueKind == JsonValueKind.String).ToDictionary(p => p.Key, p => p.Value.GetString()!) ?? [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrEmpty(Code) && string.IsNullOrEmpty(Error)) yield return new("The callback carries a code or an error.", ["code"]);
        if (Code?.Length > MaxLength) yield return new($"code has at most {MaxLength} characters.", ["code"]);
        if (More is null) yield break;
        if (More.Count > MaxFields) yield return new($"The callback carries at most {MaxFields} more fields.", ["body"]);
        foreach (var (name, value) in More)
            if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null) || value.GetRawText().Length > MaxLength)
                yield return new($"The callback's fields are strings of at most {MaxLength} characters.", [name]);
    }

    public override string ToString() => "callback ***";
}
