using FinanceIntegrations.Domain.Money;
using FinanceIntegrations.Domain.Records;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>A batch of payouts to others → one payout, as its items stand. What was ordered here has one item.</summary>
internal static class PayPalBatchMapping
{
    /// <exception cref="UnfitRowException">The batch does not fit.</exception>
    public static PayPalRow Map(PayPalPayoutBatch wire, ReadOnlyMemory<byte> raw, DateTimeOffset asOf, bool calledBack)
    {
        var (header, items) = (wire.BatchHeader, wire.Items ?? []);
        if (wire.TotalItems > items.Count && items.Count > 0)
            throw new UnfitRowException("batch_too_large", "The batch pays to more than one answer shows: its items cannot be followed together.");
        var status = StatusOf(header.BatchStatus, items, calledBack);
        if ((items is [{ PayoutItem.Amount: { } own }] ? own : header.Amount) is not { } asked)
            return status is "pending" or "in_transit" ? default : throw new UnfitRowException("bad_amount", "The batch has no amount.");
        var failed = items.Find(item => PayPalVocabulary.PayoutToOthersStatus(header.BatchStatus, item.TransactionStatus, calledBack) == "failed");
        return new Payout
        {
            ExternalId = PayPalMapping.IdOf(header.PayoutBatchId),
            AsOf = asOf,   // a batch does not say when it changed
            Rank = PayPalVocabulary.PayoutToOthersRank(status),
            Raw = raw,
            Status = status,
            Amount = AmountOf(asked, out var currency),
            Currency = currency.Code,
            OccurredAt = header.TimeCreated is { } created ? PayPalMapping.TimeOf(created) : asOf,
            Automatic = false,
            DestinationId = items is [{ PayoutItem.Receiver: { Length: > 0 } receiver }] ? PayPalMapping.Clean(receiver) : null,
            TransactionId = items is [{ TransactionId: { Length: > 0 } moved }] ? PayPalMapping.IdOf(moved) : null,
            FailureCode = status == "failed" ? PayPalErrors.Code(failed?.Errors?.Name) ?? PayPalErrors.Code(failed?.TransactionStatus ?? header.BatchStatus) : null,
            Description = items is [{ PayoutItem.Note: var note }] ? PayPalMapping.Clean(PayPalMapping.Named(note)) : null,
        };
    }

    /// <summary>Of several items: under way while one is, paid only where each is, failed where one has failed.</summary>
    private static string StatusOf(string batch, List<PayPalPayoutItem> items, bool calledBack)
    {
        if (items.Count <= 1) return PayPalVocabulary.PayoutToOthersStatus(batch, items is [var only] ? only.TransactionStatus : null, calledBack);
        var all = items.ConvertAll(item => PayPalVocabulary.PayoutToOthersStatus(batch, item.TransactionStatus, calledBack));
        return all.Find(one => one is not ("paid" or "failed" or "canceled")) is not null ? "in_transit"
            : all.Contains("failed") ? "failed"
            : all.Contains("paid") ? "paid"
            : "canceled";
    }

    private static decimal AmountOf(PayPalPayoutMoney wire, out Currency currency)
    {
        if (!Currency.TryParse(wire.Currency, out currency)) throw new UnfitRowException("unknown_currency", "The batch is in a currency that ISO 4217 does not list.");
        return PayPalMoney.TryParse(wire.Value, currency, out var amount) && amount >= 0
            ? amount
            : throw new UnfitRowException("bad_amount", "The batch's amount is none of its currency.");
    }
}
