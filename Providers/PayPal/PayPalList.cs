using System.Text.Json;
using FinanceIntegrations.Providers.Wire;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>A list's envelope (paypal.md §3): where each row's bytes stand, and what is said of the pages.</summary>
/// <remarks>Rows are slices, nothing is copied.</remarks>
internal sealed record PayPalList
{
    public IReadOnlyList<ReadOnlyMemory<byte>> Rows { get; private init; } = [];

    public int? TotalPages { get; private init; }

    public string? AccountNumber { get; private init; }

    /// <summary>What PayPal has is complete up to here.</summary>
    public DateTimeOffset? LastRefreshed { get; private init; }

    /// <summary>Of disputes: the <c>next_page_token</c> in the link <c>next</c>.</summary>
    public string? NextToken { get; private init; }

    /// <summary>Null: the body is not a list.</summary>
    /// <param name="rows">The field that holds the rows. A window without a row may come without it, where there is a number of pages.</param>
    public static PayPalList? Read(ReadOnlyMemory<byte> body, ReadOnlySpan<byte> rows)
    {
        try
        {
            return ReadChecked(body, rows);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A text field at the top of a row, or of the object of that name in it.</summary>
    public static string? TextOf(ReadOnlySpan<byte> row, ReadOnlySpan<byte> field, ReadOnlySpan<byte> inside = default)
    {
        try
        {
            var reader = new Utf8JsonReader(row);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            if (!inside.IsEmpty && !JsonRows.Find(ref reader, inside)) return null;
            return reader.TokenType == JsonTokenType.StartObject && JsonRows.Find(ref reader, field) ? JsonRows.Text(ref reader) : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static PayPalList? ReadChecked(ReadOnlyMemory<byte> body, ReadOnlySpan<byte> field)
    {
        var reader = new Utf8JsonReader(body.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
        List<ReadOnlyMemory<byte>>? rows = null;
        int? pages = null;
        string? refreshed = null, account = null, next = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isRows, isPages) = (reader.ValueTextEquals(field), reader.ValueTextEquals("total_pages"u8));
            var (isRefreshed, isAccount) = (reader.ValueTextEquals("last_refreshed_datetime"u8), reader.ValueTextEquals("account_number"u8));
            var isLinks = reader.ValueTextEquals("links"u8);
            reader.Read();
            if (isRows && reader.TokenType == JsonTokenType.StartArray) rows = JsonRows.In(body, ref reader);
            else if (isPages && reader.TokenType == JsonTokenType.Number) pages = reader.GetInt32();
            else if (isRefreshed && reader.TokenType == JsonTokenType.String) refreshed = reader.GetString();
            else if (isAccount && reader.TokenType == JsonTokenType.String) account = reader.GetString();
            else if (isLinks && reader.TokenType == JsonTokenType.StartArray) next = NextIn(ref reader);
            else reader.Skip();
        }
        while (reader.Read()) { }   // whatever follows the list is an error
        if (rows is null && pages is null) return null;
        return new() { Rows = rows ?? [], TotalPages = pages, LastRefreshed = PayPalTime.Parse(refreshed), AccountNumber = account, NextToken = next };
    }

    private static string? NextIn(ref Utf8JsonReader reader)
    {
        string? token = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            string? href = null, rel = null;
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isHref, isRel) = (reader.ValueTextEquals("href"u8), reader.ValueTextEquals("rel"u8));
                reader.Read();
                if (isHref && reader.TokenType == JsonTokenType.String) href = reader.GetString();
                else if (isRel && reader.TokenType == JsonTokenType.String) rel = reader.GetString();
                else reader.Skip();
            }
            if (rel == "next") token ??= TokenIn(href);
        }
        return token;
    }

    private static string? TokenIn(string? href)
    {
        foreach (var part in (href ?? "").Split('?', '&'))
            if (part.StartsWith("next_page_token=", StringComparison.Ordinal))
                return Uri.UnescapeDataString(part["next_page_token=".Length..]);
        return null;
    }
}
