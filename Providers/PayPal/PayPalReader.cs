using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers.Transport;
using FinanceIntegrations.Providers.Wire;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>Reads one page of a stream and says where the next one begins (paypal.md §3).</summary>
internal sealed class PayPalReader(PayPalApi api, TimeProvider clock)
{
    private readonly PayPalBatchReader _batches = new(api);

    /// <summary>The longest window that one call may ask for: 31 days.</summary>
    private const long LongestSpan = 31 * 24 * 60 * 60;

    /// <summary>Disputes are found for 180 days after they changed; a day is left for a slow pass.</summary>
    private const long DisputesReachBack = 179 * 24 * 60 * 60;

    /// <summary>Rows show up to three hours late; twice that is looked back after a webhook.</summary>
    private const long Late = 6 * 60 * 60;

    /// <summary>Transactions that stay pending hold the next passes' begin back by no more than this.</summary>
    private const long LongestPending = 60 * 24 * 60 * 60;

    /// <summary>Look-ups of a page's disputes at one time.</summary>
    private const int LookUps = 4;

    private static readonly string AtRest = new PayPalCursor().ToString();

    public Task<ProviderResult<SyncPage>> ReadAsync(PageRequest request, PayPalCaller caller, CancellationToken cancel) => request.Stream switch
    {
        PayPalStreams.Accounts => AccountAsync(caller, cancel),
        PayPalStreams.Balances => BalancesAsync(caller, cancel),
        PayPalStreams.PayoutBatches => _batches.ReadAsync(request, caller, Begin(request), cancel),
        PayPalStreams.Disputes => DisputesAsync(caller, Begin(request), cancel),
        PayPalStreams.Transactions or PayPalStreams.Payouts => ReportedAsync(request, caller, Begin(request), cancel),
        _ => throw new ArgumentException($"PayPal has no stream '{request.Stream}'.", nameof(request)),
    };

    /// <summary>A full read begins anew, whatever the cursor is in the middle of: that may be a pass over a window.</summary>
    private static PayPalCursor Begin(PageRequest request) => request.Full ? new() : PayPalCursor.Parse(request.Cursor);

    private async Task<ProviderResult<SyncPage>> AccountAsync(PayPalCaller caller, CancellationToken cancel)
    {
        var answer = await api.GetBalancesAsync(caller, cancel);
        if (!answer.Ok) return answer.Error!;
        var row = PayPalMapping.Account(answer.Value.Body, caller.Account, answer.Value.AsOf);
        return row.Record is null ? PayPalErrors.Unreadable(answer.Value) : Snapshot(answer.Value, [row.Record], []);
    }

    private async Task<ProviderResult<SyncPage>> BalancesAsync(PayPalCaller caller, CancellationToken cancel)
    {
        var answer = await api.GetBalancesAsync(caller, cancel);
        if (!answer.Ok) return answer.Error!;
        var (records, rejected) = PayPalMapping.Balances(answer.Value.Body, caller.Account, answer.Value.AsOf);
        return rejected is [{ Code: "malformed_row" }]
            ? PayPalErrors.Unreadable(answer.Value)
            : Snapshot(answer.Value, records, rejected) with { Pass = new(records.Count + rejected.Count, Whole: false, Least: 0) };
    }

    private static SyncPage Snapshot(ProviderAnswer answer, List<UnifiedRecord> records, List<RejectedRow> rejected) =>
        new() { Records = records, Rejected = rejected, Cursor = AtRest, EndOfPass = true, Bytes = answer.Body.Length };

    private async Task<ProviderResult<SyncPage>> ReportedAsync(PageRequest request, PayPalCaller caller, PayPalCursor cursor, CancellationToken cancel)
    {
        if (cursor is { Pass: PayPalPass.Rest } or { From: null } or { To: null }) cursor = BeginReported(request, cursor);
        while (true)
        {
            var start = cursor.Start ?? cursor.From!.Value;
            var end = Math.Min(start + (cursor.Span ?? LongestSpan), cursor.To!.Value);
            var answer = await api.ListTransactionsAsync(caller, start, end, cursor.Page ?? 1, cancel);
            if (answer.Error is { Code: PayPalErrors.TooManyRows } && end - start > 1)
            {
                cursor = cursor with { Start = start, Span = (end - start) / 2, Page = null };   // no page at all is given: ask for half of the time
                continue;
            }
            if (!answer.Ok) return answer.Error!;
            if (PayPalList.Read(answer.Value.Body, "transaction_details"u8) is not { TotalPages: { } pages } list) return PayPalErrors.Unreadable(answer.Value);
            return Page(request, cursor, list, pages, start, end, answer.Value);
        }
    }

