using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace FinanceIntegrations.Providers.Wire;

/// <summary>A connector's cursor as text.</summary>
internal static class CursorText
{
    /// <summary>Null, and a cursor of another version or making, is the beginning: reading again does no harm.</summary>
    public static T Read<T>(string? text, JsonTypeInfo<T> type, Func<T, bool> isCurrent)
        where T : class, new()
    {
        if (text is null) return new();
        try
        {
            return JsonSerializer.Deserialize(text, type) is { } cursor && isCurrent(cursor) ? cursor : new();
        }
        catch (JsonException)
        {
            return new();
        }
    }
}
