using System.Text.Json;
using FinanceIntegrations.Providers.Wire;

namespace FinanceIntegrations.Providers.Square;

/// <summary>What we read of an event's envelope (square.md §7).</summary>
internal readonly record struct SquareEvent(string Id, string Type, string? Merchant, DateTimeOffset? CreatedAt)
{
    private const int LongestId = 255;

    /// <summary>Where the one object in <c>data.object</c> stands in the event's bytes; empty where it has none, like a test notification.</summary>
    public Range Object { get; private init; }

    public bool HasObject => !Object.Equals(default);

    /// <summary>Reads the top level in one pass. Null: not an event, or not JSON.</summary>
    public static SquareEvent? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return ReadChecked(json);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)   // the latter: no valid string
        {
            return null;
        }
    }

    /// <summary>When a body says that it was made; null where it says nothing, whatever else it is.</summary>
    public static DateTimeOffset? TimeOf(ReadOnlySpan<byte> json) => SquareTime.Parse(JsonRows.TextOf(json, "created_at"u8));

    private static SquareEvent? ReadChecked(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
        string? id = null, type = null, merchant = null, created = null;
        var carried = default(Range);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("event_id"u8)) id = Text(ref reader);
            else if (reader.ValueTextEquals("type"u8)) type = Text(ref reader);
            else if (reader.ValueTextEquals("merchant_id"u8)) merchant = Text(ref reader);
            else if (reader.ValueTextEquals("created_at"u8)) created = Text(ref reader);
            else if (reader.ValueTextEquals("data"u8)) carried = ObjectIn(ref reader);
            else Pass(ref reader);
        }
        while (reader.Read()) { }   // whatever follows the object is an error
        return IsName(id) && IsName(type) ? new(id!, type!, IsName(merchant) ? merchant : null, SquareTime.Parse(created)) { Object = carried } : null;
    }

    /// <summary><c>data.object</c> wraps the object once more, under its own name.</summary>
    private static Range ObjectIn(ref Utf8JsonReader reader)
    {
        var found = default(Range);
        if (!Enter(ref reader)) return found;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals("object"u8)) Pass(ref reader);
            else if (Enter(ref reader))
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    reader.Read();
                    var start = (int)reader.TokenStartIndex;
                    var isObject = reader.TokenType == JsonTokenType.StartObject;
                    reader.Skip();
                    if (isObject && found.Equals(default)) found = start..(int)reader.BytesConsumed;
                }
        }
        return found;
    }

    private static bool Enter(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject) return true;
        reader.Skip();
        return false;
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return reader.GetString();
        reader.Skip();
        return null;
    }

    private static void Pass(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    private static bool IsName(string? text) => text is { Length: > 0 and <= LongestId } && !text.Any(char.IsControl);
}
