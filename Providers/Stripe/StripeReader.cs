using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers.Transport;

namespace FinanceIntegrations.Providers.Stripe;

/// <summary>Reads one page of a stream and says where the next one begins (stripe.md §3).</summary>
internal sealed class StripeReader(StripeApi api, StripeEntryReader entries, TimeProvider clock)
{
    /// <summary>Stripe keeps events for 30 days; a day is left for a slow pass.</summary>
    private const long EventsReachBack = 29 * 24 * 60 * 60;

    /// <summary>A transaction that is still pending past its day is looked at again after this long.</summary>
    private const long LatePending = 60 * 60;

    private static readonly string AtRest = new StripeCursor().ToString();

    public Task<ProviderResult<SyncPage>> ReadAsync(PageRequest request, Caller caller, CancellationToken cancel) => request.Stream switch
    {
        StripeStreams.Accounts => AccountAsync(caller, cancel),
        StripeStreams.Balances => BalancesAsync(caller, cancel),
        _ when request.Until is { } until => HistoryAsync(request, until, caller, cancel),
        StripeStreams.PayoutEntries => entries.ReadAsync(Followed(Begin(request), request.From), caller, cancel),
        StripeStreams.Transactions => TransactionsAsync(caller, Begin(request), request.From, cancel),
        _ when StripeStreams.Follow(request.Stream) is { } followed => FollowAsync(followed, caller, Begin(request), request.From, cancel),
        _ => throw new ArgumentException($"Stripe has no stream '{request.Stream}'.", nameof(request)),
    };

    /// <summary>A full read begins anew, whatever the cursor is in the middle of: that may be a pass over a window.</summary>
    private static StripeCursor Begin(PageRequest request) => request.Full ? new() : StripeCursor.Parse(request.Cursor);

    private async Task<ProviderResult<SyncPage>> AccountAsync(Caller caller, CancellationToken cancel)
    {
        var answer = await api.GetAccountAsync(caller, cancel);
        if (!answer.Ok) return answer.Error!;
        var row = StripeMapping.Row(StripeObject.Account, answer.Value.Body, answer.Value.AsOf);
        return row.Record is null ? StripeErrors.Unreadable(answer.Value) : Snapshot(answer.Value, [row.Record], []);
    }

    private async Task<ProviderResult<SyncPage>> BalancesAsync(Caller caller, CancellationToken cancel)
    {
        var answer = await api.GetBalanceAsync(caller, cancel);
        if (!answer.Ok) return answer.Error!;
        var (records, rejected) = StripeMapping.Balances(answer.Value.Body, caller.Account, answer.Value.AsOf);
        return rejected is [{ Code: "malformed_row" }]
            ? StripeErrors.Unreadable(answer.Value)
            : Snapshot(answer.Value, records, rejected) with { Pass = new(records.Count + rejected.Count, Whole: false, Least: 1) };
    }

    /// <summary>What the balance comes to is the sum of its transactions' net: available and pending, per currency (stripe.md §4).</summary>
    public async Task<ProviderResult<StreamTotals>> TotalsAsync(Caller caller, CancellationToken cancel)
    {
        var answer = await api.GetBalanceAsync(caller, cancel);
        if (!answer.Ok) return answer.Error!;
        var (records, rejected) = StripeMapping.Balances(answer.Value.Body, caller.Account, answer.Value.AsOf);
        return rejected.Count > 0
            ? StripeErrors.Unreadable(answer.Value)
            : new StreamTotals(records.Cast<Balance>().ToDictionary(b => b.Currency, b => b.Available + b.Pending));
    }

    private static SyncPage Snapshot(ProviderAnswer answer, List<UnifiedRecord> records, List<RejectedRow> rejected) =>
        new() { Records = records, Rejected = rejected, Cursor = AtRest, EndOfPass = true, Bytes = answer.Body.Length };

