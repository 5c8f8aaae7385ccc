using System.Text;
using System.Text.Json;
using FinanceIntegrations.Providers.Wire;

namespace FinanceIntegrations.Providers.Square;

/// <summary>A list's envelope (square.md §3): where each row's bytes stand, and the cursor of the next page.</summary>
/// <param name="Cursor">Null: this is the last page.</param>
/// <remarks>Rows are slices, nothing is copied.</remarks>
internal sealed record SquareList(IReadOnlyList<ReadOnlyMemory<byte>> Rows, string? Cursor)
{
    /// <summary>It is kept in ours, beside a queue of payouts, and that stays under 2 KB. Those seen have about 130 characters.</summary>
    private const int LongestCursor = 700;

    /// <summary>Null: the body is not a list of that. A page without the array is an empty page.</summary>
    /// <param name="name">The array's name: <c>payments</c>.</param>
    /// <param name="body">The answer.</param>
    public static SquareList? Read(string name, ReadOnlyMemory<byte> body)
    {
        try
        {
            return ReadChecked(Encoding.UTF8.GetBytes(name), body);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The one object of an answer: where its bytes stand. Null: there is none.</summary>
    public static ReadOnlyMemory<byte>? ObjectIn(string name, ReadOnlyMemory<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body.Span);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var wanted = reader.ValueTextEquals(name);
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                var isObject = reader.TokenType == JsonTokenType.StartObject;
                reader.Skip();
                if (wanted) return isObject ? body[start..(int)reader.BytesConsumed] : null;
            }
            return null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static SquareList? ReadChecked(ReadOnlySpan<byte> name, ReadOnlyMemory<byte> body)
    {
        var reader = new Utf8JsonReader(body.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
        List<ReadOnlyMemory<byte>> rows = [];
        string? cursor = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isRows = reader.ValueTextEquals(name);
            var isCursor = reader.ValueTextEquals("cursor"u8);
            reader.Read();
            if (isRows && reader.TokenType == JsonTokenType.StartArray) rows = JsonRows.In(body, ref reader, SquareApi.PageSize);
            else if (isRows && reader.TokenType != JsonTokenType.Null) return null;
            else if (isCursor && reader.TokenType == JsonTokenType.String) cursor = reader.GetString();
            else if (isCursor && reader.TokenType != JsonTokenType.Null) return null;
            else reader.Skip();
        }
        while (reader.Read()) { }   // whatever follows the list is an error
        return cursor is { Length: > LongestCursor } ? null : new(rows, string.IsNullOrEmpty(cursor) ? null : cursor);
    }
}
