using System.Text.Json;

namespace FinanceIntegrations.Providers.Stripe;

/// <summary>A list's envelope (stripe.md §3): where each row's bytes stand, and whether more follow.</summary>
/// <remarks>Rows are slices, nothing is copied.</remarks>
internal sealed record StripeList(IReadOnlyList<ReadOnlyMemory<byte>> Rows, bool HasMore)
{
    /// <summary>Null: the body is not a list.</summary>
    public static StripeList? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return ReadChecked(body);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A row's own id, from bytes that may fit nothing else.</summary>
    public static string? IdOf(ReadOnlySpan<byte> row)
    {
        try
        {
            var reader = new Utf8JsonReader(row);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var wanted = reader.ValueTextEquals("id"u8);
                reader.Read();
                if (wanted) return reader.TokenType == JsonTokenType.String ? Usable(reader.GetString()!) : null;
                reader.Skip();
            }
            return null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>An object's <c>created</c>, unix seconds; null where it has none.</summary>
    public static long? CreatedOf(ReadOnlySpan<byte> row)
    {
        try
        {
            var reader = new Utf8JsonReader(row);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var wanted = reader.ValueTextEquals("created"u8);
                reader.Read();
                if (wanted) return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var created) ? created : null;
                reader.Skip();
            }
            return null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Usable(string id) => id.Length is > 0 and <= 255 && !id.Contains('\0', StringComparison.Ordinal) ? id : null;

    private static StripeList? ReadChecked(ReadOnlyMemory<byte> body)
    {
        var reader = new Utf8JsonReader(body.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
        List<ReadOnlyMemory<byte>>? rows = null;
        bool? hasMore = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isData = reader.ValueTextEquals("data"u8);
            var isMore = reader.ValueTextEquals("has_more"u8);
            reader.Read();
            if (isData && reader.TokenType == JsonTokenType.StartArray) rows = RowsIn(body, ref reader);
            else if (isMore && reader.TokenType is JsonTokenType.True or JsonTokenType.False) hasMore = reader.GetBoolean();
            else reader.Skip();
        }
        while (reader.Read()) { }   // whatever follows the list is an error
        return rows is not null && hasMore is { } more ? new(rows, more) : null;
    }

    private static List<ReadOnlyMemory<byte>> RowsIn(ReadOnlyMemory<byte> body, ref Utf8JsonReader reader)
    {
        var rows = new List<ReadOnlyMemory<byte>>(StripeApi.PageSize);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            rows.Add(body[start..(int)reader.BytesConsumed]);
        }
        return rows;
    }
}
