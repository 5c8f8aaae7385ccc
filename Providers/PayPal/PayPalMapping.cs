using System.Text.Json;
using System.Text.Unicode;
using FinanceIntegrations.Domain.Money;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>A row's fate: a record, a rejection, or neither where it is not of the stream.</summary>
internal readonly record struct PayPalRow(UnifiedRecord? Record, RejectedRow? Rejected)
{
    public static implicit operator PayPalRow(UnifiedRecord record) => new(record, null);
}

/// <summary>Wire → unified, pure. A row that does not fit is a rejected row with its reason, never an exception.</summary>
internal static class PayPalMapping
{
    /// <param name="stream">Transactions or payouts: both are rows of the same report.</param>
    /// <param name="raw">The row's JSON, kept as it is.</param>
    /// <param name="asOf">Since when, by PayPal's clock, the row is in this state, where it does not say so itself.</param>
    public static PayPalRow Reported(string stream, ReadOnlyMemory<byte> raw, DateTimeOffset asOf) => Guarded(raw, asOf, () =>
    {
        var wire = Read(raw, PayPalJson.Default.PayPalTransactionDetail).TransactionInfo;
        if (stream == PayPalStreams.Transactions) return Transaction(wire, raw, asOf);
        return PayPalVocabulary.IsWithdrawal(wire.TransactionEventCode) ? Payout(wire, raw, asOf) : default(PayPalRow);
    });

    /// <summary>A batch of payouts to others, with its items, is one payout. Neither record nor rejection: PayPal has only just taken it, and says no amount yet.</summary>
    /// <param name="calledBack">Its cancellation was ordered here.</param>
    public static PayPalRow Batch(ReadOnlyMemory<byte> raw, DateTimeOffset asOf, bool calledBack) =>
        Guarded(raw, asOf, () => PayPalBatchMapping.Map(Read(raw, PayPalJson.Default.PayPalPayoutBatch), raw, asOf, calledBack));

    public static PayPalRow Dispute(ReadOnlyMemory<byte> raw, DateTimeOffset asOf) => Guarded(raw, asOf, () => Map(Read(raw, PayPalJson.Default.PayPalDispute), raw, asOf));

    /// <summary>One record per currency.</summary>
    /// <param name="account">Where the answer does not name it.</param>
    public static (List<UnifiedRecord> Records, List<RejectedRow> Rejected) Balances(ReadOnlyMemory<byte> raw, string account, DateTimeOffset asOf)
    {
        var records = new List<UnifiedRecord>();
        var rejected = new List<RejectedRow>();
        PayPalBalances wire;
        try
        {
            if (!Utf8.IsValid(raw.Span)) throw new UnfitRowException("malformed_row", "The row is not UTF-8.");
            wire = Read(raw, PayPalJson.Default.PayPalBalances);
        }
        catch (Exception error) when (error is JsonException or UnfitRowException)
        {
            return (records, [new(null, "malformed_row", "The balances do not fit.", raw) { AsOf = asOf }]);
        }
        var at = PayPalTime.Parse(wire.LastRefreshTime) ?? PayPalTime.Parse(wire.AsOfTime) ?? asOf;
        foreach (var detail in wire.Balances)
        {
            try
            {
                var (total, currency) = MoneyOf(detail.TotalBalance);
                records.Add(new Balance
                {
                    ExternalId = $"{IdOf(account)}:{currency.Code}",
                    AsOf = at,
                    Raw = raw,
                    AccountId = account,
                    Currency = currency.Code,
                    Available = detail.AvailableBalance is { } available ? AmountOf(available, currency) : total,
                    Pending = 0,
                    Reserved = detail.WithheldBalance is { } withheld ? AmountOf(withheld, currency) : null,
                });
            }
            catch (UnfitRowException unfit)
            {
                rejected.Add(new(null, unfit.Code, unfit.Message, raw) { AsOf = at });
            }
        }
        return (records, rejected);
    }

