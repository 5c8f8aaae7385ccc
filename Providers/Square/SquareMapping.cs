using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using FinanceIntegrations.Domain.Money;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers.Wire;

namespace FinanceIntegrations.Providers.Square;

/// <summary>The objects that we map, each from its own bytes.</summary>
internal enum SquareObject
{
    Location,
    Payment,
    Refund,
    Payout,
    Entry,
    Dispute,
}

/// <summary>A row's fate: a record, or a rejection.</summary>
internal readonly record struct SquareRow(UnifiedRecord? Record, RejectedRow? Rejected)
{
    public static implicit operator SquareRow(UnifiedRecord record) => new(record, null);
}

/// <summary>Wire → unified, pure. A row that does not fit is a rejected row with its reason, never an exception.</summary>
internal static class SquareMapping
{
    /// <param name="kind">What it is.</param>
    /// <param name="raw">The row's JSON, kept as it is.</param>
    /// <param name="asOf">When it was read, by Square's clock. Of rows that carry their own <c>updated_at</c>, that holds.</param>
    public static SquareRow Row(SquareObject kind, ReadOnlyMemory<byte> raw, DateTimeOffset asOf)
    {
        try
        {
            if (!Utf8.IsValid(raw.Span)) return Misfit(raw, asOf, "malformed_row", "The row is not UTF-8.");
            return kind switch
            {
                SquareObject.Location => Map(Read(raw, SquareJson.Default.SquareLocation), raw, asOf),
                SquareObject.Payment => Map(Read(raw, SquareJson.Default.SquarePayment), raw, asOf),
                SquareObject.Refund => Map(Read(raw, SquareJson.Default.SquareRefund), raw, asOf),
                SquareObject.Payout => Map(Read(raw, SquareJson.Default.SquarePayout), raw, asOf),
                SquareObject.Entry => Map(Read(raw, SquareJson.Default.SquareEntry), raw, asOf),
                _ => Map(Read(raw, SquareJson.Default.SquareDispute), raw, asOf),
            };
        }
        catch (JsonException error)
        {
            return Misfit(raw, asOf, "malformed_row",
                error.Path is { Length: > 1 } path ? $"The field {path} does not fit." : "A field is missing or does not fit.");
        }
        catch (InvalidOperationException)
        {
            return Misfit(raw, asOf, "malformed_row", "A text of the row is none.");   // half of a surrogate pair
        }
        catch (UnfitRowException unfit)
        {
            return Misfit(raw, asOf, unfit.Code, unfit.Message);
        }
    }

    /// <summary>What Square keeps of a payment for itself and for the application that took it: what it pays out is the total less this.</summary>
    public static long FeesOf(List<SquareFee>? fees, SquareAmount? appFee, Currency currency)
    {
        var sum = SquareMoney.Beside(appFee, currency);
        foreach (var fee in fees ?? []) sum += SquareMoney.Beside(fee?.AmountMoney, currency);
        return sum;
    }

    private static Account Map(SquareLocation wire, ReadOnlyMemory<byte> raw, DateTimeOffset asOf) => new()
    {
        ExternalId = IdOf(wire.Id),
        AsOf = asOf,
        Raw = raw,
        Name = Named(wire.Name) ?? Named(wire.BusinessName) ?? wire.Id,
        AccountType = "payment_processor",
        Currency = Currency.TryParse(wire.Currency, out var currency) ? currency.Code : null,
        Country = wire.Country is { Length: 2 } country ? country : null,
        Status = wire.Status == "INACTIVE" ? "closed" : "enabled",
    };

