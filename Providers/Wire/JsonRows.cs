using System.Text.Json;

namespace FinanceIntegrations.Providers.Wire;

/// <summary>Rows of an answer as slices of it, and what can be read of a row whose bytes may fit nothing else.</summary>
internal static class JsonRows
{
    private const int LongestText = 255;

    /// <summary>One JSON value from beginning to end. What was cut off on its way is not: it was no answer, and says nothing of the row.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            while (reader.Read()) reader.Skip();
            return reader.BytesConsumed > 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>A text field at the top of a row. Null: it has none that could be kept, or is no object.</summary>
    public static string? TextOf(ReadOnlySpan<byte> row, ReadOnlySpan<byte> field)
    {
        try
        {
            var reader = new Utf8JsonReader(row);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject && Find(ref reader, field) ? Text(ref reader) : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>From within an object to the value of its field. False: it has none, and the object is over.</summary>
    public static bool Find(ref Utf8JsonReader reader, ReadOnlySpan<byte> field)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var wanted = reader.ValueTextEquals(field);
            reader.Read();
            if (wanted) return true;
            reader.Skip();
        }
        return false;
    }

    /// <summary>The value where the reader stands. Null: no text of 1–255 characters that a database could hold.</summary>
    public static string? Text(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: > 0 and <= LongestText } text && !text.Contains('\0', StringComparison.Ordinal)
            ? text
            : null;

    /// <summary>The elements of the array that the reader has entered: slices, nothing is copied.</summary>
    /// <param name="expected">How many, where that is known.</param>
    public static List<ReadOnlyMemory<byte>> In(ReadOnlyMemory<byte> body, ref Utf8JsonReader reader, int expected = 0)
    {
        var rows = new List<ReadOnlyMemory<byte>>(expected);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            rows.Add(body[start..(int)reader.BytesConsumed]);
        }
        return rows;
    }
}
