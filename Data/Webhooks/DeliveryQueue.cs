using FinanceIntegrations.Data.Records;
using FinanceIntegrations.Domain.Records;
using Npgsql;
using NpgsqlTypes;

namespace FinanceIntegrations.Data.Webhooks;

/// <summary>One integration's webhook deliveries: taken in order, done together with their effect.</summary>
public sealed class DeliveryQueue(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>A batch ends with the delivery that fills so many bytes of payload: two batches are in memory at a time, for each integration.</summary>
    public const int MostBytes = 8 * 1024 * 1024;

    /// <summary>The next deliveries that are due, oldest first; fewer than asked for where they come to <see cref="MostBytes"/>.</summary>
    /// <param name="after">Only events beyond this id; 0 for all.</param>
    public async Task<IReadOnlyList<Delivery>> TakeAsync(Guid integration, long after, int limit, CancellationToken cancel)
    {
        // Indexes: webhook_deliveries_pending, the primary keys of webhook_events and webhook_payloads. A payload that lies apart is measured without being read.
        await using var command = database.CreateCommand("""
            with due as (
                select d.event_id, e.event_type, coalesce(p.payload, e.payload) as payload, d.attempts
                from webhook_deliveries d join webhook_events e on e.id = d.event_id left join webhook_payloads p on p.event_id = d.event_id
                where d.integration_id = $1 and d.status = 'pending' and d.event_id > $2 and d.next_attempt_at <= $3
                order by d.event_id limit $4)
            select event_id, event_type, payload, attempts
            from (select due.*, sum(octet_length(payload)) over (order by event_id rows between unbounded preceding and 1 preceding) as before from due) summed
            where before is null or before < $5
            order by event_id
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = integration });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = MostBytes });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var deliveries = new List<Delivery>();
        while (await reader.ReadAsync(cancel))
            deliveries.Add(new(reader.GetInt64(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2), reader.GetInt32(3)));
        return deliveries;
    }

    /// <summary>Applies a batch: its records, its done and ignored marks, its failures, in one transaction.</summary>
    public async Task CompleteAsync(Guid integration, DeliveryBatch done, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        await using var batch = database.CreateBatch();   // one Sync message at its end: one transaction
        foreach (var kind in done.Records.GroupBy(r => r.Kind))
        {
            var table = RecordTables.Of(kind.Key);
            var upsert = new NpgsqlBatchCommand(table.Upsert);
            table.Bind(upsert.Parameters, integration, now, [.. kind]);
            batch.BatchCommands.Add(upsert);
        }
        if (done.Done.Count > 0) batch.BatchCommands.Add(Finish(integration, done.Done, "done"));
        if (done.Ignored.Count > 0) batch.BatchCommands.Add(Finish(integration, done.Ignored, "ignored"));
        foreach (var failure in done.Failed) batch.BatchCommands.Add(Fail(integration, failure));
        if (batch.BatchCommands.Count > 0) await batch.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Integrations with something to do, for the sweep: what a lost hint left behind, and retries that fell due.</summary>
    /// <param name="waitingSince">Only deliveries that have been due since then.</param>
    public async Task<IReadOnlyList<Guid>> WithPendingAsync(DateTimeOffset waitingSince, int limit, CancellationToken cancel)
    {
        // A loose scan of webhook_deliveries_pending: one step per integration, however long its queue is.
        await using var command = database.CreateCommand("""
            with recursive waiting as (
                (select integration_id from webhook_deliveries where status = 'pending' order by integration_id limit 1)
                union all
                select (select d.integration_id from webhook_deliveries d
                        where d.status = 'pending' and d.integration_id > w.integration_id order by d.integration_id limit 1)
                from waiting w where w.integration_id is not null)
            select w.integration_id from waiting w
            where w.integration_id is not null and exists (
                select 1 from webhook_deliveries d
                where d.integration_id = w.integration_id and d.status = 'pending' and d.next_attempt_at <= $1)
            limit $2
            """);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = waitingSince });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var integrations = new List<Guid>();
        while (await reader.ReadAsync(cancel)) integrations.Add(reader.GetGuid(0));
        return integrations;
    }

    private static NpgsqlBatchCommand Finish(Guid integration, IReadOnlyList<long> events, string status) =>
        new("select finish_deliveries($1, $2, $3)")   // indexes: the primary keys of webhook_deliveries and webhook_events
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = integration },
                new NpgsqlParameter<long[]> { TypedValue = [.. events], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
                new NpgsqlParameter<string> { TypedValue = status },
            },
        };

    // Indexes: the primary keys of webhook_deliveries and webhook_events. A dead letter waits for a person, who reads the log.
    private static NpgsqlBatchCommand Fail(Guid integration, FailedDelivery failure) =>
        new("""
            with failed as (
                update webhook_deliveries
                set attempts = attempts + 1, last_error = $3, next_attempt_at = coalesce($4, next_attempt_at),
                    status = case when $4 is null then 'dead' else status end
                where integration_id = $1 and event_id = $2 and status = 'pending'
                returning event_id, status, attempts)
            insert into integration_logs (id, integration_id, at, level, event, message)
            select gen_random_uuid(), $1, now(), 'warning', 'webhook_dead', 'Event ' || e.provider_event_id || ' (' || e.event_type
                || ') is given up at attempt ' || f.attempts || ': ' || $3 || ' When that is mended, POST /api/integrations/' || $1
                || '/webhook-events/' || f.event_id || '/replay takes it again.'
            from failed f join webhook_events e on e.id = f.event_id
            where f.status = 'dead'
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = integration },
                new NpgsqlParameter<long> { TypedValue = failure.EventId },
                new NpgsqlParameter<string> { TypedValue = failure.Error },
                new NpgsqlParameter<DateTimeOffset?> { TypedValue = failure.NextAttemptAt, NpgsqlDbType = NpgsqlDbType.TimestampTz },
            },
        };
}

public sealed record Delivery(long EventId, string EventType, ReadOnlyMemory<byte> Payload, int Attempts);

/// <param name="NextAttemptAt">Null: no further attempt; the delivery is a dead letter.</param>
public sealed record FailedDelivery(long EventId, string Error, DateTimeOffset? NextAttemptAt);

/// <summary>What a batch of deliveries came to.</summary>
public sealed record DeliveryBatch
{
    public IReadOnlyList<UnifiedRecord> Records { get; init; } = [];

    public IReadOnlyList<long> Done { get; init; } = [];

    public IReadOnlyList<long> Ignored { get; init; } = [];

    public IReadOnlyList<FailedDelivery> Failed { get; init; } = [];
}
