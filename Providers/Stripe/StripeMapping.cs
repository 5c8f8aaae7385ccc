using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using FinanceIntegrations.Domain.Money;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;

namespace FinanceIntegrations.Providers.Stripe;

/// <summary>The objects that we map, each from its own bytes.</summary>
internal enum StripeObject
{
    BalanceTransaction,
    Payout,
    Dispute,
    Charge,
    Refund,
    Account,
}

/// <summary>A row's fate: a record, or a rejection.</summary>
internal readonly record struct StripeRow(UnifiedRecord? Record, RejectedRow? Rejected)
{
    public string? Id => Record?.ExternalId ?? Rejected?.ExternalId;

    public static implicit operator StripeRow(UnifiedRecord record) => new(record, null);
}

/// <summary>Wire → unified, pure. A row that does not fit is a rejected row with its reason, never an exception.</summary>
internal static class StripeMapping
{
    private const long FirstSecond = -62_135_596_800, LastSecond = 253_402_300_799;   // what a DateTimeOffset can hold

    /// <param name="raw">The row's JSON, kept as it is.</param>
    /// <param name="asOf">Since when, by Stripe's clock, the row is in this state.</param>
    public static StripeRow Row(StripeObject kind, ReadOnlyMemory<byte> raw, DateTimeOffset asOf)
    {
        try
        {
            if (!Utf8.IsValid(raw.Span)) return Misfit(raw, asOf, "malformed_row", "The row is not UTF-8.");
            return kind switch
            {
                StripeObject.BalanceTransaction =>
                    Map(Read(raw, StripeJson.Default.StripeBalanceTransaction, "balance_transaction"), raw, asOf),
                StripeObject.Payout => Map(Read(raw, StripeJson.Default.StripePayout, "payout"), raw, asOf),
                StripeObject.Dispute => Map(Read(raw, StripeJson.Default.StripeDispute, "dispute"), raw, asOf),
                StripeObject.Charge => Map(Read(raw, StripeJson.Default.StripeCharge, "charge"), raw, asOf),
                StripeObject.Refund => Map(Read(raw, StripeJson.Default.StripeRefund, "refund"), raw, asOf),
                _ => Map(Read(raw, StripeJson.Default.StripeAccount, "account"), raw, asOf),
            };
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

    /// <summary>A movement as part of a payout. The payout's own movement is no part of it: neither a record nor a rejection.</summary>
    /// <param name="payout">The row does not say it: that comes from the call.</param>
    public static StripeRow Entry(string payout, ReadOnlyMemory<byte> raw, DateTimeOffset asOf)
    {
        var row = Row(StripeObject.BalanceTransaction, raw, asOf);
        if (row.Rejected is { } unfit)
            return new(null, unfit with { ExternalId = unfit.ExternalId is { } id ? PayoutEntry.IdOf(payout, id) : null, Raw = Parked(payout, raw) });
        var transaction = (Transaction)row.Record!;
        if (transaction.Type == "payout" && transaction.SourceId == payout) return default;
        return new PayoutEntry
        {
            ExternalId = PayoutEntry.IdOf(payout, transaction.ExternalId),
            AsOf = asOf,
            Raw = raw,
            PayoutId = payout,
            TransactionId = transaction.ExternalId,
            Type = transaction.Type,
            ProviderType = transaction.ProviderType,
            Amount = transaction.Amount,
            Fee = transaction.Fee,
            Net = transaction.Net,
            Currency = transaction.Currency,
            OccurredAt = transaction.OccurredAt,
            SourceId = transaction.SourceId,
        };
    }

    /// <summary>An entry from what was parked of it.</summary>
    public static StripeRow ParkedEntry(ReadOnlyMemory<byte> parked, DateTimeOffset asOf)
    {
        try
        {
            var wire = JsonSerializer.Deserialize(parked.Span, StripeJson.Default.StripeParkedEntry);
            return wire is null ? Misfit(parked, asOf, "malformed_row", "The row is null.") : Entry(wire.Payout, Encoding.UTF8.GetBytes(wire.Entry.GetRawText()), asOf);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return Misfit(parked, asOf, "malformed_row", "What was parked is no entry of a payout.");
        }
    }

    /// <summary>A payout that should have entries, and Stripe refuses to tell them.</summary>
    public static RejectedRow NotItemised(string payout) =>
        new(payout, "not_itemised", "Stripe does not tell which movements are in this payout.", Parked(payout, "null"u8.ToArray()));

    /// <summary>The id of a payout whose movements can be asked for: an automatic one that Stripe has reconciled; null: not this one, or not yet.</summary>
    public static string? Reconciled(ReadOnlyMemory<byte> payout)
    {
        try
        {
            var wire = payout.IsEmpty ? null : JsonSerializer.Deserialize(payout.Span, StripeJson.Default.StripeReconcilable);
            return wire is { Automatic: true, ReconciliationStatus: "completed", Id: { Length: > 0 } id } ? id : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] Parked(string payout, ReadOnlyMemory<byte> raw)
    {
        var bytes = new ArrayBufferWriter<byte>(raw.Length + payout.Length + 30);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("payout", payout);
            json.WritePropertyName("entry");
            json.WriteRawValue(raw.Span, skipInputValidation: true);   // cut out of an answer that was read as JSON
            json.WriteEndObject();
        }
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>One record per currency. The object names no account: that comes from the call, or from the event.</summary>
    public static (List<UnifiedRecord> Records, List<RejectedRow> Rejected) Balances(
        ReadOnlyMemory<byte> raw, string accountId, DateTimeOffset asOf)
    {
        var records = new List<UnifiedRecord>();
        var rejected = new List<RejectedRow>();
        StripeBalance wire;
        try
        {
            wire = Read(raw, StripeJson.Default.StripeBalance, "balance");
        }
        catch (Exception error) when (error is JsonException or UnfitRowException)
        {
            return (records, [new(null, "malformed_row", "The balance does not fit.", raw) { AsOf = asOf }]);
        }
        var amounts = wire.Available.Concat(wire.Pending).Concat(wire.ConnectReserved ?? []);
        foreach (var code in amounts.Select(a => a.Currency.ToUpperInvariant()).Distinct())
        {
            if (!Currency.TryParse(code, out var currency))
            {
                rejected.Add(new(null, "unknown_currency", "The balance is in a currency that ISO 4217 does not list.", raw) { AsOf = asOf });
                continue;
            }
            records.Add(new Balance
            {
                ExternalId = $"{accountId}:{currency.Code}",
                AsOf = asOf,
                Raw = raw,
                AccountId = accountId,
                Currency = currency.Code,
                Available = Sum(wire.Available, currency),
                Pending = Sum(wire.Pending, currency),
                Reserved = wire.ConnectReserved is { } reserved ? Sum(reserved, currency) : null,
            });
        }
        return (records, rejected);
    }

    /// <summary>Unix seconds; null for what no calendar has.</summary>
    public static DateTimeOffset? Moment(long seconds) =>
        seconds is >= FirstSecond and <= LastSecond ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    private static Transaction Map(StripeBalanceTransaction wire, ReadOnlyMemory<byte> raw, DateTimeOffset asOf)
    {
        var currency = CurrencyOf(wire.Currency);
        var decimals = StripeMoney.Decimals(currency);
        if (wire.Net != unchecked(wire.Amount - wire.Fee))
            throw new UnfitRowException("amounts_do_not_add_up", "Net is not amount less fee.");
        return new()
        {
            ExternalId = IdOf(wire.Id),
            AsOf = asOf,
            Rank = wire.Status == "available" ? 2 : 1,
            Raw = raw,
            Type = StripeVocabulary.TransactionType(wire.ReportingCategory, wire.Type),
            ProviderType = wire.Type,
            Status = wire.Status == "available" ? "posted" : "pending",
            Amount = MinorUnits.ToAmount(wire.Amount, decimals),
            Fee = MinorUnits.ToAmount(wire.Fee, decimals),
            Net = MinorUnits.ToAmount(wire.Net, decimals),
            Currency = currency.Code,
            OccurredAt = At(wire.Created),
            AvailableAt = wire.AvailableOn is { } available ? At(available) : null,
            Description = Clean(wire.Description),
            SourceId = wire.Source,
        };
    }

    private static Payout Map(StripePayout wire, ReadOnlyMemory<byte> raw, DateTimeOffset asOf)
    {
        var currency = CurrencyOf(wire.Currency);
        return new()
        {
            ExternalId = IdOf(wire.Id),
            AsOf = asOf,
            Rank = StripeVocabulary.PayoutRank(wire.Status),
            Raw = raw,
            Status = wire.Status,
            Amount = MinorUnits.ToAmount(wire.Amount, StripeMoney.Decimals(currency)),
            Currency = currency.Code,
            OccurredAt = At(wire.Created),
            ArrivalDate = wire.ArrivalDate is { } day ? DateOnly.FromDateTime(At(day).UtcDateTime) : null,
            Method = wire.Method,
            Automatic = wire.Automatic,
            DestinationId = wire.Destination,
            TransactionId = wire.BalanceTransaction,
            FailureCode = wire.FailureCode,
            Description = Clean(wire.Description),
        };
    }

    private static Dispute Map(StripeDispute wire, ReadOnlyMemory<byte> raw, DateTimeOffset asOf)
    {
        var currency = CurrencyOf(wire.Currency);
        var evidence = wire.EvidenceDetails;
        return new()
        {
            ExternalId = IdOf(wire.Id),
            AsOf = asOf,
            Rank = StripeVocabulary.DisputeRank(wire.Status),
            Raw = raw,
            Status = wire.Status,
            Reason = wire.Reason,
            Amount = MinorUnits.ToAmount(wire.Amount, StripeMoney.Decimals(currency)),
            Currency = currency.Code,
            OccurredAt = At(wire.Created),
            PaymentId = wire.Charge,
            EvidenceDueAt = evidence is { DueBy: > 0 and var due, PastDue: not true }
                && StripeVocabulary.TakesEvidence(wire.Status) ? At(due) : null,
            HasEvidence = evidence?.HasEvidence,
        };
    }

    private static Payment Map(StripeCharge wire, ReadOnlyMemory<byte> raw, DateTimeOffset asOf)
    {
        var currency = CurrencyOf(wire.Currency);
        var decimals = StripeMoney.Decimals(currency);
        return new()
        {
            ExternalId = IdOf(wire.Id),
            AsOf = asOf,
            Rank = StripeVocabulary.ChargeRank(wire),
            Raw = raw,
            Type = "charge",
            Status = StripeVocabulary.ChargeStatus(wire),
            Amount = MinorUnits.ToAmount(wire.Amount, decimals),
            AmountRefunded = wire.AmountRefunded is { } refunded ? MinorUnits.ToAmount(refunded, decimals) : null,
            Currency = currency.Code,
            OccurredAt = At(wire.Created),
            TransactionId = wire.BalanceTransaction,
            CustomerId = wire.Customer,
            FailureCode = wire.FailureCode,
            Description = Clean(wire.Description),
            Disputed = wire.Disputed ?? false,
        };
    }

    private static Payment Map(StripeRefund wire, ReadOnlyMemory<byte> raw, DateTimeOffset asOf)
    {
        var currency = CurrencyOf(wire.Currency);
        return new()
        {
            ExternalId = IdOf(wire.Id),
            AsOf = asOf,
            Rank = StripeVocabulary.RefundRank(wire.Status),
            Raw = raw,
            Type = "refund",
            Status = wire.Status ?? "succeeded",   // without a status only where the method knows no other outcome
            Amount = MinorUnits.ToAmount(wire.Amount, StripeMoney.Decimals(currency)),
            Currency = currency.Code,
            OccurredAt = At(wire.Created),
            ParentId = wire.Charge,
            TransactionId = wire.BalanceTransaction,
            CustomerId = wire.Customer,
            FailureCode = wire.FailureReason,
            Description = Clean(wire.Description),
        };
    }

    private static Account Map(StripeAccount wire, ReadOnlyMemory<byte> raw, DateTimeOffset asOf) => new()
    {
        ExternalId = IdOf(wire.Id),
        AsOf = asOf,
        Raw = raw,
        Name = Named(wire.BusinessProfile?.Name) ?? Named(wire.Settings?.Dashboard?.DisplayName) ?? wire.Id,
        AccountType = "payment_processor",
        Currency = Currency.TryParse(wire.DefaultCurrency, out var currency) ? currency.Code : null,
        Country = wire.Country,
        Status = wire.Requirements?.DisabledReason?.StartsWith("rejected.", StringComparison.Ordinal) == true ? "closed"
            : wire is { ChargesEnabled: true, PayoutsEnabled: true } ? "enabled"
            : "restricted",
    };

    private static T Read<T>(ReadOnlyMemory<byte> raw, JsonTypeInfo<T> type, string word) where T : StripeWire
    {
        var wire = JsonSerializer.Deserialize(raw.Span, type) ?? throw new UnfitRowException("malformed_row", "The row is null.");
        return wire.Object is null || wire.Object == word
            ? wire
            : throw new UnfitRowException("unexpected_object", $"The row is not a {word}.");
    }

    private static StripeRow Misfit(ReadOnlyMemory<byte> raw, DateTimeOffset asOf, string code, string reason) =>
        new(null, new(StripeList.IdOf(raw.Span), code, reason, raw) { AsOf = asOf });

    private static decimal Sum(List<StripeBalanceAmount> amounts, Currency currency)
    {
        var sum = 0m;
        foreach (var amount in amounts)
            if (currency.Code.Equals(amount.Currency, StringComparison.OrdinalIgnoreCase))
                sum += MinorUnits.ToAmount(amount.Amount, StripeMoney.Decimals(currency));
        return sum;
    }

    private static Currency CurrencyOf(string code) => Currency.TryParse(code, out var currency)
        ? currency
        : throw new UnfitRowException("unknown_currency", "The row is in a currency that ISO 4217 does not list.");

    private static string IdOf(string id) => id.Length is > 0 and <= 255 && !id.Contains('\0', StringComparison.Ordinal)
        ? id
        : throw new UnfitRowException("bad_id", "The row's id is empty or too long.");

    private static DateTimeOffset At(long seconds) =>
        Moment(seconds) ?? throw new UnfitRowException("bad_time", "A time of the row is in no calendar.");

    private static string? Named(string? name) => string.IsNullOrWhiteSpace(name) ? null : Clean(name);

    /// <summary>PostgreSQL's text holds no NUL.</summary>
    private static string? Clean(string? text) =>
        text?.Contains('\0', StringComparison.Ordinal) == true ? text.Replace("\0", "", StringComparison.Ordinal) : text;
}

/// <summary>Why a row does not fit. Never leaves <see cref="StripeMapping"/>.</summary>
internal sealed class UnfitRowException(string code, string reason) : Exception(reason)
{
    public string Code => code;
}
