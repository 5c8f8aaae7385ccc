using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers.Wire;

namespace FinanceIntegrations.Providers.Square;

/// <summary>
/// Entries are listed payout by payout: the payouts of a location are queued, some at a time, and read one after the other. A delta reads again
/// the entries of those payouts alone that were made or changed since the pass before: their version has grown.
/// </summary>
/// <remarks>
/// The list of payouts is gone through by time, not by Square's cursor: reading the entries of a queue may take longer than the five minutes
/// that a cursor lives.
/// </remarks>
internal sealed class SquareEntryReader(SquareApi api)
{
    private const int PayoutsAtOnce = 20;

    /// <summary>Characters of a queue's ids: the cursor stays under 2 KB.</summary>
    private const int LongestQueue = 900;

    /// <param name="cursor">Of a pass that has begun.</param>
    /// <param name="caller">Whose.</param>
    /// <param name="cancel">Stops the call.</param>
    public async Task<ProviderResult<SyncPage>> ReadAsync(SquareCursor cursor, SquareCaller caller, CancellationToken cancel)
    {
        if (cursor.Queue is not { Count: > 0 })
        {
            if (cursor.Location is null || cursor.Drained == true)
            {
                var place = await SquareLocations.NextAsync(api, cursor, caller, cancel);
                if (!place.Ok) return place.Error!;
                if (!place.Value.Any) return SquarePages.Ended(place.Value.Cursor);
                cursor = place.Value.Cursor;
            }
            var queued = await QueueAsync(cursor, caller, cancel);
            if (!queued.Ok) return queued.Error!;
            cursor = queued.Value;
            if (cursor.Queue is not { Count: > 0 }) return Next(new(), cursor);
        }
        var payout = cursor.Queue![0];
        var answer = await api.ListEntriesAsync(payout, cursor.After, caller, cancel);
        if (answer.Error?.Code == SquareErrors.InvalidCursor && cursor.After is not null)
        {
            cursor = cursor with { After = null };
            answer = await api.ListEntriesAsync(payout, cursor: null, caller, cancel);
        }
        if (!answer.Ok) return answer.Error!;
        var page = ReadPage.Of(SquareObject.Entry, "payout_entries", answer.Value, cursor.After, "effective_at");
        if (!page.Ok) return page.Error!;
        var unfit = cursor.Unfit == true || page.Value.Rejected.Count > 0;
        return page.Value.Next is { } after
            ? SquarePages.Going(page.Value, cursor with { After = after, Unfit = unfit ? true : null })
            : Next(page.Value, cursor with { After = null, Unfit = null, Queue = [.. cursor.Queue.Skip(1)] }) with { PayoutsRead = unfit ? [] : [payout] };
    }

    private static SyncPage Next(ReadPage page, SquareCursor cursor) =>
        cursor is { Queue: not { Count: > 0 }, Drained: true, LastLocation: true } ? SquarePages.Done(page, cursor) : SquarePages.Going(page, cursor);

    /// <summary>The payouts that come after the last one that was queued, newest first.</summary>
    private async Task<ProviderResult<SquareCursor>> QueueAsync(SquareCursor cursor, SquareCaller caller, CancellationToken cancel)
    {
        var answer = await api.ListPayoutsAsync(SquarePages.RangeOfPayouts(cursor), caller, cancel, PayoutsAtOnce);
        if (!answer.Ok) return answer.Error!;
        if (SquareList.Read("payouts", answer.Value.Body) is not { } list) return SquareErrors.Unreadable(answer.Value);
        var ids = list.Rows.Select(row => JsonRows.TextOf(row.Span, "id"u8)).ToList();
        var fresh = cursor.Tail is null ? 0 : ids.IndexOf(cursor.Tail) + 1;   // the second of the last one is listed again
        var queue = new List<string>();
        var (length, taken) = (0, fresh);
        for (; taken < ids.Count && length < LongestQueue; taken++)
        {
            if (ids[taken] is not { } id || !IsNews(list.Rows[taken], cursor)) continue;   // one without an id is the payouts' stream's
            queue.Add(id);
            length += id.Length + 3;
        }
        var drained = list.Cursor is null && taken == ids.Count;
        if (!drained && (taken == fresh || ids[taken - 1] is null || ReadPage.TimeOf(list.Rows[taken - 1], SquareReader.Created) is null))
            return SquareErrors.Unreadable(answer.Value, "pagination_stuck");
        return cursor with
        {
            Queue = queue,
            Drained = drained,
            Tail = drained ? null : ids[taken - 1],
            Edge = drained ? null : ReadPage.TimeOf(list.Rows[taken - 1], SquareReader.Created),
        };
    }

    private static bool IsNews(ReadOnlyMemory<byte> payout, SquareCursor cursor) =>
        cursor.Pass != SquarePass.Delta || ReadPage.TimeOf(payout, "updated_at") is not { } updated || updated >= cursor.Since;
}
