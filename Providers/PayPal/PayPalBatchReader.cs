using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers.Wire;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>PayPal lists no batches of payouts (paypal.md §3): those that are known and due are read one by one, so many in a pass.</summary>
internal sealed class PayPalBatchReader(PayPalApi api)
{
    /// <summary>What is due beyond that is the next pass's.</summary>
    private const int MostInAPass = 500;

    private const int ReadsAtOnce = 4;

    private static readonly string AtRest = new PayPalCursor().ToString();

    public async Task<ProviderResult<SyncPage>> ReadAsync(PageRequest request, PayPalCaller caller, PayPalCursor cursor, CancellationToken cancel)
    {
        var rows = new PayPalRow[request.Payouts.Count];
        var bytes = 0;
        var denials = 0;
        ProviderError? failed = null, denied = null;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, rows.Length), new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancel }, async (place, stop) =>
            {
                if (failed is not null) return;
                var payout = request.Payouts[place];
                var answer = await api.GetPayoutAsync(payout.Id, caller, stop);
                if (answer.Ok && !JsonRows.IsWhole(answer.Value.Body.Span)) answer = PayPalErrors.Unreadable(answer.Value);
                if (answer.Error is { HttpStatus: 403 } denial)
                {
                    denied = denial;
                    Interlocked.Increment(ref denials);
                }
                else if (answer.Error is { HttpStatus: not (400 or 404 or 422) } error) failed = error;
                if (!answer.Ok) return;   // refused alone, it keeps no other from being read
                rows[place] = PayPalMapping.Batch(answer.Value.Body, answer.Value.AsOf, payout.CalledBack);
                // Another batch than was asked for would be kept as this one's news.
                if (rows[place].Record is Payout read && read.ExternalId != payout.Id) failed = PayPalErrors.Unreadable(answer.Value);
                Interlocked.Add(ref bytes, answer.Value.Body.Length);
            });
        if (failed is not null) return failed;
        // All of them: the permission is missing. The other streams go on without it: it ends no connection.
        if (denied is not null && denials == rows.Length) return denied with { Class = ErrorClass.BusinessRule, OwnCredential = false };
        var shown = (cursor.Shown ?? 0) + rows.Length;
        var ends = rows.Length < PayoutFollowing.PageSize || shown >= MostInAPass;
        return new SyncPage
        {
            Records = [.. rows.Select(row => row.Record).OfType<UnifiedRecord>()],
            Rejected = [.. rows.Select(row => row.Rejected).OfType<RejectedRow>()],
            Followed = request.Payouts,
            Cursor = ends ? AtRest : new PayPalCursor { Pass = PayPalPass.Full, Shown = shown }.ToString(),
            EndOfPass = ends,
            Bytes = bytes,
        };
    }
}
