using System.Text.Json;
using FinanceIntegrations.Domain.Money;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Providers.Transport;
using FinanceIntegrations.Providers.Wire;

namespace FinanceIntegrations.Providers.Square;

/// <summary>
/// Square tells no balance (square.md §3): what a location has taken and not been paid out yet is derived. Payments and refunds of the last
/// payouts' time that no payout has an entry of, less Square's fees and the application's. What disputes hold back, and what stays unpaid for
/// longer than that time, is not in it; nothing is known to be available.
/// </summary>
internal sealed class SquareBalances(SquareApi api, TimeProvider clock)
{
    private const long Day = 24 * 60 * 60;

    /// <summary>Without an older payout, what was taken in this time counts.</summary>
    private const long LongestSpan = 30 * Day;

    /// <summary>A payout comes at the latest so long after the payments that are in it; a schedule by the week is seen by its payouts.</summary>
    private const long ShortestSpan = 3 * Day;

    /// <param name="location">Its own JSON.</param>
    /// <param name="caller">Whose.</param>
    /// <param name="cancel">Stops the calls.</param>
    public async Task<ProviderResult<SquareRow>> DeriveAsync(ReadOnlyMemory<byte> location, SquareCaller caller, CancellationToken cancel)
    {
        var id = JsonRows.TextOf(location.Span, "id"u8)!;
        if (!Currency.TryParse(JsonRows.TextOf(location.Span, "currency"u8), out var currency))
            return new SquareRow(null, new(id, "unknown_currency", "The location is in a currency that ISO 4217 does not list.", location));
        var asOf = clock.GetUtcNow();
        var oldest = (asOf.ToUnixTimeSeconds() - LongestSpan) / Day * Day;   // by the day: what has not changed is not written again
        try
        {
            var payouts = await AllAsync("payouts", at => api.ListPayoutsAsync(new() { Location = id, From = oldest, Cursor = at }, caller, cancel));
            if (!payouts.Ok) return payouts.Error!;
            var made = payouts.Value.Rows.Select(row => (Row: row, At: ReadPage.TimeOf(row, SquareReader.Created) ?? 0)).ToList();
            var newest = made.Count == 0 ? 0 : made.Max(payout => payout.At);
            var since = made.Select(payout => payout.At).Where(at => at <= newest - ShortestSpan).DefaultIfEmpty(oldest).Max();
            var paid = await PaidAsync(made.Where(payout => payout.At > since).Select(payout => payout.Row), caller, cancel);
            if (!paid.Ok) return paid.Error!;
            var taken = await AllAsync("payments", at => api.ListPaymentsAsync(new() { Location = id, From = since, Cursor = at }, caller, cancel));
            if (!taken.Ok) return taken.Error!;
            var given = await AllAsync("refunds", at => api.ListRefundsAsync(new() { Location = id, From = since, Cursor = at }, caller, cancel));
            if (!given.Ok) return given.Error!;
            var sum = new Derived(id, currency, since);
            foreach (var row in taken.Value.Rows) sum.Take(SquareMapping.Read(row, SquareJson.Default.SquarePayment), paid.Value);
            foreach (var row in given.Value.Rows) sum.Take(SquareMapping.Read(row, SquareJson.Default.SquareRefund), paid.Value);
            return (SquareRow)sum.ToBalance(payouts.Value.AsOf);
        }
        catch (Exception error) when (error is JsonException or UnfitRowException or InvalidOperationException)
        {
            return new SquareRow(null, new(id, "not_derivable", "A payment, refund or payout of the location does not fit.", location) { AsOf = asOf });
        }
    }

    /// <summary>The payments and refunds that the payouts' entries name.</summary>
    private async Task<ProviderResult<HashSet<string>>> PaidAsync(IEnumerable<ReadOnlyMemory<byte>> payouts, SquareCaller caller, CancellationToken cancel)
    {
        var paid = new HashSet<string>(StringComparer.Ordinal);
        foreach (var payout in payouts)
        {
            var id = JsonRows.TextOf(payout.Span, "id"u8) ?? throw new UnfitRowException("bad_id", "The payout has no id.");
            var entries = await AllAsync("payout_entries", at => api.ListEntriesAsync(id, at, caller, cancel));
            if (!entries.Ok) return entries.Error!;
            foreach (var row in entries.Value.Rows)
                if (SquareMapping.Read(row, SquareJson.Default.SquareEntry) is { Type: "CHARGE" or "REFUND" } entry && SquareMapping.SourceOf(entry) is { } source)
                    paid.Add(source);
        }
        return paid;
    }

    private static async Task<ProviderResult<(List<ReadOnlyMemory<byte>> Rows, DateTimeOffset AsOf)>> AllAsync(
        string name, Func<string?, Task<ProviderResult<ProviderAnswer>>> call)
    {
        var rows = new List<ReadOnlyMemory<byte>>();
        DateTimeOffset? asOf = null;
        string? cursor = null;
        do
        {
            var answer = await call(cursor);
            if (!answer.Ok) return answer.Error!;
            if (SquareList.Read(name, answer.Value.Body) is not { } list) return SquareErrors.Unreadable(answer.Value);
            if (list.Cursor is not null && list.Cursor == cursor) return SquareErrors.Unreadable(answer.Value, "pagination_stuck");
            rows.AddRange(list.Rows);
            asOf ??= answer.Value.AsOf;
            cursor = list.Cursor;
        }
        while (cursor is not null);
        return (rows, asOf.Value);
    }

    private sealed class Derived(string location, Currency currency, long since)
    {
        private long _pending;
        private int _payments;
        private int _refunds;

        public void Take(SquarePayment payment, HashSet<string> paid)
        {
            if (payment.Status != "COMPLETED" || !SquareVocabulary.PassesThroughSquare(payment.SourceType) || paid.Contains(payment.Id)) return;
            _payments++;
            _pending = checked(_pending + SquareMoney.Beside(payment.TotalMoney, currency) - SquareMapping.FeesOf(payment.ProcessingFee, payment.AppFeeMoney, currency));
        }

        /// <summary>A refund's fees are negative: Square gives them back.</summary>
        public void Take(SquareRefund refund, HashSet<string> paid)
        {
            if (refund.Status != "COMPLETED" || !SquareVocabulary.PassesThroughSquare(refund.DestinationType) || paid.Contains(refund.Id)) return;
            _refunds++;
            _pending = checked(_pending - SquareMoney.Beside(refund.AmountMoney, currency)
                - SquareMapping.FeesOf(refund.ProcessingFee, null, currency) + SquareMoney.Beside(refund.AppFeeMoney, currency));
        }

        /// <summary>There is no JSON of Square's: the raw row says what the figure is made of.</summary>
        public Balance ToBalance(DateTimeOffset asOf) => new()
        {
            ExternalId = $"{location}:{currency.Code}",
            AsOf = asOf,
            Raw = JsonSerializer.SerializeToUtf8Bytes(
                new SquareDerivation(true, location, currency.Code, SquareTime.Format(since), _payments, _refunds, _pending), SquareJson.Default.SquareDerivation),
            AccountId = location,
            Currency = currency.Code,
            Available = 0,
            Pending = SquareMoney.ToAmount(_pending, currency),
        };
    }
}

/// <param name="Since">Payments and refunds since then count.</param>
/// <param name="Payments">How many of them are in no payout.</param>
/// <param name="Refunds">How many of them are in no payout.</param>
/// <param name="Pending">Minor units.</param>
internal sealed record SquareDerivation(bool Derived, string LocationId, string Currency, string Since, int Payments, int Refunds, long Pending);
