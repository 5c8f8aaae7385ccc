using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;

namespace FinanceIntegrations.Providers.Stripe;

/// <summary>
/// Stripe says which movements are in a payout only where it is asked for that payout, and only of automatic ones that it has reconciled: these are
/// queued, some at a time, and read one after the other. A delta reads those that have been reconciled since, as the events tell (stripe.md §3).
/// </summary>
internal sealed class StripeEntryReader(StripeApi api)
{
    private const int PayoutsAtOnce = 25;

    /// <summary>Characters of an id; twice as long as Stripe's are. A queue of them stays under 2 KB.</summary>
    private const int LongestId = 60;

    /// <summary>Reconciled is when all of a payout's movements are known; one that the bank sends back is never told to be.</summary>
    private static readonly string[] Events = ["payout.reconciliation_completed", "payout.failed"];

    /// <param name="cursor">Of a pass that has begun.</param>
    /// <param name="caller">Whose.</param>
    /// <param name="cancel">Stops the call.</param>
    public async Task<ProviderResult<SyncPage>> ReadAsync(StripeCursor cursor, Caller caller, CancellationToken cancel)
    {
        if (cursor.Queue is not { Count: > 0 })
        {
            var queued = await QueueAsync(cursor, caller, cancel);
            if (!queued.Ok) return queued.Error!;
            cursor = queued.Value;
            if (cursor.Queue is not { Count: > 0 }) return PageOf(null, cursor, []);
        }
        var payout = cursor.Queue![0];
        var answer = await api.ListEntriesAsync(payout, caller, cursor.Entry, cancel);
        // One payout that Stripe does not itemise after all must not hold up the others: it is parked, for a person to see.
        if (answer.Error is { HttpStatus: 400 or 404, Class: ErrorClass.Validation }) return PageOf(null, Behind(cursor), [], StripeMapping.NotItemised(payout));
        if (!answer.Ok) return answer.Error!;
        if (StripeList.Read(answer.Value.Body) is not { } list) return StripeErrors.Unreadable(answer.Value);
        var page = new ReadPage(answer.Value, list.HasMore);
        foreach (var raw in list.Rows) page.Take(StripeMapping.Entry(payout, raw, answer.Value.AsOf), StripeList.IdOf(raw.Span));
        var read = page.Checked(cursor.Entry);
        if (!read.Ok) return read.Error!;
        var unfit = cursor.Unfit == true || page.Rejected.Count > 0;
        return page.HasMore
            ? PageOf(page, cursor with { Entry = page.LastId, Unfit = unfit ? true : null }, [])
            : PageOf(page, Behind(cursor), unfit ? [] : [payout]);
    }

    /// <summary>At the queue's next payout.</summary>
    private static StripeCursor Behind(StripeCursor cursor) => cursor with { Queue = [.. cursor.Queue!.Skip(1)], Entry = null, Unfit = null };

    /// <summary>The payouts that come after the last one that was looked at.</summary>
    private async Task<ProviderResult<StripeCursor>> QueueAsync(StripeCursor cursor, Caller caller, CancellationToken cancel)
    {
        var follows = cursor.Pass == StripePass.Delta;
        var answer = follows
            ? await api.ListEventsAsync(Events, caller, cursor.Since ?? 0, cursor.After, cancel, PayoutsAtOnce)
            : await api.ListAsync("payouts", caller, cursor.Since, cursor.After, cancel, PayoutsAtOnce, cursor.Until);
        if (!answer.Ok) return answer.Error!;
        if (StripeList.Read(answer.Value.Body) is not { } list) return StripeErrors.Unreadable(answer.Value);
        var queue = new List<string>(PayoutsAtOnce);
        var last = cursor.After;
        foreach (var row in list.Rows)
        {
            last = StripeList.IdOf(row.Span) ?? last;
            var payout = !follows ? row : StripeEvent.Read(row.Span) is { HasObject: true } @event ? row[@event.Object] : default;
            if (StripeMapping.Reconciled(payout) is { Length: <= LongestId } id && !queue.Contains(id)) queue.Add(id);   // one that does not fit is the payouts' stream's
        }
        if (list.HasMore && last == cursor.After) return StripeErrors.Unreadable(answer.Value, "pagination_stuck");
        return cursor with
        {
            Queue = queue,
            After = last,
            Drained = list.HasMore ? null : true,
            Reached = list.Rows is [.., var oldest] ? StripeList.CreatedOf(oldest.Span) : cursor.Reached,
            // The next pass follows the events from this one's first page on, by Stripe's clock. History leaves no watermark.
            Watermark = cursor.Watermark ?? (cursor.Until is null ? answer.Value.Date.ToUnixTimeSeconds() - StripeStreams.Overlap : null),
        };
    }

    /// <param name="page">Null: no entry was shown.</param>
    /// <param name="cursor">Where the next page goes on.</param>
    /// <param name="read">The payout whose entries have come to their end.</param>
    /// <param name="refused">The payout whose entries Stripe does not tell.</param>
    private static SyncPage PageOf(ReadPage? page, StripeCursor cursor, IReadOnlyList<string> read, RejectedRow? refused = null)
    {
        var rejected = refused is null ? page?.Rejected ?? [] : [refused];
        var shown = (cursor.Shown ?? 0) + (page?.Records.Count ?? 0) + rejected.Count;
        var ended = cursor is { Drained: true, Queue: not { Count: > 0 } };
        var whole = cursor is { Pass: StripePass.Full, Since: null, Until: null };
        return new()
        {
            Records = page?.Records ?? [],
            Rejected = rejected,
            PayoutsRead = read,
            Cursor = (ended ? new StripeCursor { Watermark = cursor.Watermark } : cursor with { Shown = shown }).ToString(),
            EndOfPass = ended,
            Bytes = page?.Bytes ?? 0,
            OfWholePass = whole,
            Pass = ended ? new(shown, whole, Least: 0) : null,
            Progress = StripeReader.ProgressOf(cursor.Reached, cursor),
        };
    }
}
