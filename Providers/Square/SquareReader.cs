using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers.Transport;

namespace FinanceIntegrations.Providers.Square;

/// <summary>Reads one page of a stream and says where the next one begins (square.md §3).</summary>
internal sealed class SquareReader(SquareApi api, SquareEntryReader entries, SquareBalances balances)
{
    public const string Created = "created_at";
    private const string Updated = "updated_at";

    public Task<ProviderResult<SyncPage>> ReadAsync(PageRequest request, SquareCaller caller, CancellationToken cancel) => request.Stream switch
    {
        SquareStreams.Accounts => AccountsAsync(caller, cancel),
        SquareStreams.Balances => BalancesAsync(request, caller, cancel),
        SquareStreams.Payments => PaymentsAsync(request, caller, cancel),
        SquareStreams.Refunds => RefundsAsync(request, caller, cancel),
        SquareStreams.Payouts => PayoutsAsync(request, caller, cancel),
        SquareStreams.Transactions => entries.ReadAsync(Begin(request), caller, cancel),
        SquareStreams.Disputes => DisputesAsync(request, caller, cancel),
        _ => throw new ArgumentException($"Square has no stream '{request.Stream}'.", nameof(request)),
    };

    /// <summary>A full read begins anew, whatever the cursor is in the middle of: that may be a pass over a window.</summary>
    private static SquareCursor Begin(PageRequest request)
    {
        var cursor = request.Full ? new() : SquareCursor.Parse(request.Cursor);
        if (cursor.Pass != SquarePass.Rest) return cursor;
        return cursor.Watermark is { } watermark && request.Until is null
            ? new() { Pass = SquarePass.Delta, Since = watermark - SquareStreams.Overlap }
            : new() { Pass = SquarePass.Full, From = request.From?.ToUnixTimeSeconds(), Until = request.Until?.ToUnixTimeSeconds() };
    }

    private async Task<ProviderResult<SyncPage>> AccountsAsync(SquareCaller caller, CancellationToken cancel)
    {
        var answer = await api.ListLocationsAsync(caller, cancel);
        if (!answer.Ok) return answer.Error!;
        var page = ReadPage.Of(SquareObject.Location, "locations", answer.Value, after: null, Created);
        if (!page.Ok) return page.Error!;
        return new SyncPage
        {
            Records = page.Value.Records,
            Rejected = page.Value.Rejected,
            Cursor = SquareCursor.AtRest(null).ToString(),
            EndOfPass = true,
            Bytes = page.Value.Bytes,
            Pass = new(page.Value.Shown, Whole: false, Least: 1),   // every seller has a main location
        };
    }

    /// <summary>One location's is one page.</summary>
    private async Task<ProviderResult<SyncPage>> BalancesAsync(PageRequest request, SquareCaller caller, CancellationToken cancel)
    {
        var cursor = SquareCursor.Parse(request.Cursor);
        if (cursor.Pass != SquarePass.Full) cursor = new() { Pass = SquarePass.Full };
        var place = await SquareLocations.NextAsync(api, cursor, caller, cancel);
        if (!place.Ok) return place.Error!;
        if (place.Value is not { Any: true, Row: var row } next) return SquarePages.Ended(place.Value.Cursor);
        var derived = await balances.DeriveAsync(row, caller, cancel);
        if (!derived.Ok) return derived.Error!;
        var shown = (cursor.Shown ?? 0) + 1;
        var isLast = next.Cursor.LastLocation == true;
        return new SyncPage
        {
            Records = derived.Value.Record is { } record ? [record] : [],
            Rejected = derived.Value.Rejected is { } rejected ? [rejected] : [],
            Cursor = (isLast ? SquareCursor.AtRest(null) : next.Cursor with { Drained = true, Shown = shown }).ToString(),
            EndOfPass = isLast,
            Pass = isLast ? new(shown, Whole: false, Least: 0) : null,
        };
    }

    private Task<ProviderResult<SyncPage>> PaymentsAsync(PageRequest request, SquareCaller caller, CancellationToken cancel)
    {
        var cursor = Begin(request);
        var list = new Listing(SquareObject.Payment, "payments", ByLocation: true, cursor.Pass == SquarePass.Delta ? Updated : Created,
            at => api.ListPaymentsAsync(RangeOfChanges(at), caller, cancel));
        return ListAsync(list, cursor, caller, cancel);
    }