    /// <summary>What the balances say of the account: PayPal gives a partner no more of it.</summary>
    public static PayPalRow Account(ReadOnlyMemory<byte> raw, string account, DateTimeOffset asOf) => Guarded(raw, asOf, () =>
    {
        var wire = Read(raw, PayPalJson.Default.PayPalBalances);
        return new Account
        {
            ExternalId = IdOf(account),
            AsOf = asOf,
            Raw = raw,
            Name = account,
            AccountType = "payment_processor",
            Currency = Currency.TryParse(wire.Balances.Find(b => b.Primary == true)?.Currency, out var currency) ? currency.Code : null,
            Status = "enabled",
        };
    });

    /// <summary>Neither id nor id and code are unique: one movement may come with several rows. The status is no part of it (paypal.md §3).</summary>
    public static string KeyOf(string id, string code, DateTimeOffset initiated) => $"{id}|{code}|{PayPalTime.Seconds(initiated)}";

    private static Transaction Transaction(PayPalTransactionInfo wire, ReadOnlyMemory<byte> raw, DateTimeOffset asOf)
    {
        var (amount, currency) = MoneyOf(wire.TransactionAmount);
        var fee = wire.FeeAmount is { } charged ? AmountOf(charged, currency) : AmountOf(0, currency);
        return new()
        {
            ExternalId = KeyOf(wire),
            AsOf = UpdatedOf(wire, asOf),
            Rank = PayPalVocabulary.TransactionRank(wire.TransactionStatus),
            Raw = raw,
            Type = PayPalVocabulary.TransactionType(wire.TransactionEventCode, amount >= 0),
            ProviderType = wire.TransactionEventCode,
            Status = wire.TransactionStatus == "P" ? "pending" : "posted",
            Amount = amount,
            Fee = -fee,   // PayPal's fees are negative: what leaves the account
            Net = amount + fee,
            Currency = currency.Code,
            OccurredAt = InitiatedOf(wire),
            Description = Clean(Named(wire.TransactionSubject) ?? Named(wire.TransactionNote)),
            SourceId = wire.ReferenceId,
            Deleted = wire.TransactionStatus == "D",   // denied: it never moved anything
        };
    }

    private static Payout Payout(PayPalTransactionInfo wire, ReadOnlyMemory<byte> raw, DateTimeOffset asOf)
    {
        var (amount, currency) = MoneyOf(wire.TransactionAmount);
        var key = KeyOf(wire);
        return new()
        {
            ExternalId = key,
            AsOf = UpdatedOf(wire, asOf),
            Rank = PayPalVocabulary.TransactionRank(wire.TransactionStatus),
            Raw = raw,
            Status = amount > 0 ? "failed" : PayPalVocabulary.PayoutStatus(wire.TransactionStatus),   // money that came back
            Amount = Math.Abs(amount),
            Currency = currency.Code,
            OccurredAt = InitiatedOf(wire),
            Automatic = PayPalVocabulary.IsSweep(wire.TransactionEventCode),
            TransactionId = key,
            Description = Clean(Named(wire.TransactionSubject) ?? Named(wire.TransactionNote)),
        };
    }

    private static Dispute Map(PayPalDispute wire, ReadOnlyMemory<byte> raw, DateTimeOffset asOf)
    {
        var (amount, currency) = MoneyOf(wire.DisputeAmount);
        return new()
        {
            ExternalId = IdOf(wire.DisputeId),
            AsOf = wire.UpdateTime is null ? asOf : TimeOf(wire.UpdateTime),
            Rank = PayPalVocabulary.DisputeRank(wire.Status),
            Raw = raw,
            Status = PayPalVocabulary.DisputeStatus(wire.Status, wire.DisputeLifeCycleStage, wire.DisputeOutcome?.OutcomeCode),
            Reason = wire.Reason,
            Amount = amount,
            Currency = currency.Code,
            OccurredAt = TimeOf(wire.CreateTime),
            PaymentId = wire.DisputedTransactions?.Find(t => t.SellerTransactionId is { Length: > 0 })?.SellerTransactionId,
            EvidenceDueAt = wire.Status == "WAITING_FOR_SELLER_RESPONSE" && wire.SellerResponseDueDate is { } due ? TimeOf(due) : null,
            HasEvidence = wire.Evidences?.Exists(e => e.Source == "SUBMITTED_BY_SELLER"),
        };
    }

