using Npgsql;

namespace FinanceIntegrations.Data.Reading;

/// <summary>A row of the provider's that did not fit.</summary>
public record ParkedRow
{
    public required long Id { get; init; }
    public required string Stream { get; init; }

    /// <summary>The provider's id, where the row had one.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Why, as a stable code: unknown_currency, malformed_row…</summary>
    public required string Code { get; init; }
    public required string Reason { get; init; }
    public required DateTimeOffset ParkedAt { get; init; }

    /// <summary>The run that parked it.</summary>
    public required Guid RunId { get; init; }
    public DateTimeOffset? DismissedAt { get; init; }
    public string? DismissedBy { get; init; }
}

public sealed record ParkedRowWithRaw(ParkedRow Row, ReadOnlyMemory<byte> Raw);

/// <summary>Reads an integration's parked rows, newest first.</summary>
public sealed class ParkedRowReader(NpgsqlDataSource database)
{
    // Index: parked_rows_newest.
    private const string ListSql = """
        select id, stream, external_id, code, reason, parked_at, run_id, dismissed_at, dismissed_by
        from parked_rows
        where integration_id = $1 and (parked_at, id) < ($2, $3) and ($4 is null or stream = $4)
          and ($5 is null or (dismissed_at is not null) = $5)
        order by parked_at desc, id desc
        limit $6
        """;

    // Index: the primary key.
    private const string FindSql = """
        select id, stream, external_id, code, reason, parked_at, run_id, dismissed_at, dismissed_by, raw
        from parked_rows
        where integration_id = $1 and id = $2
        """;

    // Index: parked_rows_waiting.
    private const string StreamsSql = "select distinct stream from parked_rows where integration_id = $1 and dismissed_at is null order by stream";

    /// <summary>Streams with rows that wait for somebody.</summary>
    public async Task<IReadOnlyList<string>> WaitingStreamsAsync(Guid integration, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(StreamsSql);
        return await command.With(integration).ListAsync(r => r.GetString(0), cancel);
    }

    /// <param name="dismissed">Null: both.</param>
    public async Task<IReadOnlyList<ParkedRow>> ListAsync(
        Guid integration, string? stream, bool? dismissed, Position<long> after, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ListSql);
        command.With(integration).With(after.At).With(after.Id).With(stream).With(dismissed).With(limit);
        return await command.ListAsync(Read, cancel);
    }

    /// <summary>The row with the provider's own bytes.</summary>
    public async Task<ParkedRowWithRaw?> FindAsync(Guid integration, long id, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(FindSql);
        return await command.With(integration).With(id).FirstAsync(r => new ParkedRowWithRaw(Read(r), r.GetFieldValue<byte[]>(9)), cancel);
    }

    private static ParkedRow Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetInt64(0),
        Stream = row.GetString(1),
        ExternalId = row.Text(2),
        Code = row.GetString(3),
        Reason = row.GetString(4),
        ParkedAt = row.Time(5),
        RunId = row.GetGuid(6),
        DismissedAt = row.TimeOrNull(7),
        DismissedBy = row.Text(8),
    };
}