    private async Task<ProviderResult<SyncPage>> TransactionsAsync(
        Caller caller, StripeCursor cursor, DateTimeOffset? from, CancellationToken cancel)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        if (cursor.Pass == StripePass.Rest) cursor = BeginTransactions(cursor, from, now);
        var page = await ListAsync("balance_transactions", StripeObject.BalanceTransaction, caller, cursor, cancel);
        if (!page.Ok) return page.Error!;
        // A delta begins before the newest row that was ever shown, and rows of the balance are never taken away.
        var least = cursor is { Pass: StripePass.Delta, Seen: true } ? 1 : 0;
        foreach (var record in page.Value.Records) cursor = Note((Transaction)record, cursor, now);
        return End(page.Value, cursor, least);
    }

    /// <summary>From the watermark on; from the oldest pending one on, once one of the pending has had its day.</summary>
    private static StripeCursor BeginTransactions(StripeCursor rest, DateTimeOffset? from, long now)
    {
        // A window without a row has been read too: the next pass goes on from its begin.
        if (rest.Watermark is not { } watermark) return new() { Pass = StripePass.Full, Since = from?.ToUnixTimeSeconds(), Watermark = from?.ToUnixTimeSeconds() };
        var since = watermark - StripeStreams.Overlap;
        return rest is { PendingSince: { } oldest, PendingDue: { } due } && now >= due
            ? rest with { Pass = StripePass.Delta, Since = Math.Min(since, oldest), PendingSince = null, PendingDue = null }
            : rest with { Pass = StripePass.Delta, Since = since };
    }

    private static StripeCursor Note(Transaction transaction, StripeCursor cursor, long now)
    {
        var created = transaction.OccurredAt.ToUnixTimeSeconds();
        if (cursor.Watermark is null || created >= cursor.Watermark) cursor = cursor with { Watermark = created, Seen = true };
        if (transaction.Status != "pending") return cursor;
        var due = transaction.AvailableAt?.ToUnixTimeSeconds() is { } day && day > now ? day : now + LatePending;
        return cursor with
        {
            PendingSince = Math.Min(cursor.PendingSince ?? long.MaxValue, created),
            PendingDue = Math.Min(cursor.PendingDue ?? long.MaxValue, due),
        };
    }

    /// <summary>A pass that goes on, or the next one: by events from the watermark on, by the list where they do not reach back so far.</summary>
    private StripeCursor Followed(StripeCursor cursor, DateTimeOffset? from) => cursor switch
    {
        { Pass: not StripePass.Rest } => cursor,
        { Watermark: { } watermark } when clock.GetUtcNow().ToUnixTimeSeconds() - watermark <= EventsReachBack => new() { Pass = StripePass.Delta, Since = watermark },
        _ => new() { Pass = StripePass.Full, Since = from?.ToUnixTimeSeconds() },
    };

    private async Task<ProviderResult<SyncPage>> FollowAsync(
        StripeEventStream stream, Caller caller, StripeCursor cursor, DateTimeOffset? from, CancellationToken cancel)
    {
        cursor = Followed(cursor, from);
        var page = cursor.Pass == StripePass.Full
            ? await ListAsync(stream.Id, stream.Object, caller, cursor, cancel)
            : await EventsAsync(stream, caller, cursor, cancel);
        if (!page.Ok) return page.Error!;
        // The next pass follows the events from this one's first page on, by Stripe's clock.
        return End(page.Value, cursor with { Watermark = cursor.Watermark ?? page.Value.Date.ToUnixTimeSeconds() - StripeStreams.Overlap });
    }

    private async Task<ProviderResult<ReadPage>> ListAsync(
        string resource, StripeObject kind, Caller caller, StripeCursor cursor, CancellationToken cancel)
    {
        var answer = await api.ListAsync(resource, caller, cursor.Since, cursor.After, cancel, until: cursor.Until);
        if (!answer.Ok) return answer.Error!;
        if (StripeList.Read(answer.Value.Body) is not { } list) return StripeErrors.Unreadable(answer.Value);
        var page = new ReadPage(answer.Value, list.HasMore);
        foreach (var raw in list.Rows)
        {
            var row = StripeMapping.Row(kind, raw, answer.Value.AsOf);
            page.Take(row, row.Id);
        }
        return page.Checked(cursor.After);
    }

    /// <summary>Of several events about one object on a page, the newest state stands.</summary>
    private async Task<ProviderResult<ReadPage>> EventsAsync(
        StripeEventStream stream, Caller caller, StripeCursor cursor, CancellationToken cancel)
    {
        var answer = await api.ListEventsAsync(stream.Events, caller, cursor.Since ?? 0, cursor.After, cancel);
        if (!answer.Ok) return answer.Error!;
        if (StripeList.Read(answer.Value.Body) is not { } list) return StripeErrors.Unreadable(answer.Value);
        var page = new ReadPage(answer.Value, list.HasMore);
        foreach (var raw in list.Rows)
        {
            if (StripeEvent.Read(raw.Span) is not { CreatedAt: { } created, HasObject: true } @event)
                page.Take(new(null, new(null, "malformed_row", "The event does not fit.", raw) { AsOf = answer.Value.AsOf }), StripeList.IdOf(raw.Span));
            else
                page.Take(StripeMapping.Row(stream.Object, raw[@event.Object], created), @event.Id);
        }
        page.KeepNewest();
        return page.Checked(cursor.After);
    }

    /// <summary>What lies behind the first pass's window. It leaves no watermark: what is new is the other passes'.</summary>
    private async Task<ProviderResult<SyncPage>> HistoryAsync(PageRequest request, DateTimeOffset until, Caller caller, CancellationToken cancel)
    {
        var cursor = StripeCursor.Parse(request.Cursor);
        if (cursor.Pass == StripePass.Rest)
        {
            var made = await api.GetAccountAsync(caller, cancel);
            if (!made.Ok) return made.Error!;
            var to = until.ToUnixTimeSeconds();
            var beginning = StripeList.CreatedOf(made.Value.Body.Span) is { } created && created < to ? created : (long?)null;
            cursor = new() { Pass = StripePass.Full, Since = request.From?.ToUnixTimeSeconds(), Until = to, Beginning = beginning };
        }
        if (request.Stream == StripeStreams.PayoutEntries) return await entries.ReadAsync(cursor, caller, cancel);
        var (resource, kind) = StripeStreams.ListOf(request.Stream);
        var page = await ListAsync(resource, kind, caller, cursor, cancel);
        if (!page.Ok) return page.Error!;
        return End(page.Value, cursor) with { Progress = ProgressOf(page.Value.Oldest, cursor) };
    }

    /// <summary>Lists come newest first, so that the way back to the account's beginning is the measure. An older row than that: there is none.</summary>
    /// <param name="oldest"><c>created</c> of the oldest row so far.</param>
    /// <param name="cursor">Of history; of another pass there is no measure.</param>
    public static double? ProgressOf(long? oldest, StripeCursor cursor)
    {
        if (cursor is not { Beginning: { } beginning, Until: { } until }) return null;
        var last = Math.Max(beginning, cursor.Since ?? beginning);
        if (oldest is not { } reached || reached < last || until <= last) return null;
        return (double)(until - reached) / (until - last);
    }

    /// <param name="least">What a pass must show at the least, by what was shown before.</param>
    private static SyncPage End(ReadPage page, StripeCursor cursor, long least = 0)
    {
        var shown = (cursor.Shown ?? 0) + page.Records.Count + page.Rejected.Count;
        var whole = cursor is { Pass: StripePass.Full, Since: null, Until: null };
        return new()
        {
            Records = page.Records,
            Rejected = page.Rejected,
            Cursor = (page.HasMore
                ? cursor with { After = page.LastId, Shown = shown }
                : cursor with { Pass = StripePass.Rest, After = null, Since = null, Until = null, Beginning = null, Shown = null }).ToString(),
            EndOfPass = !page.HasMore,
            Bytes = page.Bytes,
            OfWholePass = whole,
            Pass = page.HasMore ? null : new(shown, whole, least),
        };
    }
}
