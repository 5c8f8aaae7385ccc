using FinanceIntegrations.Domain.Records;
using Npgsql;

namespace FinanceIntegrations.Data.Reading.Records;

/// <summary>Money that the provider sends to the user's bank.</summary>
public sealed record PayoutItem
{
    public required string Id { get; init; }
    public required string Status { get; init; }
    public required decimal Amount { get; init; }
    public required string Currency { get; init; }
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>Day on which the money is expected at the bank.</summary>
    public DateOnly? ArrivalDate { get; init; }
    public string? Method { get; init; }
    public bool? Automatic { get; init; }
    public string? DestinationId { get; init; }
    public string? TransactionId { get; init; }
    public string? FailureCode { get; init; }
    public string? Description { get; init; }
    public required DateTimeOffset AsOf { get; init; }
    public required bool Deleted { get; init; }
}

public sealed class PayoutReader(NpgsqlDataSource database) : IRecordReader<PayoutItem>
{
    // Index: payouts_newest.
    private const string ListSql = """
        select external_id, status, amount, currency, occurred_at, arrival_date, method, automatic, destination_id, transaction_id,
               failure_code, description, as_of, deleted
        from payouts
        where integration_id = $1 and (occurred_at, external_id) < ($2, $3) and occurred_at >= $4 and occurred_at < $5
          and ($6 is null or status = $6) and ($7 is null or method = $7) and ($8 is null or currency = $8)
        order by occurred_at desc, external_id desc
        limit $9
        """;

    public static RecordKind Kind => RecordKind.Payout;

    public static Position<string> PlaceOf(PayoutItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return new(item.OccurredAt, item.Id);
    }

    public async Task<IReadOnlyList<PayoutItem>> ListAsync(
        Guid integration, RecordFilter filter, Position<string> after, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ListSql);
        command.With(integration).With(after.At).With(after.Id).With(filter.Occurred.From).With(filter.Occurred.To)
            .With(filter.Status).With(filter.Type).With(filter.Currency).With(limit);
        return await command.ListAsync(Read, cancel);
    }

    private static PayoutItem Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetString(0),
        Status = row.GetString(1),
        Amount = row.GetDecimal(2),
        Currency = row.GetString(3),
        OccurredAt = row.Time(4),
        ArrivalDate = row.IsDBNull(5) ? null : row.GetFieldValue<DateOnly>(5),
        Method = row.Text(6),
        Automatic = row.Flag(7),
        DestinationId = row.Text(8),
        TransactionId = row.Text(9),
        FailureCode = row.Text(10),
        Description = row.Text(11),
        AsOf = row.Time(12),
        Deleted = row.GetBoolean(13),
    };
}