    private static PayPalRow Guarded(ReadOnlyMemory<byte> raw, DateTimeOffset asOf, Func<PayPalRow> map)
    {
        try
        {
            return Utf8.IsValid(raw.Span) ? map() : Misfit(raw, asOf, "malformed_row", "The row is not UTF-8.");
        }
        catch (JsonException error)
        {
            return Misfit(raw, asOf, "malformed_row",
                error.Path is { Length: > 1 } path ? $"The field {path} does not fit." : "A field is missing or does not fit.");
        }
        catch (UnfitRowException unfit)
        {
            return Misfit(raw, asOf, unfit.Code, unfit.Message);
        }
    }

    private static T Read<T>(ReadOnlyMemory<byte> raw, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(raw.Span, type) ?? throw new UnfitRowException("malformed_row", "The row is null.");

    private static PayPalRow Misfit(ReadOnlyMemory<byte> raw, DateTimeOffset asOf, string code, string reason) =>
        new(null, new(
            PayPalList.TextOf(raw.Span, "transaction_id"u8, "transaction_info"u8) ?? PayPalList.TextOf(raw.Span, "dispute_id"u8)
                ?? PayPalList.TextOf(raw.Span, "payout_batch_id"u8, "batch_header"u8), code, reason, raw)
        { AsOf = asOf });

    private static string KeyOf(PayPalTransactionInfo wire) =>
        KeyOf(IdOf(wire.TransactionId), IdOf(wire.TransactionEventCode), InitiatedOf(wire));

    private static DateTimeOffset InitiatedOf(PayPalTransactionInfo wire) => TimeOf(wire.TransactionInitiationDate);

    private static DateTimeOffset UpdatedOf(PayPalTransactionInfo wire, DateTimeOffset asOf) =>
        wire.TransactionUpdatedDate is null ? asOf : TimeOf(wire.TransactionUpdatedDate);

    private static (decimal Amount, Currency Currency) MoneyOf(PayPalMoneyValue wire)
    {
        if (!Currency.TryParse(wire.CurrencyCode, out var currency))
            throw new UnfitRowException("unknown_currency", "The row is in a currency that ISO 4217 does not list.");
        return (AmountOf(wire, currency), currency);
    }

    private static decimal AmountOf(PayPalMoneyValue wire, Currency currency)
    {
        if (wire.CurrencyCode != currency.Code) throw new UnfitRowException("currencies_differ", "The row's amounts are in several currencies.");
        return PayPalMoney.TryParse(wire.Value, currency, out var amount)
            ? amount
            : throw new UnfitRowException("bad_amount", "An amount of the row is none of its currency.");
    }

    private static decimal AmountOf(int whole, Currency currency) => MinorUnits.ToAmount(whole, PayPalMoney.Decimals(currency));

    internal static DateTimeOffset TimeOf(string text) => PayPalTime.Parse(text) ?? throw new UnfitRowException("bad_time", "A time of the row is none.");

    internal static string IdOf(string id) => id.Length is > 0 and <= 64 && !id.Contains('\0', StringComparison.Ordinal)
        ? id
        : throw new UnfitRowException("bad_id", "The row's id is empty or too long.");

    internal static string? Named(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    /// <summary>PostgreSQL's text holds no NUL.</summary>
    internal static string? Clean(string? text) =>
        text?.Contains('\0', StringComparison.Ordinal) == true ? text.Replace("\0", "", StringComparison.Ordinal) : text;
}

/// <summary>Why a row does not fit. Never leaves <see cref="PayPalMapping"/>.</summary>
internal sealed class UnfitRowException(string code, string reason) : Exception(reason)
{
    public string Code => code;
}
