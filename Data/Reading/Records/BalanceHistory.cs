using Npgsql;

namespace FinanceIntegrations.Data.Reading.Records;

/// <summary>What an account held in one currency, from a moment on until the next item of the same account and currency.</summary>
public sealed record BalanceHistoryItem
{
    /// <summary>The account's id at the provider.</summary>
    public required string AccountId { get; init; }
    public required string Currency { get; init; }
    public required decimal Available { get; init; }
    public required decimal Pending { get; init; }

    /// <summary>Held back by the provider; null where it does not say.</summary>
    public decimal? Reserved { get; init; }

    /// <summary>When the provider first showed these figures.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>Orders the states of one moment; no part of the answer.</summary>
    [System.Text.Json.Serialization.JsonIgnore] public long Number { get; init; }
}

/// <param name="Account">The account's id at the provider; null: any.</param>
/// <param name="Currency">ISO 4217, capitals; null: any.</param>
/// <param name="Since">By the moment of the change.</param>
public sealed record BalanceHistoryFilter(string? Account, string? Currency, Period Since);

public sealed class BalanceHistoryReader(NpgsqlDataSource database)
{
    // Index: balance_history_newest.
    private const string ListSql = """
        select account_id, currency, available, pending, reserved, as_of, id
        from balance_history
        where integration_id = $1 and (as_of, id) < ($2, $3) and as_of >= $4 and as_of < $5
          and ($6 is null or account_id = $6) and ($7 is null or currency = $7)
        order by as_of desc, id desc
        limit $8
        """;

    public static Position<long> PlaceOf(BalanceHistoryItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return new(item.AsOf, item.Number);
    }

    /// <summary>Changes of what the accounts hold, newest first.</summary>
    public async Task<IReadOnlyList<BalanceHistoryItem>> ListAsync(
        Guid integration, BalanceHistoryFilter filter, Position<long> after, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ListSql);
        command.With(integration).With(after.At).With(after.Id).With(filter.Since.From).With(filter.Since.To)
            .With(filter.Account).With(filter.Currency).With(limit);
        return await command.ListAsync(Read, cancel);
    }

    private static BalanceHistoryItem Read(NpgsqlDataReader row) => new()
    {
        AccountId = row.GetString(0),
        Currency = row.GetString(1),
        Available = row.GetDecimal(2),
        Pending = row.GetDecimal(3),
        Reserved = row.Money(4),
        AsOf = row.Time(5),
        Number = row.GetInt64(6),
    };
}