    private static Payment Map(SquarePayment wire, ReadOnlyMemory<byte> raw, DateTimeOffset asOf)
    {
        var (total, currency) = SquareMoney.Read(wire.TotalMoney ?? wire.AmountMoney);
        return new()
        {
            ExternalId = IdOf(wire.Id),
            AsOf = UpdatedAt(wire.UpdatedAt, asOf),
            Rank = SquareVocabulary.PaymentRank(wire.Status),
            Raw = raw,
            Type = "charge",
            Status = SquareVocabulary.PaymentStatus(wire.Status),
            Amount = SquareMoney.ToAmount(total, currency),
            AmountRefunded = wire.RefundedMoney is { } refunded ? SquareMoney.ToAmount(SquareMoney.Beside(refunded, currency), currency) : null,
            Currency = currency.Code,
            OccurredAt = At(wire.CreatedAt),
            CustomerId = Clean(wire.CustomerId),
            FailureCode = Clean(wire.CardDetails?.Errors?.FirstOrDefault()?.Code),
            Description = Clean(wire.Note),
        };
    }

    private static Payment Map(SquareRefund wire, ReadOnlyMemory<byte> raw, DateTimeOffset asOf)
    {
        var (amount, currency) = SquareMoney.Read(wire.AmountMoney);
        return new()
        {
            ExternalId = IdOf(wire.Id),
            AsOf = UpdatedAt(wire.UpdatedAt, asOf),
            Rank = SquareVocabulary.RefundRank(wire.Status),
            Raw = raw,
            Type = "refund",
            Status = SquareVocabulary.RefundStatus(wire.Status),
            Amount = SquareMoney.ToAmount(amount, currency),
            Currency = currency.Code,
            OccurredAt = At(wire.CreatedAt),
            ParentId = Clean(wire.PaymentId),
            Description = Clean(wire.Reason),
        };
    }

    private static Payout Map(SquarePayout wire, ReadOnlyMemory<byte> raw, DateTimeOffset asOf)
    {
        var (amount, currency) = SquareMoney.Read(wire.AmountMoney);
        return new()
        {
            ExternalId = IdOf(wire.Id),
            AsOf = UpdatedAt(wire.UpdatedAt, asOf),
            Rank = SquareVocabulary.PayoutRank(wire.Status),
            Raw = raw,
            Status = SquareVocabulary.PayoutStatus(wire.Status),
            Amount = SquareMoney.ToAmount(amount, currency),
            Currency = currency.Code,
            OccurredAt = At(wire.CreatedAt),
            ArrivalDate = wire.ArrivalDate is { Length: > 0 } day ? Day(day) : null,
            Method = wire.Type switch
            {
                "BATCH" => "standard",
                "SIMPLE" => "instant",
                _ => null,
            },
            Automatic = wire.Type == "BATCH" ? true : null,
            DestinationId = Clean(wire.Destination?.Id),
            Description = Clean(wire.EndToEndId),
        };
    }

    /// <summary>Square signs the gross amount; the fee is what leaves: net = gross − fee (square.md §4).</summary>
    private static Transaction Map(SquareEntry wire, ReadOnlyMemory<byte> raw, DateTimeOffset asOf)
    {
        var (net, currency) = SquareMoney.Read(wire.NetAmountMoney ?? wire.GrossAmountMoney);
        var fee = SquareMoney.Beside(wire.FeeAmountMoney, currency);
        var gross = wire.GrossAmountMoney?.Amount is null ? unchecked(net + fee) : SquareMoney.Beside(wire.GrossAmountMoney, currency);
        if (wire.NetAmountMoney?.Amount is null) net = unchecked(gross - fee);
        if (net != unchecked(gross - fee)) throw new UnfitRowException("amounts_do_not_add_up", "Net is not gross less fee.");
        var type = Clean(wire.Type) ?? "OTHER";
        return new()
        {
            ExternalId = IdOf(wire.Id),
            AsOf = asOf,
            Raw = raw,
            Type = SquareVocabulary.TransactionType(type),
            ProviderType = type,
            Status = "posted",
            Amount = SquareMoney.ToAmount(gross, currency),
            Fee = SquareMoney.ToAmount(fee, currency),
            Net = SquareMoney.ToAmount(net, currency),
            Currency = currency.Code,
            OccurredAt = At(wire.EffectiveAt),
            SourceId = Clean(SourceOf(wire)),
            PayoutId = IdOf(wire.PayoutId),
        };
    }

