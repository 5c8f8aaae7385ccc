using Npgsql;

namespace FinanceIntegrations.Data.Reading;

/// <summary>Reads an integration's webhook events and their deliveries.</summary>
public sealed class WebhookEventReader(NpgsqlDataSource database)
{
    // Indexes: the primary keys of webhook_deliveries, webhook_events and webhook_payloads.
    private const string FindSql = """
        select e.id, e.endpoint_id, e.provider_event_id, e.event_type, e.occurred_at, e.received_at, d.status, d.attempts,
               case when d.status = 'pending' then d.next_attempt_at end, d.last_error, d.done_at, e.processed, coalesce(p.payload, e.payload)
        from webhook_deliveries d
        join webhook_events e on e.id = d.event_id
        left join webhook_payloads p on p.event_id = d.event_id
        where d.integration_id = $1 and d.event_id = $2
        """;

    public async Task<IReadOnlyList<WebhookEvent>> ListAsync(
        Guid integration, WebhookEventFilter filter, long before, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ListSql(filter));
        command.With(integration).With(before).With(filter.Status).With(filter.EventType).With(filter.Received.From).With(filter.Received.To)
            .With(limit);
        return await command.ListAsync(Read, cancel);
    }

    /// <summary>The event with the provider's own bytes.</summary>
    public async Task<WebhookEventWithPayload?> FindAsync(Guid integration, long id, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(FindSql);
        return await command.With(integration).With(id).FirstAsync(r => new WebhookEventWithPayload(Read(r), r.GetFieldValue<byte[]>(12)), cancel);
    }

    // Indexes: the primary keys of webhook_deliveries (backwards), or those that EventIds names, and of webhook_events.
    private static string ListSql(WebhookEventFilter filter) => $"""
        select e.id, e.endpoint_id, e.provider_event_id, e.event_type, e.occurred_at, e.received_at, d.status, d.attempts,
               case when d.status = 'pending' then d.next_attempt_at end, d.last_error, d.done_at, e.processed
        from webhook_deliveries d
        join webhook_events e on e.id = d.event_id
        where d.integration_id = $1 and d.event_id < $2 {EventIds.Status(filter.Status, "$3")} and ($4 is null or e.event_type = $4)
          {EventIds.InPeriod(filter.Received, "$5", "$6")}
        order by d.event_id desc
        limit $7
        """;

    private static WebhookEvent Read(NpgsqlDataReader row) => new()
    {
        EventId = row.GetInt64(0),
        EndpointId = row.GetGuid(1),
        ProviderEventId = row.GetString(2),
        EventType = row.GetString(3),
        OccurredAt = row.TimeOrNull(4),
        ReceivedAt = row.Time(5),
        Status = row.GetString(6),
        Attempts = row.GetInt32(7),
        NextAttemptAt = row.TimeOrNull(8),
        LastError = row.Text(9),
        DoneAt = row.TimeOrNull(10),
        Processed = row.GetBoolean(11),
    };
}

public sealed record WebhookEventWithPayload(WebhookEvent Event, ReadOnlyMemory<byte> Payload);