    /// <summary>Refunds are of all locations at once.</summary>
    private Task<ProviderResult<SyncPage>> RefundsAsync(PageRequest request, SquareCaller caller, CancellationToken cancel)
    {
        var cursor = Begin(request);
        var list = new Listing(SquareObject.Refund, "refunds", ByLocation: false, cursor.Pass == SquarePass.Delta ? Updated : Created,
            at => api.ListRefundsAsync(RangeOfChanges(at), caller, cancel));
        return ListAsync(list, cursor, caller, cancel);
    }

    private Task<ProviderResult<SyncPage>> PayoutsAsync(PageRequest request, SquareCaller caller, CancellationToken cancel) =>
        ListAsync(new(SquareObject.Payout, "payouts", ByLocation: true, Created,
            at => api.ListPayoutsAsync(SquarePages.RangeOfPayouts(at), caller, cancel)), Begin(request), caller, cancel);

    private async Task<ProviderResult<SyncPage>> DisputesAsync(PageRequest request, SquareCaller caller, CancellationToken cancel)
    {
        var cursor = Begin(request);
        var state = cursor.Pass == SquarePass.Delta ? cursor.State ?? 0 : (int?)null;
        var list = new Listing(SquareObject.Dispute, "disputes", ByLocation: false, Created,
            at => api.ListDisputesAsync(state is { } index ? SquareVocabulary.OpenDisputes[index] : null, at.After, caller, cancel));
        var read = await list.ReadAsync(cursor);
        if (!read.Ok) return read.Error!;
        (var page, cursor) = read.Value;
        return page.Next is null && state + 1 < SquareVocabulary.OpenDisputes.Count
            ? SquarePages.Going(page, cursor with { After = null, Reached = null, State = state + 1 })
            : SquarePages.After(page, cursor, byLocation: false);
    }

    private async Task<ProviderResult<SyncPage>> ListAsync(Listing list, SquareCursor cursor, SquareCaller caller, CancellationToken cancel)
    {
        if (list.ByLocation && (cursor.Location is null || cursor.Drained == true))
        {
            var place = await SquareLocations.NextAsync(api, cursor, caller, cancel);
            if (!place.Ok) return place.Error!;
            if (!place.Value.Any) return SquarePages.Ended(place.Value.Cursor);
            cursor = place.Value.Cursor;
        }
        var read = await list.ReadAsync(cursor);
        return read.Ok ? SquarePages.After(read.Value.Page, read.Value.Cursor, list.ByLocation) : read.Error!;
    }

    /// <summary>
    /// Of lists that can be asked for changes. Whether Square's default of one year of creation still holds beside them is not said
    /// (square.md §3), so the begin is always told.
    /// </summary>
    private static SquareRange RangeOfChanges(SquareCursor at) => at.Pass == SquarePass.Delta
        ? new() { Location = at.Location, From = SquareTime.Beginning, Since = at.Edge ?? at.Since, Cursor = at.After }
        : new() { Location = at.Location, From = at.From ?? SquareTime.Beginning, Until = SquarePages.UntilOf(at), Cursor = at.After };

    /// <summary>How a list is called, and how its pages are read.</summary>
    private sealed record Listing(
        SquareObject Kind, string Name, bool ByLocation, string Ordered, Func<SquareCursor, Task<ProviderResult<ProviderAnswer>>> Call)
    {
        /// <summary>Where Square's cursor has run out, the list is begun again at what it had reached.</summary>
        public async Task<ProviderResult<(ReadPage Page, SquareCursor Cursor)>> ReadAsync(SquareCursor cursor)
        {
            var answer = await Call(cursor);
            if (answer.Error?.Code == SquareErrors.InvalidCursor && cursor.After is not null)
            {
                cursor = cursor with { After = null, Edge = cursor.Reached };
                answer = await Call(cursor);
            }
            if (!answer.Ok) return answer.Error!;
            var page = ReadPage.Of(Kind, Name, answer.Value, cursor.After, Ordered);
            return page.Ok ? (page.Value, cursor with { Begun = cursor.Begun ?? answer.Value.Date.ToUnixTimeSeconds() }) : page.Error!;
        }
    }
}