    private static Dispute Map(SquareDispute wire, ReadOnlyMemory<byte> raw, DateTimeOffset asOf)
    {
        var (amount, currency) = SquareMoney.Read(wire.AmountMoney);
        return new()
        {
            ExternalId = IdOf(wire.Id ?? wire.DisputeId ?? ""),
            AsOf = UpdatedAt(wire.UpdatedAt, asOf),
            Rank = SquareVocabulary.DisputeRank(wire.State),
            Raw = raw,
            Status = SquareVocabulary.DisputeStatus(wire.State),
            Reason = Clean(wire.Reason) ?? "UNKNOWN",
            Amount = SquareMoney.ToAmount(amount, currency),
            Currency = currency.Code,
            OccurredAt = At(wire.CreatedAt ?? wire.ReportedAt ?? ""),
            PaymentId = Clean(wire.DisputedPayment?.PaymentId),
            EvidenceDueAt = wire.DueAt is { Length: > 0 } due && SquareVocabulary.TakesEvidence(wire.State) ? At(due) : null,
            HasEvidence = wire.EvidenceIds is { } evidence ? evidence.Count > 0 : null,
        };
    }

    /// <summary>Of an entry's details, the object that is nearest to it: the refund before the payment that it gives back.</summary>
    public static string? SourceOf(SquareEntry wire)
    {
        string? payment = null;
        foreach (var (name, details) in wire.Others ?? [])
        {
            if (!name.EndsWith("_details", StringComparison.Ordinal) || details.ValueKind != JsonValueKind.Object) continue;
            if ((Text(details, "refund_id") ?? Text(details, "dispute_id")) is { } nearest) return nearest;
            payment ??= Text(details, "payment_id");
        }
        return payment;
    }

    private static string? Text(JsonElement details, string name) =>
        details.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static T Read<T>(ReadOnlyMemory<byte> raw, JsonTypeInfo<T> type) where T : class =>
        JsonSerializer.Deserialize(raw.Span, type) ?? throw new UnfitRowException("malformed_row", "The row is null.");

    private static SquareRow Misfit(ReadOnlyMemory<byte> raw, DateTimeOffset asOf, string code, string reason) =>
        new(null, new(JsonRows.TextOf(raw.Span, "id"u8), code, reason, raw) { AsOf = asOf });

    private static string IdOf(string id) => id.Length is > 0 and <= 255 && !id.Contains('\0', StringComparison.Ordinal)
        ? id
        : throw new UnfitRowException("bad_id", "The row's id is empty or too long.");

    private static DateTimeOffset At(string time) =>
        SquareTime.Parse(time) ?? throw new UnfitRowException("bad_time", "A time of the row is none.");

    /// <summary>The state is as old as the object says, which is the same in a list and in an event.</summary>
    private static DateTimeOffset UpdatedAt(string? time, DateTimeOffset asOf) => time is { Length: > 0 } ? At(time) : asOf;

    private static DateOnly Day(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
        ? day
        : throw new UnfitRowException("bad_time", "A day of the row is none.");

    private static string? Named(string? name) => string.IsNullOrWhiteSpace(name) ? null : Clean(name);

    /// <summary>PostgreSQL's text holds no NUL.</summary>
    private static string? Clean(string? text) =>
        text?.Contains('\0', StringComparison.Ordinal) == true ? text.Replace("\0", "", StringComparison.Ordinal) : text;
}

/// <summary>Why a row does not fit. Never leaves <see cref="SquareMapping"/> and <see cref="SquareBalances"/>.</summary>
internal sealed class UnfitRowException(string code, string reason) : Exception(reason)
{
    public string Code => code;
}
