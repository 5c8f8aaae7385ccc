using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace FinanceIntegrations.Providers.Wire;

/// <summary>What a provider answered, as what it should be.</summary>
internal static class JsonBody
{
    /// <summary>Null: it is not that. Whoever asked says so, as of an answer that lacks what it must have.</summary>
    public static T? Read<T>(ReadOnlyMemory<byte> json, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json.Span, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
