using System.Text.Json;
using FinanceIntegrations.Providers.Wire;

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
    public static string? IdOf(ReadOnlySpan<byte> row) => JsonRows.TextOf(row, "id"u8);

    /// <summary>An object's <c>created</c>, unix seconds; null where it has none.</summary>
    public static long? CreatedOf(ReadOnlySpan<byte> row)
    {
        try
        {
            var reader = new Utf8JsonReader(row);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject || !JsonRows.Find(ref reader, "created"u8)) return null;
            return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var created) ? created : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

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
            if (isData && reader.TokenType == JsonTokenType.StartArray) rows = JsonRows.In(body, ref reader, StripeApi.PageSize);
            else if (isMore && reader.TokenType is JsonTokenType.True or JsonTokenType.False) hasMore = reader.GetBoolean();
            else reader.Skip();
        }
        while (reader.Read()) { }   // whatever follows the list is an error
        return rows is not null && hasMore is { } more ? new(rows, more) : null;
    }
}