    private PayPalCursor BeginReported(PageRequest request, PayPalCursor rest)
    {
        var now = clock.GetUtcNow();
        var oldest = (now - PayPalStreams.ReportingDepth).ToUnixTimeSeconds();
        if (request.Until is { } until)
            return new() { Pass = PayPalPass.Full, From = Math.Max(oldest, request.From?.ToUnixTimeSeconds() ?? oldest), To = until.ToUnixTimeSeconds(), Settled = true };
        var to = now.ToUnixTimeSeconds();
        if (rest.Watermark is not { } watermark)
            return new() { Pass = PayPalPass.Full, From = Math.Max(oldest, request.From?.ToUnixTimeSeconds() ?? oldest), To = to };
        // A webhook is about something new, and a busy merchant has thousands a day: what changes slowly is the schedule's, unless webhooks leave it no turn.
        if (request.Access.Lane == Lane.Webhook && rest.Reread is { } reread && to - reread < Late)
            return new()
            {
                Pass = PayPalPass.Delta,
                From = Math.Max(watermark - Late, oldest),
                To = to,
                Watermark = watermark,
                PendingSince = rest.PendingSince,
                Reread = reread,
            };
        var since = Math.Min(watermark - (long)PayPalStreams.Overlap(request.Stream).TotalSeconds, rest.PendingSince ?? watermark);
        return new() { Pass = PayPalPass.Delta, From = Math.Max(since, oldest), To = to, Watermark = watermark };
    }

    private SyncPage Page(PageRequest request, PayPalCursor cursor, PayPalList list, int pages, long start, long end, ProviderAnswer answer)
    {
        // Nothing is there beyond the last refresh, and to begin behind it is an error: the pass ends where PayPal's own knowledge does.
        if (cursor.Settled != true)
            cursor = cursor with
            {
                Settled = true,
                To = list.LastRefreshed is { } refreshed ? Math.Max(cursor.From!.Value, Math.Min(cursor.To!.Value, refreshed.ToUnixTimeSeconds())) : cursor.To,
            };
        var (records, rejected) = (new List<UnifiedRecord>(list.Rows.Count), new List<RejectedRow>());
        foreach (var raw in list.Rows)
        {
            var row = PayPalMapping.Reported(request.Stream, raw, answer.AsOf);
            if (row.Record is { } record) records.Add(record);
            if (row.Rejected is { } unfit) rejected.Add(unfit);
            if (row.Record is Transaction { Status: "pending" } or Payout { Status: "in_transit" }) cursor = NotePending(cursor, row.Record);
        }
        var page = cursor.Page ?? 1;
        var shown = (cursor.Shown ?? 0) + records.Count + rejected.Count;
        var windowEnds = page >= pages;
        var ends = windowEnds && end >= cursor.To;
        // After a window that had to be halved, the next may be longer again.
        var next = windowEnds
            ? cursor with { Start = end, Span = Math.Min(LongestSpan, (end - start) * 2), Page = null, Shown = shown }
            : cursor with { Start = start, Span = end - start, Page = page + 1, Shown = shown };
        var progress = (double)((windowEnds ? end : start) - cursor.From!.Value) / Math.Max(1, cursor.To!.Value - cursor.From.Value);
        return new()
        {
            Records = records,
            Rejected = rejected,
            // A pass over history leaves no watermark: what is new is another pass's.
            Cursor = (ends ? cursor.AtRest(request.Until is null ? cursor.To : null) : next).ToString(),
            EndOfPass = ends,
            Bytes = answer.Body.Length,
            Progress = Math.Clamp(progress, 0, 1),
            Pass = ends ? new(shown, Whole: false, Least: 0) : null,   // what is older than three years is never shown again
        };
    }

