using Npgsql;

namespace FinanceIntegrations.Data.Reading.Records;

/// <summary>One movement that a payout carries to the bank.</summary>
public sealed record PayoutEntryItem
{
    /// <summary>The movement's id, as in the list of transactions.</summary>
    public required string TransactionId { get; init; }
    public required string Type { get; init; }

    /// <summary>The provider's own word for the type.</summary>
    public required string ProviderType { get; init; }
    public required decimal Amount { get; init; }
    public required decimal Fee { get; init; }
    public required decimal Net { get; init; }
    public required string Currency { get; init; }
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The provider's id of what caused it: payment, refund, dispute.</summary>
    public string? SourceId { get; init; }
    public required DateTimeOffset AsOf { get; init; }
}

public sealed class PayoutEntryReader(NpgsqlDataSource database)
{
    // Indexes: payout_entries_of_payout, transactions_of_payout.
    private const string ListSql = """
        select transaction_id, type, provider_type, amount, fee, net, currency, occurred_at, source_id, as_of
        from payout_lines
        where integration_id = $1 and payout_id = $2 and (occurred_at, transaction_id) < ($3, $4) and not deleted
        order by occurred_at desc, transaction_id desc
        limit $5
        """;

    public static Position<string> PlaceOf(PayoutEntryItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return new(item.OccurredAt, item.TransactionId);
    }

    /// <summary>A payout's entries, newest first; none where the provider tells none or they are not read yet.</summary>
    public async Task<IReadOnlyList<PayoutEntryItem>> ListAsync(Guid integration, string payout, Position<string> after, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ListSql);
        return await command.With(integration).With(payout).With(after.At).With(after.Id).With(limit).ListAsync(Read, cancel);
    }

    private static PayoutEntryItem Read(NpgsqlDataReader row) => new()
    {
        TransactionId = row.GetString(0),
        Type = row.GetString(1),
        ProviderType = row.GetString(2),
        Amount = row.GetDecimal(3),
        Fee = row.GetDecimal(4),
        Net = row.GetDecimal(5),
        Currency = row.GetString(6),
        OccurredAt = row.Time(7),
        SourceId = row.Text(8),
        AsOf = row.Time(9),
    };
}
