using FinanceIntegrations.Domain.Records;
using Npgsql;

namespace FinanceIntegrations.Data.Reading.Records;

/// <summary>A payer's bank asks for money back.</summary>
public sealed record DisputeItem
{
    public required string Id { get; init; }
    public required string Status { get; init; }

    /// <summary>The provider's reason code.</summary>
    public required string Reason { get; init; }
    public required decimal Amount { get; init; }
    public required string Currency { get; init; }
    public required DateTimeOffset OccurredAt { get; init; }
    public string? PaymentId { get; init; }

    /// <summary>Last moment for evidence; null where none can be given any more.</summary>
    public DateTimeOffset? EvidenceDueAt { get; init; }
    public bool? HasEvidence { get; init; }
    public required DateTimeOffset AsOf { get; init; }
    public required bool Deleted { get; init; }
}

public sealed class DisputeReader(NpgsqlDataSource database) : IRecordReader<DisputeItem>
{
    // Index: disputes_newest.
    private const string ListSql = """
        select external_id, status, reason, amount, currency, occurred_at, payment_id, evidence_due_at, has_evidence, as_of, deleted
        from disputes
        where integration_id = $1 and (occurred_at, external_id) < ($2, $3) and occurred_at >= $4 and occurred_at < $5
          and ($6 is null or status = $6) and ($7 is null or reason = $7) and ($8 is null or currency = $8)
        order by occurred_at desc, external_id desc
        limit $9
        """;

    public static RecordKind Kind => RecordKind.Dispute;

    public static Position<string> PlaceOf(DisputeItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return new(item.OccurredAt, item.Id);
    }

    public async Task<IReadOnlyList<DisputeItem>> ListAsync(
        Guid integration, RecordFilter filter, Position<string> after, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ListSql);
        command.With(integration).With(after.At).With(after.Id).With(filter.Occurred.From).With(filter.Occurred.To)
            .With(filter.Status).With(filter.Type).With(filter.Currency).With(limit);
        return await command.ListAsync(Read, cancel);
    }

    private static DisputeItem Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetString(0),
        Status = row.GetString(1),
        Reason = row.GetString(2),
        Amount = row.GetDecimal(3),
        Currency = row.GetString(4),
        OccurredAt = row.Time(5),
        PaymentId = row.Text(6),
        EvidenceDueAt = row.TimeOrNull(7),
        HasEvidence = row.Flag(8),
        AsOf = row.Time(9),
        Deleted = row.GetBoolean(10),
    };
}
