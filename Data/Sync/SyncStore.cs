using System.Collections.Concurrent;
using System.Security.Cryptography;
using FinanceIntegrations.Data.Records;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using Npgsql;
using NpgsqlTypes;

namespace FinanceIntegrations.Data.Sync;

/// <summary>Where each stream stands, and a page's way into its table: both in one transaction.</summary>
public sealed class SyncStore(NpgsqlDataSource database, TimeProvider clock)
{
    private static readonly ConcurrentDictionary<RecordKind, string> CommitStatements = new();

    /// <summary>Begins the stream's part of a run, or finds how far the same run had come.</summary>
    public async Task<StreamProgress> OpenAsync(StreamKey key, CancellationToken cancel)
    {
        // Index: primary key of sync_cursors.
        await using var command = database.CreateCommand("""
            insert into sync_cursors as c (integration_id, stream, run_id, run_ended, continues, seen, written, parked, pages, bytes, updated_at)
            values ($1, $2, $3, false, false, 0, 0, 0, 0, 0, $4)
            on conflict (integration_id, stream) do update set
                run_id = excluded.run_id,
                continues = case when c.run_id = excluded.run_id then c.continues else not c.run_ended and (c.pages > 0 or c.continues) end,
                run_ended = c.run_id = excluded.run_id and c.run_ended,
                seen = case when c.run_id = excluded.run_id then c.seen else 0 end,
                written = case when c.run_id = excluded.run_id then c.written else 0 end,
                parked = case when c.run_id = excluded.run_id then c.parked else 0 end,
                pages = case when c.run_id = excluded.run_id then c.pages else 0 end,
                bytes = case when c.run_id = excluded.run_id then c.bytes else 0 end,
                updated_at = excluded.updated_at
            returning cursor, run_ended, continues, seen, written, parked, pages, bytes
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = key.IntegrationId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key.Stream });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = key.RunId });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return Progress(reader);
    }

    /// <summary>Upserts the page's records, parks its rejected rows and moves the cursor, in one statement.</summary>
    /// <param name="from">Where the stream stood when the page was asked for.</param>
    /// <returns>Null: another run, or another activation, has moved the stream meanwhile; this one must stop.</returns>
    public async Task<StreamProgress?> CommitAsync(StreamKey key, StreamProgress from, RecordKind kind, SyncPage page, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var table = RecordTables.Of(kind);
        await using var commit = database.CreateCommand(CommitStatements.GetOrAdd(kind, static (_, t) => CommitStatement(t), table));
        var parameters = commit.Parameters;
        table.Bind(parameters, key.IntegrationId, now, page.Records);
        parameters.Add(new NpgsqlParameter<string> { TypedValue = key.Stream });
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = key.RunId });
        parameters.Add(new NpgsqlParameter<string?> { TypedValue = from.Cursor, NpgsqlDbType = NpgsqlDbType.Text });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = from.Pages });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = page.Cursor });
        parameters.Add(new NpgsqlParameter<bool> { TypedValue = page.EndOfPass });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = page.Records.Count + page.Rejected.Count });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = page.Rejected.Count });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = page.Bytes });
        parameters.Add(Array(page.Rejected, r => r.ExternalId, NpgsqlDbType.Text));
        parameters.Add(Array(page.Rejected, r => r.Code, NpgsqlDbType.Text));
        parameters.Add(Array(page.Rejected, r => r.Reason, NpgsqlDbType.Text));
        parameters.Add(Array(page.Rejected, r => r.Raw.ToArray(), NpgsqlDbType.Bytea));
        parameters.Add(Array(page.Rejected, r => SHA256.HashData(r.Raw.Span), NpgsqlDbType.Bytea));

        await using var reader = await commit.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? Progress(reader) : null;
    }

    /// <summary>
    /// The fence, the rejected rows, the records' upsert and the cursor's move as one statement. What modifies runs whether or not its
    /// result is read, so each part asks the fence itself. Indexes: the tables' primary keys, parked_rows_once.
    /// </summary>
    private static string CommitStatement(RecordTable table)
    {
        var p = table.ParameterCount;
        return $"""
            with fence as (
                select 1 from sync_cursors
                where integration_id = $1 and stream = ${p + 1} and run_id = ${p + 2}
                  and cursor is not distinct from ${p + 3} and pages = ${p + 4}
                for update),
            parked as (
                insert into parked_rows (integration_id, stream, run_id, parked_at, external_id, code, reason, raw, content_hash)
                select $1, ${p + 1}, ${p + 2}, $2, r.*
                from unnest(${p + 10}::text[], ${p + 11}::text[], ${p + 12}::text[], ${p + 13}::bytea[], ${p + 14}::bytea[]) r
                where exists (select from fence)
                on conflict (integration_id, stream, content_hash) do nothing),
            upserted as ({table.UpsertWhere("exists (select from fence)")})
            update sync_cursors set cursor = ${p + 5}, run_ended = ${p + 6} and not continues, continues = continues and not ${p + 6},
                seen = seen + ${p + 7}, parked = parked + ${p + 8}, bytes = bytes + ${p + 9}, pages = pages + 1, written = written + (select count(*) from upserted), updated_at = $2
            where integration_id = $1 and stream = ${p + 1} and exists (select from fence)
            returning cursor, run_ended, continues, seen, written, parked, pages, bytes
            """;
    }

    private static NpgsqlParameter<TValue[]> Array<TValue>(
        IReadOnlyList<RejectedRow> rows, Func<RejectedRow, TValue> read, NpgsqlDbType type) =>
        new() { TypedValue = [.. rows.Select(read)], NpgsqlDbType = NpgsqlDbType.Array | type };

    private static StreamProgress Progress(NpgsqlDataReader row) => new()
    {
        Cursor = row.IsDBNull(0) ? null : row.GetString(0),
        Ended = row.GetBoolean(1),
        Continues = row.GetBoolean(2),
        Seen = row.GetInt64(3),
        Written = row.GetInt64(4),
        Parked = row.GetInt64(5),
        Pages = row.GetInt64(6),
        Bytes = row.GetInt64(7),
    };
}

public readonly record struct StreamKey(Guid IntegrationId, string Stream, Guid RunId);

/// <summary>How far a run has come in one stream.</summary>
public sealed record StreamProgress
{
    public string? Cursor { get; init; }

    /// <summary>This run has reached the stream's end.</summary>
    public bool Ended { get; init; }

    /// <summary>This run finishes a pass that an earlier, failed one began. What has changed since then takes a pass of its own.</summary>
    public bool Continues { get; init; }

    public long Seen { get; init; }

    public long Written { get; init; }

    public long Parked { get; init; }

    public long Pages { get; init; }

    public long Bytes { get; init; }
}