    private PayPalCursor NotePending(PayPalCursor cursor, UnifiedRecord record)
    {
        var initiated = (record is Transaction transaction ? transaction.OccurredAt : ((Payout)record).OccurredAt).ToUnixTimeSeconds();
        var earliest = clock.GetUtcNow().ToUnixTimeSeconds() - LongestPending;
        return initiated < earliest ? cursor : cursor with { PendingSince = Math.Min(cursor.PendingSince ?? long.MaxValue, initiated) };
    }

    private async Task<ProviderResult<SyncPage>> DisputesAsync(PayPalCaller caller, PayPalCursor cursor, CancellationToken cancel)
    {
        if (cursor.Pass == PayPalPass.Rest || cursor.From is null) cursor = BeginDisputes(cursor);
        var answer = await api.ListDisputesAsync(caller, cursor.From!.Value, cursor.Token, cancel);
        if (!answer.Ok) return answer.Error!;
        if (PayPalList.Read(answer.Value.Body, "items"u8) is not { } list) return PayPalErrors.Unreadable(answer.Value);
        if (list.NextToken is { } same && same == cursor.Token) return PayPalErrors.Unreadable(answer.Value, "pagination_stuck");
        var rows = await DetailsAsync(caller, list.Rows, answer.Value, cancel);
        if (!rows.Ok) return rows.Error!;
        var shown = (cursor.Shown ?? 0) + list.Rows.Count;
        var ends = list.NextToken is null;
        return new SyncPage
        {
            Records = [.. rows.Value.Select(r => r.Record).OfType<UnifiedRecord>()],
            Rejected = [.. rows.Value.Select(r => r.Rejected).OfType<RejectedRow>()],
            Cursor = (ends ? cursor.AtRest(cursor.To) : cursor with { Token = list.NextToken, Shown = shown }).ToString(),
            EndOfPass = ends,
            Bytes = answer.Value.Body.Length,
            Pass = ends ? new(shown, Whole: false, Least: 0) : null,   // what did not change for 180 days is not listed
        };
    }

    /// <summary>From the watermark on, as far back as PayPal finds any. The next pass goes on from this one's begin.</summary>
    private PayPalCursor BeginDisputes(PayPalCursor rest)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var (oldest, overlap) = (now - DisputesReachBack, (long)PayPalStreams.Overlap(PayPalStreams.Disputes).TotalSeconds);
        return rest.Watermark is { } watermark && watermark > oldest
            ? new() { Pass = PayPalPass.Delta, From = watermark - overlap, To = now, Watermark = watermark }
            : new() { Pass = PayPalPass.Full, From = oldest, To = now };
    }

    /// <summary>A list does not say which payment is disputed, nor how it ended: each dispute is looked up.</summary>
    private async Task<ProviderResult<PayPalRow[]>> DetailsAsync(
        PayPalCaller caller, IReadOnlyList<ReadOnlyMemory<byte>> rows, ProviderAnswer listed, CancellationToken cancel)
    {
        var mapped = new PayPalRow[rows.Count];
        ProviderError? failed = null;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, rows.Count), new ParallelOptions { MaxDegreeOfParallelism = LookUps, CancellationToken = cancel }, async (place, stop) =>
            {
                if (failed is not null) return;
                var id = PayPalList.TextOf(rows[place].Span, "dispute_id"u8);
                var answer = id is null ? PayPalErrors.Unreadable(listed) : await api.GetDisputeAsync(caller, id, stop);
                if (answer.Ok && !JsonRows.IsWhole(answer.Value.Body.Span)) answer = PayPalErrors.Unreadable(answer.Value);
                mapped[place] = answer.Ok
                    ? PayPalMapping.Dispute(answer.Value.Body, answer.Value.AsOf)
                    : PayPalMapping.Dispute(rows[place], listed.AsOf);
                if (id is not null && answer.Error is { HttpStatus: not 404 } error) failed = error;
            });
        return failed is null ? mapped : failed;
    }
}
