using System.Text.Json;

namespace FinanceIntegrations.Api.Integrations;

/// <summary>Enums' names as they stand in the API: snake_case.</summary>
internal static class Words
{
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    public static bool TryParse<T>(string? word, out T value)
        where T : struct, Enum
    {
        foreach (var known in Enum.GetValues<T>())
            if (Of(known) == word)
            {
                value = known;
                return true;
            }
        value = default;
        return false;
    }
}
