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

    private static readonly string[] Words = [.. Enum.GetNames<PassMode>().Select(n => n.ToLowerInvariant())];

    /// <summary>A pass is under way and is finished by this run; one over something else gives way to one over everything.</summary>
    private const string GoesOn = "(c.run_id = excluded.run_id or (not c.run_ended and (c.pages > 0 or c.continues) and (excluded.mode <> 'full' or c.mode = 'full')))";

    private const string OpenSql = $"""
        insert into sync_cursors as c (integration_id, stream, run_id, run_ended, continues, seen, written, parked, pages, bytes, updated_at,
            changed, calls, mode, anew, pass_started_at, history_before)
        values ($1, $2, $3, false, false, 0, 0, 0, 0, 0, $4, 0, 0, $5, true, $4, $6)
        on conflict (integration_id, stream) do update set
            run_id = excluded.run_id,
            mode = case when {GoesOn} then c.mode else excluded.mode end,
            anew = not {GoesOn} or c.anew,
            progress = case when {GoesOn} or excluded.mode = 'history' then c.progress end,
            pass_started_at = case when {GoesOn} then c.pass_started_at else excluded.pass_started_at end,
            history_before = case when {GoesOn} or excluded.mode <> 'recent' then c.history_before else excluded.history_before end,
            continues = case when c.run_id = excluded.run_id then c.continues
                else not c.run_ended and (c.pages > 0 or c.continues) and excluded.mode <> 'history' end,
            run_ended = c.run_id = excluded.run_id and c.run_ended,
            seen = case when c.run_id = excluded.run_id then c.seen else 0 end,
            written = case when c.run_id = excluded.run_id then c.written else 0 end,
            parked = case when c.run_id = excluded.run_id then c.parked else 0 end,
            pages = case when c.run_id = excluded.run_id then c.pages else 0 end,
            bytes = case when c.run_id = excluded.run_id then c.bytes else 0 end,
            changed = case when c.run_id = excluded.run_id then c.changed else 0 end,
            calls = case when c.run_id = excluded.run_id then c.calls else 0 end,
            pass_shown = case when c.run_id = excluded.run_id then c.pass_shown end,
            pass_whole = case when c.run_id = excluded.run_id then c.pass_whole end,
            pass_least = case when c.run_id = excluded.run_id then c.pass_least end,
            updated_at = excluded.updated_at
        returning cursor, run_ended, continues, seen, written, parked, pages, bytes, changed, calls, pass_shown, pass_whole, pass_least,
            mode, history_before, progress, anew
        """;

    /// <summary>Begins the stream's part of a run, or finds how far the same run had come. A pass that is under way is finished first, unless everything is to be read.</summary>
    public async Task<StreamProgress> OpenAsync(StreamKey key, PassPlan plan, CancellationToken cancel)
    {
        // Index: primary key of sync_cursors.
        await using var command = database.CreateCommand(OpenSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = key.IntegrationId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key.Stream });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = key.RunId });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Words[(int)plan.Mode] });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset?> { TypedValue = plan.From, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return Progress(reader);
    }

    /// <summary>Upserts the page's records, parks its rejected rows and moves the cursor, in one statement.</summary>
    /// <param name="from">Where the stream stood when the page was asked for.</param>
    /// <param name="calls">Calls to the provider since the last page was written.</param>
    /// <returns>Null: another run, or another activation, has moved the stream meanwhile; this one must stop.</returns>
    public async Task<StreamProgress?> CommitAsync(
        StreamKey key, StreamProgress from, RecordKind kind, SyncPage page, int calls, CancellationToken cancel)
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
        parameters.Add(new NpgsqlParameter<long> { TypedValue = page.Bytes });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = calls });
        parameters.Add(Array(page.Rejected, r => r.ExternalId, NpgsqlDbType.Text));
        parameters.Add(Array(page.Rejected, r => r.Code, NpgsqlDbType.Text));
        parameters.Add(Array(page.Rejected, r => r.Reason, NpgsqlDbType.Text));
        parameters.Add(Array(page.Rejected, r => r.Raw.ToArray(), NpgsqlDbType.Bytea));
        parameters.Add(Array(page.Rejected, r => SHA256.HashData(r.Raw.Span), NpgsqlDbType.Bytea));
        parameters.Add(Array(page.Rejected, r => r.AsOf, NpgsqlDbType.TimestampTz));
        parameters.Add(new NpgsqlParameter<long?> { TypedValue = page.Pass?.Shown, NpgsqlDbType = NpgsqlDbType.Bigint });
        parameters.Add(new NpgsqlParameter<bool?> { TypedValue = page.Pass?.Whole, NpgsqlDbType = NpgsqlDbType.Boolean });
        parameters.Add(new NpgsqlParameter<long?> { TypedValue = page.Pass?.Least, NpgsqlDbType = NpgsqlDbType.Bigint });
        parameters.Add(new NpgsqlParameter<decimal?> { TypedValue = (decimal?)page.Progress, NpgsqlDbType = NpgsqlDbType.Numeric });
        parameters.Add(new NpgsqlParameter<bool> { TypedValue = page.OfWholePass });
        parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. page.PayoutsRead], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });

        await using var reader = await commit.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? Progress(reader) : null;
    }

    /// <summary>
    /// The fence, the rejected rows, those that fit again (also where the record we hold is the same, and not written), the payouts whose entries
    /// are read, the records' upsert and the cursor's move as one statement. What modifies runs whether or not its
    /// result is read, so each part asks the fence itself. Indexes: the tables' primary keys, parked_rows_once, parked_rows_waiting.
    /// </summary>
    private static string CommitStatement(RecordTable table)
    {
        var p = table.ParameterCount;
        var passes = $"${p + 17} or (${p + 16} is not null and pass_whole is not true)";   // one over everything says more than the delta after it
        return $"""
            with fence as (
                select 1 from sync_cursors
                where integration_id = $1 and stream = ${p + 1} and run_id = ${p + 2}
                  and cursor is not distinct from ${p + 3} and pages = ${p + 4}
                for update),
            shown as (
                insert into pass_rows (integration_id, stream, external_id, shown_at)
                select distinct $1, ${p + 1}, s.id, $2 from unnest($3::text[] || ${p + 10}::text[]) as s (id)
                where ${p + 20} and s.id is not null and exists (select from fence)
                on conflict (integration_id, stream, external_id) do update set shown_at = excluded.shown_at),
            rejected as (
                select distinct on (content_hash) *
                from unnest(${p + 10}::text[], ${p + 11}::text[], ${p + 12}::text[], ${p + 13}::bytea[], ${p + 14}::bytea[], ${p + 15}::timestamptz[])
                    as r (external_id, code, reason, raw, content_hash, as_of)
                order by content_hash, as_of desc nulls last),
            parked as (
                insert into parked_rows as p (integration_id, stream, run_id, parked_at, external_id, code, reason, raw, content_hash, as_of)
                select $1, split_part(${p + 1}, '/', 1), ${p + 2}, $2, r.* from rejected r
                where exists (select from fence)
                on conflict (integration_id, stream, content_hash) do update set
                    code = excluded.code, reason = excluded.reason, as_of = greatest(p.as_of, excluded.as_of)
                returning p.dismissed_at),
            mended as (
                delete from parked_rows p using unnest($3::text[], ${table.AsOfParameter}::timestamptz[]) as s (id, as_of)
                where p.integration_id = $1 and p.stream = split_part(${p + 1}, '/', 1) and p.dismissed_at is null
                  and p.external_id = s.id and s.as_of >= coalesce(p.as_of, p.parked_at) and exists (select from fence)),
            listed as (
                insert into payout_entry_lists as l (integration_id, payout_id, read_at)
                select distinct $1, e.id, $2 from unnest(${p + 21}::text[]) as e (id) where exists (select from fence)
                on conflict (integration_id, payout_id) do update set read_at = excluded.read_at, amount = null, net = null),
            upserted as ({table.UpsertWhere("exists (select from fence)")})
            update sync_cursors set cursor = ${p + 5}, run_ended = ${p + 6} and not continues, continues = continues and not ${p + 6},
                seen = seen + ${p + 7}, bytes = bytes + ${p + 8}, calls = calls + ${p + 9}, pages = pages + 1,
                parked = parked + (select count(*) from parked where dismissed_at is null),
                written = written + (select count(*) from upserted), changed = changed + (select count(*) from upserted where not inserted), updated_at = $2,
                pass_shown = case when {passes} then ${p + 16} else pass_shown end,
                pass_whole = case when {passes} then ${p + 17} else pass_whole end,
                pass_least = case when {passes} then ${p + 18} else pass_least end,
                anew = false, progress = case when ${p + 6} then 1 else ${p + 19} end,
                last_pass_at = case when ${p + 6} then $2 else last_pass_at end,
                last_full_at = case when ${p + 6} and mode = 'full' then pass_started_at else last_full_at end,
                history_before = case when ${p + 6} and mode = 'full' then null else history_before end,
                mode = case when ${p + 6} and continues then 'delta' else mode end,
                pass_started_at = case when ${p + 6} and continues then $2 else pass_started_at end,
                whole_began_at = case when ${p + 20} and open_whole is not true then $2 else whole_began_at end,
                open_whole = case when ${p + 6} then null else ${p + 20} end
            where integration_id = $1 and stream = ${p + 1} and exists (select from fence)
            returning cursor, run_ended, continues, seen, written, parked, pages, bytes, changed, calls, pass_shown, pass_whole, pass_least,
                mode, history_before, progress, anew
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
        Changed = row.GetInt64(8),
        Calls = row.GetInt64(9),
        Pass = row.IsDBNull(10) ? null : new(row.GetInt64(10), row.GetBoolean(11), row.GetInt64(12)),
        Mode = (PassMode)System.Array.IndexOf(Words, row.GetString(13)),
        From = row.IsDBNull(14) ? null : row.GetFieldValue<DateTimeOffset>(14),
        Share = row.IsDBNull(15) ? null : (double)row.GetDecimal(15),
        Anew = row.GetBoolean(16),
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

    /// <summary>Of the written ones, those that were there before.</summary>
    public long Changed { get; init; }

    public long Parked { get; init; }

    public long Pages { get; init; }

    /// <summary>Calls to the provider, up to the last page that was written.</summary>
    public long Calls { get; init; }

    public long Bytes { get; init; }

    /// <summary>What the run's last pass covered, if the connector says so and the pass has ended. One over everything is kept over a later delta.</summary>
    public PassSummary? Pass { get; init; }

    /// <summary>What the pass under way is about; it may have been begun by an earlier run.</summary>
    public PassMode Mode { get; init; }

    /// <summary>The pass has not shown its first page yet.</summary>
    public bool Anew { get; init; }

    /// <summary>Of a first pass over a window: where the window begins.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>How much of the pass is read, 0–1, where the provider gives a measure.</summary>
    public double? Share { get; init; }
}
