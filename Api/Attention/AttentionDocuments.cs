using System.ComponentModel.DataAnnotations;
using FinanceIntegrations.Data.Reading;

namespace FinanceIntegrations.Api.Attention;

/// <summary>A person's decision.</summary>
public sealed record ResolveRequest : IValidatableObject
{
    private const int MaxNote = 2_000;

    /// <summary>The code of one of the item's choices.</summary>
    [Required(ErrorMessage = "choice is required.")]
    public string? Choice { get; init; }

    /// <summary>Why, for those who look later; at most 2,000 characters.</summary>
    public string? Note { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Choice?.Length > 100) yield return new("There is no such choice.", ["choice"]);
        if (Note?.Length > MaxNote) yield return new($"note has at most {MaxNote} characters.", ["note"]);
        if (Note?.Contains('\0', StringComparison.Ordinal) == true) yield return new("note holds a character that cannot be stored.", ["note"]);
    }
}

/// <param name="RunId">The run that the choice has started.</param>
internal sealed record ResolvedItem(AttentionEntry Item, Guid? RunId);
