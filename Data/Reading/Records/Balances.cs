using FinanceIntegrations.Domain.Records;
using Npgsql;

namespace FinanceIntegrations.Data.Reading.Records;

/// <summary>What an account holds in one currency.</summary>
public sealed record BalanceItem
{
    public required string Id { get; init; }

    /// <summary>The account's id at the provider.</summary>
    public required string AccountId { get; init; }
    public required string Currency { get; init; }
    public required decimal Available { get; init; }
    public required decimal Pending { get; init; }
    public decimal? Reserved { get; init; }
    public required DateTimeOffset AsOf { get; init; }
}

public sealed class BalanceReader(NpgsqlDataSource database) : IRecordReader<BalanceItem>
{
    // Index: the primary key. A balance has no moment of its own: ordered by id.
    private const string ListSql = """
        select external_id, account_id, currency, available, pending, reserved, as_of
        from balances
        where integration_id = $1 and external_id > $2 and ($3 is null or currency = $3) and not deleted
        order by external_id
        limit $4
        """;

    public static RecordKind Kind => RecordKind.Balance;

    public static Position<string> PlaceOf(BalanceItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return new(item.AsOf, item.Id);
    }

    public async Task<IReadOnlyList<BalanceItem>> ListAsync(
        Guid integration, RecordFilter filter, Position<string> after, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ListSql);
        return await command.With(integration).With(after.Id).With(filter.Currency).With(limit).ListAsync(Read, cancel);
    }

    private static BalanceItem Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetString(0),
        AccountId = row.GetString(1),
        Currency = row.GetString(2),
        Available = row.GetDecimal(3),
        Pending = row.GetDecimal(4),
        Reserved = row.Money(5),
        AsOf = row.Time(6),
    };
}
