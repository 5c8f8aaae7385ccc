using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;

namespace FinanceIntegrations.Api.Integrations;

/// <summary>What a definition may hold. Only what every later step, the database's jsonb included, can keep.</summary>
internal static class Definition
{
    private const int MaxName = 200;
    private const int MaxObjectBytes = 16 * 1024;

    /// <summary>Null is for whoever requires it.</summary>
    public static IEnumerable<ValidationResult> CheckName(string field, string? name)
    {
        if (name is null) yield break;
        if (name.Trim().Length is < 1 or > MaxName) yield return new($"{field} has 1–{MaxName} characters.", [field]);
        if (name.Any(char.IsControl)) yield return new($"{field} has no control characters.", [field]);
    }

    public static IEnumerable<ValidationResult> CheckObjects(JsonElement? config, JsonElement? metadata)
    {
        foreach (var result in CheckObject("config", config).Concat(CheckObject("metadata", metadata))) yield return result;
        if (Size(config) + Size(metadata) > MaxObjectBytes) yield return new("config and metadata have at most 16 KB together.", ["config"]);
    }

    public static string Text(JsonElement? value, string otherwise) => IsGiven(value) ? value!.Value.GetRawText() : otherwise;

    private static IEnumerable<ValidationResult> CheckObject(string field, JsonElement? value)
    {
        if (!IsGiven(value)) yield break;
        if (value!.Value.ValueKind != JsonValueKind.Object) yield return new($"{field} is a JSON object.", [field]);
        else if (!Keeps(value.Value)) yield return new($"{field} holds a text or number that cannot be stored.", [field]);
    }

    private static bool IsGiven(JsonElement? value) => value is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) };

    private static int Size(JsonElement? value) => IsGiven(value) ? Encoding.UTF8.GetByteCount(value!.Value.GetRawText()) : 0;

    /// <summary>jsonb takes no NUL, no half of a surrogate pair and no number beyond numeric.</summary>
    private static bool Keeps(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().All(p => KeepsText(() => p.Name) && Keeps(p.Value)),
        JsonValueKind.Array => value.EnumerateArray().All(Keeps),
        JsonValueKind.String => KeepsText(() => value.GetString()!),
        JsonValueKind.Number => value.TryGetDouble(out var number) && double.IsFinite(number),
        _ => true,
    };

    private static bool KeepsText(Func<string> read)
    {
        try
        {
            return !read().Contains('\0');
        }
        catch (InvalidOperationException)   // an escape that is half of a surrogate pair
        {
            return false;
        }
    }
}
