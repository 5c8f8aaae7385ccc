using FinanceIntegrations.Domain.Records;
using Npgsql;

namespace FinanceIntegrations.Data.Reading.Records;

/// <summary>An account that holds or moves money.</summary>
public sealed record AccountItem
{
    /// <summary>The provider's id.</summary>
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required string AccountType { get; init; }
    public string? Currency { get; init; }
    public string? Country { get; init; }
    public required string Status { get; init; }

    /// <summary>The moment, by the provider's clock, at which this was the record's state.</summary>
    public required DateTimeOffset AsOf { get; init; }
    public required bool Deleted { get; init; }
}

public sealed class AccountReader(NpgsqlDataSource database) : IRecordReader<AccountItem>
{
    // Index: the primary key. An account has no moment of its own: ordered by id.
    private const string ListSql = """
        select external_id, name, account_type, currency, country, status, as_of, deleted
        from accounts
        where integration_id = $1 and external_id > $2 and ($3 is null or status = $3) and ($4 is null or account_type = $4)
          and ($5 is null or currency = $5)
        order by external_id
        limit $6
        """;

    public static RecordKind Kind => RecordKind.Account;

    public static Position<string> PlaceOf(AccountItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return new(item.AsOf, item.Id);
    }

    public async Task<IReadOnlyList<AccountItem>> ListAsync(
        Guid integration, RecordFilter filter, Position<string> after, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ListSql);
        command.With(integration).With(after.Id).With(filter.Status).With(filter.Type).With(filter.Currency).With(limit);
        return await command.ListAsync(Read, cancel);
    }

    private static AccountItem Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetString(0),
        Name = row.GetString(1),
        AccountType = row.GetString(2),
        Currency = row.Text(3),
        Country = row.Text(4),
        Status = row.GetString(5),
        AsOf = row.Time(6),
        Deleted = row.GetBoolean(7),
    };
}
