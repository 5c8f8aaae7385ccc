using FinanceIntegrations.Domain.Records;
using Npgsql;

namespace FinanceIntegrations.Data.Reading.Records;

/// <summary>One movement on an account; negative leaves it. Net is amount less fee.</summary>
public sealed record TransactionItem
{
    public required string Id { get; init; }
    public required string Type { get; init; }

    /// <summary>The provider's own word for the type.</summary>
    public required string ProviderType { get; init; }
    public required string Status { get; init; }
    public required decimal Amount { get; init; }
    public required decimal Fee { get; init; }
    public required decimal Net { get; init; }
    public required string Currency { get; init; }
    public required DateTimeOffset OccurredAt { get; init; }
    public DateTimeOffset? AvailableAt { get; init; }
    public string? Description { get; init; }

    /// <summary>The provider's id of what caused it.</summary>
    public string? SourceId { get; init; }

    /// <summary>The payout that it is part of.</summary>
    public string? PayoutId { get; init; }
    public required DateTimeOffset AsOf { get; init; }
    public required bool Deleted { get; init; }
}

public sealed class TransactionReader(NpgsqlDataSource database) : IRecordReader<TransactionItem>
{
    // Index: transactions_newest.
    private const string ListSql = """
        select external_id, type, provider_type, status, amount, fee, net, currency, occurred_at, available_at, description, source_id, as_of,
               deleted, payout_id
        from transactions
        where integration_id = $1 and (occurred_at, external_id) < ($2, $3) and occurred_at >= $4 and occurred_at < $5
          and ($6 is null or status = $6) and ($7 is null or type = $7) and ($8 is null or currency = $8)
        order by occurred_at desc, external_id desc
        limit $9
        """;

    public static RecordKind Kind => RecordKind.Transaction;

    public static Position<string> PlaceOf(TransactionItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return new(item.OccurredAt, item.Id);
    }

    public async Task<IReadOnlyList<TransactionItem>> ListAsync(
        Guid integration, RecordFilter filter, Position<string> after, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ListSql);
        command.With(integration).With(after.At).With(after.Id).With(filter.Occurred.From).With(filter.Occurred.To)
            .With(filter.Status).With(filter.Type).With(filter.Currency).With(limit);
        return await command.ListAsync(Read, cancel);
    }

    private static TransactionItem Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetString(0),
        Type = row.GetString(1),
        ProviderType = row.GetString(2),
        Status = row.GetString(3),
        Amount = row.GetDecimal(4),
        Fee = row.GetDecimal(5),
        Net = row.GetDecimal(6),
        Currency = row.GetString(7),
        OccurredAt = row.Time(8),
        AvailableAt = row.TimeOrNull(9),
        Description = row.Text(10),
        SourceId = row.Text(11),
        AsOf = row.Time(12),
        Deleted = row.GetBoolean(13),
        PayoutId = row.Text(14),
    };
}
