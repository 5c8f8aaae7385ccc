using System.Text.Json;
using Npgsql;

namespace FinanceIntegrations.Data.Reading;

/// <summary>Reads sync runs. A run under way shows what its streams have committed so far.</summary>
public sealed class RunReader(NpgsqlDataSource database)
{
    // Indexes: sync_runs' and sync_cursors' primary keys.
    private const string FindSql = """
        select r.id, r.trigger, r.full_read, r.status, r.message, r.started_at, r.ended_at,
               coalesce(s.written, r.synced_records)::bigint, coalesce(s.streams, r.streams)::text, r.reasons::text
        from sync_runs r
        left join lateral (
            select sum(c.written) as written,
                   jsonb_agg(jsonb_build_object('stream', split_part(c.stream, '/', 1), 'mode', c.mode,
                       'percent', case when c.mode = 'history' then round(100 * c.progress, 1) end,
                       'status', case when c.run_ended then 'succeeded' else 'running' end,
                       'seen', c.seen, 'written', c.written, 'changed', c.changed, 'skipped', c.seen - c.written - c.parked,
                       'parked', c.parked, 'pages', c.pages, 'calls', c.calls, 'bytes', c.bytes) order by c.stream) as streams
            from sync_cursors c
            where r.ended_at is null and c.integration_id = r.integration_id and c.run_id = r.id) s on true
        where r.integration_id = $1 and r.id = $2
        """;

    // Index: sync_runs_newest.
    private const string ListSql = """
        select r.id, r.trigger, r.full_read, r.status, r.message, r.started_at, r.ended_at,
               coalesce(s.written, r.synced_records)::bigint, coalesce(s.streams, r.streams)::text, r.reasons::text
        from sync_runs r
        left join lateral (
            select sum(c.written) as written,
                   jsonb_agg(jsonb_build_object('stream', split_part(c.stream, '/', 1), 'mode', c.mode,
                       'percent', case when c.mode = 'history' then round(100 * c.progress, 1) end,
                       'status', case when c.run_ended then 'succeeded' else 'running' end,
                       'seen', c.seen, 'written', c.written, 'changed', c.changed, 'skipped', c.seen - c.written - c.parked,
                       'parked', c.parked, 'pages', c.pages, 'calls', c.calls, 'bytes', c.bytes) order by c.stream) as streams
            from sync_cursors c
            where r.ended_at is null and c.integration_id = r.integration_id and c.run_id = r.id) s on true
        where r.integration_id = $1 and (r.started_at, r.id) < ($2, $3) and ($4 is null or r.status = $4)
        order by r.started_at desc, r.id desc
        limit $5
        """;

    // Index: sync_runs' primary key.
    private const string EndedSql = "select ended_at is not null from sync_runs where id = $1";

    public async Task<Run?> FindAsync(Guid integration, Guid run, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(FindSql);
        return await command.With(integration).With(run).FirstAsync(Read, cancel);
    }

    public async Task<IReadOnlyList<Run>> ListAsync(Guid integration, string? status, Position<Guid> after, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ListSql);
        command.With(integration).With(after.At).With(after.Id).With(status).With(limit);
        return await command.ListAsync(Read, cancel);
    }

    /// <summary>Has the run ended? Cheap enough to ask repeatedly.</summary>
    public async Task<bool> HasEndedAsync(Guid run, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(EndedSql);
        return await command.With(run).ExecuteScalarAsync(cancel) is true;
    }

    private static Run Read(NpgsqlDataReader row) => new()
    {
        RunId = row.GetGuid(0),
        Trigger = row.GetString(1),
        Full = row.GetBoolean(2),
        Status = row.GetString(3),
        Message = row.GetString(4),
        StartedAt = row.Time(5),
        EndedAt = row.TimeOrNull(6),
        SyncedRecords = row.GetInt64(7),
        Streams = JsonSerializer.Deserialize(row.GetString(8), RunJson.Default.IReadOnlyListRunStream) ?? [],
        Reasons = JsonSerializer.Deserialize(row.GetString(9), RunJson.Default.IReadOnlyListRunDoubt) ?? [],
    };
}
