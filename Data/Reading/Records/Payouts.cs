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

    /// <summary>What it is made of; only of a payout that is asked for by its id.</summary>
    public PayoutEntrySum? Entries { get; init; }
}

/// <summary>A payout's entries together.</summary>
/// <param name="Net">In the payout's currency.</param>
/// <param name="AddsUp">Net is the payout's amount. Null: not to be said, since the payout is not paid, not of the provider's own schedule, or its entries are not all read.</param>
/// <param name="ReadAt">When all entries were read last; null: not yet, or the provider tells none.</param>
public sealed record PayoutEntrySum(long Count, decimal Net, bool? AddsUp, DateTimeOffset? ReadAt);

public sealed class PayoutReader(NpgsqlDataSource database) : IRecordReader<PayoutItem>
{
    private const string Columns = """
        external_id, status, amount, currency, occurred_at, arrival_date, method, automatic, destination_id, transaction_id, failure_code, description,
        as_of, deleted
        """;

    // Index: payouts_newest.
    private const string ListSql = $"""
        select {Columns}
        from payouts
        where integration_id = $1 and (occurred_at, external_id) < ($2, $3) and occurred_at >= $4 and occurred_at < $5
          and ($6 is null or status = $6) and ($7 is null or method = $7) and ($8 is null or currency = $8)
        order by occurred_at desc, external_id desc
        limit $9
        """;

    // Indexes: the primary keys of payouts and payout_entry_lists, payout_entries_of_payout, transactions_of_payout.
    private const string FindSql = $"""
        select {Columns}, e.count, e.net, (select read_at from payout_entry_lists where integration_id = $1 and payout_id = $2)
        from payouts p, lateral (
            select count(*) as count, coalesce(sum(l.net) filter (where l.currency = p.currency), 0) as net
            from payout_lines l where l.integration_id = $1 and l.payout_id = $2 and not l.deleted) e
        where p.integration_id = $1 and p.external_id = $2
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

    /// <summary>One payout with the sum of its entries; null: there is none of this id.</summary>
    public async Task<PayoutItem?> FindAsync(Guid integration, string payout, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(FindSql);
        return await command.With(integration).With(payout).FirstAsync(row =>
        {
            var (item, net, readAt) = (Read(row), row.GetDecimal(15), row.TimeOrNull(16));
            var judged = readAt is not null && item is { Status: "paid", Automatic: true, Deleted: false };
            return item with { Entries = new(row.GetInt64(14), net, judged ? net == item.Amount : null, readAt) };
        }, cancel);
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
