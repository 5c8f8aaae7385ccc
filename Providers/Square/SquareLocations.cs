using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers.Wire;

namespace FinanceIntegrations.Providers.Square;

/// <param name="Any">False: there is no further location.</param>
/// <param name="Cursor">At the location's beginning.</param>
/// <param name="Row">The location's own JSON.</param>
internal readonly record struct SquarePlace(bool Any, SquareCursor Cursor, ReadOnlyMemory<byte> Row);

/// <summary>
/// The way through a seller's locations, in the order of their ids: a cursor needs to hold only one, however many there are, and one that is
/// opened meanwhile moves no other.
/// </summary>
internal static class SquareLocations
{
    public static async Task<ProviderResult<SquarePlace>> NextAsync(SquareApi api, SquareCursor cursor, SquareCaller caller, CancellationToken cancel)
    {
        var answer = await api.ListLocationsAsync(caller, cancel);
        if (!answer.Ok) return answer.Error!;
        if (SquareList.Read("locations", answer.Value.Body) is not { } list) return SquareErrors.Unreadable(answer.Value);
        (string Id, ReadOnlyMemory<byte> Row)? next = null;
        var further = 0;
        foreach (var row in list.Rows)
        {
            if (JsonRows.TextOf(row.Span, "id"u8) is not { } id || string.CompareOrdinal(id, cursor.Location) <= 0) continue;
            further++;
            if (next is not { } best || string.CompareOrdinal(id, best.Id) < 0) next = (id, row);
        }
        cursor = cursor with { Begun = cursor.Begun ?? answer.Value.Date.ToUnixTimeSeconds() };
        return next is { } found
            ? new SquarePlace(true, cursor.At(found.Id, isLast: further == 1), found.Row)
            : new SquarePlace(false, cursor, default);
    }
}
