using System.Globalization;
using System.Text;
using FinanceIntegrations.Api.Problems;
using FinanceIntegrations.Data.Reading;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace FinanceIntegrations.Api.Lists;

/// <summary>One page of a list, newest first.</summary>
/// <param name="NextCursor">Null: there is nothing more.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>What every list takes.</summary>
/// <param name="Limit">1–500, 50 if absent.</param>
/// <param name="Cursor">A page's next_cursor.</param>
internal readonly record struct PageQuery([FromQuery(Name = "limit")] int? Limit, [FromQuery(Name = "cursor")] string? Cursor)
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 500;

    public int Size => Limit ?? DefaultLimit;

    /// <summary>Reads limit and cursor.</summary>
    /// <returns>Null: they are good.</returns>
    public ProblemHttpResult? Read<TId>(Position<TId> newest, out Position<TId> after)
        where TId : IParsable<TId>
    {
        after = newest;
        if (Limit is < 1 or > MaxLimit) return Problem.Invalid("limit", $"limit is 1–{MaxLimit}.");
        if (string.IsNullOrEmpty(Cursor) || Cursors.TryRead(Cursor, out after)) return null;
        return Problem.Of(StatusCodes.Status400BadRequest, "cursor_invalid", "The cursor is not one of ours.");
    }

    /// <summary>Rows were asked for with one more than the page: that one says whether there is a next page.</summary>
    public Page<TItem> Of<TRow, TItem, TId>(IReadOnlyList<TRow> rows, Func<TRow, TItem> show, Func<TRow, Position<TId>> place)
        where TId : IParsable<TId>
    {
        var items = rows.Take(Size).Select(show).ToList();
        return new(items, rows.Count > Size ? Cursors.Write(place(rows[Size - 1])) : null);
    }

    public Page<TRow> Of<TRow, TId>(IReadOnlyList<TRow> rows, Func<TRow, Position<TId>> place)
        where TId : IParsable<TId> => Of(rows, r => r, place);
}

/// <summary>Cursors are opaque to callers. They only name a place: what may be read there is decided by the request.</summary>
internal static class Cursors
{
    private const int MaxLength = 600;

    public static string Write<TId>(Position<TId> position) =>
        WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{position.At.UtcTicks}:{position.Id}")));

    public static bool TryRead<TId>(string cursor, out Position<TId> position)
        where TId : IParsable<TId>
    {
        position = default;
        if (cursor.Length > MaxLength || Decode(cursor) is not { } text || text.Split(':', 2) is not [var ticks, var id]) return false;
        if (!long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at)) return false;
        if (at > DateTimeOffset.MaxValue.Ticks) return false;
        if (!TId.TryParse(id, CultureInfo.InvariantCulture, out var parsed) || id.Contains('\0')) return false;
        position = new(new(at, TimeSpan.Zero), parsed);
        return true;
    }

    private static string? Decode(string cursor)
    {
        try
        {
            return Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(cursor));
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
