using FinanceIntegrations.Domain.Records;
using Npgsql;

namespace FinanceIntegrations.Data.Reading.Records;

/// <summary>Money taken from a payer, or given back; positive for both.</summary>
public sealed record PaymentItem
{
    public required string Id { get; init; }
    public required string Type { get; init; }
    public required string Status { get; init; }
    public required decimal Amount { get; init; }
    public decimal? AmountRefunded { get; init; }
    public required string Currency { get; init; }
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>Of a refund: the charge that it gives back.</summary>
    public string? ParentId { get; init; }
    public string? TransactionId { get; init; }
    public string? CustomerId { get; init; }
    public string? FailureCode { get; init; }
    public string? Description { get; init; }
    public required bool Disputed { get; init; }
    public required DateTimeOffset AsOf { get; init; }
    public required bool Deleted { get; init; }
}

public sealed class PaymentReader(NpgsqlDataSource database) : IRecordReader<PaymentItem>
{
    // Index: payments_newest. A provider may tell of a dispute and not of the payment again: the dispute that we hold says it too.
    private const string ListSql = """
        select external_id, type, status, amount, amount_refunded, currency, occurred_at, parent_id, transaction_id, customer_id, failure_code,
               description,
               disputed or exists (select from disputes d where d.integration_id = $1 and d.payment_id = payments.external_id), as_of, deleted
        from payments
        where integration_id = $1 and (occurred_at, external_id) < ($2, $3) and occurred_at >= $4 and occurred_at < $5
          and ($6 is null or status = $6) and ($7 is null or type = $7) and ($8 is null or currency = $8)
        order by occurred_at desc, external_id desc
        limit $9
        """;

    public static RecordKind Kind => RecordKind.Payment;

    public static Position<string> PlaceOf(PaymentItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return new(item.OccurredAt, item.Id);
    }

    public async Task<IReadOnlyList<PaymentItem>> ListAsync(
        Guid integration, RecordFilter filter, Position<string> after, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ListSql);
        command.With(integration).With(after.At).With(after.Id).With(filter.Occurred.From).With(filter.Occurred.To)
            .With(filter.Status).With(filter.Type).With(filter.Currency).With(limit);
        return await command.ListAsync(Read, cancel);
    }

    private static PaymentItem Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetString(0),
        Type = row.GetString(1),
        Status = row.GetString(2),
        Amount = row.GetDecimal(3),
        AmountRefunded = row.Money(4),
        Currency = row.GetString(5),
        OccurredAt = row.Time(6),
        ParentId = row.Text(7),
        TransactionId = row.Text(8),
        CustomerId = row.Text(9),
        FailureCode = row.Text(10),
        Description = row.Text(11),
        Disputed = row.GetBoolean(12),
        AsOf = row.Time(13),
        Deleted = row.GetBoolean(14),
    };
}
