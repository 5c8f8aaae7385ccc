using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Data.Records;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using Npgsql;

namespace FinanceIntegrations.Data.Sync;

/// <summary>Rows that did not fit: how many wait, taking them to be mapped again, and letting them rest.</summary>
public sealed class ParkedRows(NpgsqlDataSource database, TimeProvider clock)
{
    // Index: parked_rows_waiting.
    private const string WaitingSql = """
        select stream, count(*) from parked_rows where integration_id = $1 and dismissed_at is null group by stream
        """;

    /// <summary>Parked rows that wait for somebody, by stream. Those that the provider has mended since are forgotten first.</summary>
    public async Task<IReadOnlyDictionary<string, long>> WaitingAsync(
        Guid integration, IReadOnlyList<StreamInfo> streams, CancellationToken cancel)
    {
        var waiting = await CountAsync(integration, cancel);
        if (waiting.Count == 0) return waiting;
        foreach (var stream in streams.Where(s => waiting.ContainsKey(s.Id))) await ForgetMendedAsync(integration, stream, cancel);
        return await CountAsync(integration, cancel);
    }

    private async Task<Dictionary<string, long>> CountAsync(Guid integration, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(WaitingSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = integration });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var counts = new Dictionary<string, long>();
        while (await reader.ReadAsync(cancel)) counts[reader.GetString(0)] = reader.GetInt64(1);
        return counts;
    }

    /// <summary>A record that we hold as new or newer than the parked row of its id says all that the row could.</summary>
    private async Task ForgetMendedAsync(Guid integration, StreamInfo stream, CancellationToken cancel)
    {
        // Indexes: parked_rows_waiting and the table's primary key.
        await using var command = database.CreateCommand($"""
            delete from parked_rows p using {RecordTables.Of(stream.Kind).Name} t
            where p.integration_id = $1 and p.stream = $2 and p.dismissed_at is null
              and t.integration_id = $1 and t.external_id = p.external_id and t.as_of >= coalesce(p.as_of, p.parked_at)
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = integration });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream.Id });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Waiting rows of a stream, oldest first.</summary>
    /// <param name="after">Only rows beyond this id; 0 for all.</param>
    public async Task<IReadOnlyList<WaitingRow>> TakeAsync(Guid integration, string stream, long after, int limit, CancellationToken cancel)
    {
        // Index: parked_rows_waiting.
        await using var command = database.CreateCommand("""
            select id, raw, coalesce(as_of, parked_at), code, reason from parked_rows
            where integration_id = $1 and stream = $2 and dismissed_at is null and id > $3
            order by id limit $4
            """);
        return await command.With(integration).With(stream).With(after).With(limit).ListAsync(
            r => new WaitingRow(r.GetInt64(0), r.GetFieldValue<byte[]>(1), r.Time(2), r.GetString(3), r.GetString(4)), cancel);
    }

    /// <summary>Upserts what the rows have become and forgets the rows, in one transaction. A newer state that we hold stays.</summary>
    public async Task ReplaceAsync(
        Guid integration, RecordKind kind, IReadOnlyList<UnifiedRecord> records, IReadOnlyList<long> rows, CancellationToken cancel)
    {
        await using var batch = database.CreateBatch();   // one Sync message at its end: one transaction
        var table = RecordTables.Of(kind);
        var upsert = new NpgsqlBatchCommand(table.Upsert);
        table.Bind(upsert.Parameters, integration, clock.GetUtcNow(), records);
        batch.BatchCommands.Add(upsert);
        batch.BatchCommands.Add(new("delete from parked_rows where integration_id = $1 and id = any ($2)")   // index: the primary key
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = integration }, new NpgsqlParameter<long[]> { TypedValue = [.. rows] } },
        });
        await batch.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Rows that still do not fit say why as of now.</summary>
    public async Task KeepAsync(Guid integration, IReadOnlyList<(long Row, RejectedRow Why)> rows, CancellationToken cancel)
    {
        if (rows.Count == 0) return;
        // Index: the primary key.
        await using var command = database.CreateCommand("""
            update parked_rows p set code = w.code, reason = w.reason
            from unnest($2::bigint[], $3::text[], $4::text[]) as w (id, code, reason)
            where p.integration_id = $1 and p.id = w.id and (p.code, p.reason) is distinct from (w.code, w.reason)
            """);
        command.With(integration).With(rows.Select(r => r.Row).ToArray()).With(rows.Select(r => r.Why.Code).ToArray()).With(rows.Select(r => r.Why.Reason).ToArray());
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Lets the stream's waiting rows rest, and keeps who said so. They stay parked, and are not parked again.</summary>
    public async Task DismissAsync(Guid integration, string stream, string by, CancellationToken cancel)
    {
        // Index: parked_rows_waiting.
        await using var command = database.CreateCommand("""
            update parked_rows set dismissed_at = $3, dismissed_by = $4 where integration_id = $1 and stream = $2 and dismissed_at is null
            """);
        await command.With(integration).With(stream).With(clock.GetUtcNow()).With(by).ExecuteNonQueryAsync(cancel);
    }
}

/// <param name="AsOf">Since when the row is in this state; where that is not known, when it was parked.</param>
public sealed record WaitingRow(long Id, ReadOnlyMemory<byte> Raw, DateTimeOffset AsOf, string Code, string Reason);
