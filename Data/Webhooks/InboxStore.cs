using Npgsql;
using NpgsqlTypes;

namespace FinanceIntegrations.Data.Webhooks;

/// <summary>The durable inbox: many verified events, one insert, one commit.</summary>
public sealed class InboxStore(NpgsqlDataSource database)
{
    // Index: webhook_events_once stops what came before; integrations_by_account finds whose an event of the app's endpoint is.
    // Ids follow the order of arrival, but rows go in by their unique key: batches with the same events then wait for each other and do not
    // deadlock. An endpoint that was deleted meanwhile takes nothing any more, and its event must not fail the batch.
    private const string Insert = """
        with input as (
            select nextval('webhook_events_id_seq') as id, i.*
            from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::bytea[], $8::boolean[])
                as i (endpoint_id, provider, event_id, event_type, account, occurred_at, payload, wanted)),
        routes as materialized (
            select k.endpoint_id, k.account, coalesce(e.integration_id, i.id) as integration_id
            from (select distinct endpoint_id, provider, coalesce(account, '') as account from input where wanted) k
            join webhook_endpoints e on e.id = k.endpoint_id
            left join integrations i on e.integration_id is null and i.provider = k.provider and i.external_account_id = k.account
                and i.deleted_at is null
            where coalesce(e.integration_id, i.id) is not null),
        counts as materialized (
            select endpoint_id, account, count(*)::integer as routed from routes group by endpoint_id, account),
        stored as (
            insert into webhook_events (id, endpoint_id, provider, provider_event_id, event_type, account, occurred_at, received_at,
                routing, open_deliveries, processed, processed_at)
            overriding system value
            select i.id, i.endpoint_id, i.provider, i.event_id, i.event_type, i.account, i.occurred_at, $9,
                case when not i.wanted then 'ignored' when c.routed is null then 'unroutable' else 'routed' end,
                coalesce(c.routed, 0), c.routed is null, case when c.routed is null then $9 end
            from input i
            join webhook_endpoints e on e.id = i.endpoint_id
            left join counts c on i.wanted and c.endpoint_id = i.endpoint_id and c.account = coalesce(i.account, '')
            order by i.endpoint_id, i.event_id, i.id
            on conflict (endpoint_id, provider_event_id) do nothing
            returning id, endpoint_id, coalesce(account, '') as account, routing),
        kept as (
            insert into webhook_payloads (event_id, payload)
            select i.id, i.payload from stored s join input i on i.id = s.id order by i.id),
        delivered as (
            insert into webhook_deliveries (event_id, integration_id, status, next_attempt_at)
            select s.id, r.integration_id, 'pending', $9
            from stored s join routes r on r.endpoint_id = s.endpoint_id and r.account = s.account
            where s.routing = 'routed'
            returning integration_id)
        select distinct integration_id from delivered
        """;

    /// <summary>Stores the events, durable when it returns; those that were there are left as they are.</summary>
    /// <returns>The integrations that have something to do now.</returns>
    public async Task<IReadOnlyList<Guid>> StoreAsync(IReadOnlyList<InboxEvent> events, DateTimeOffset receivedAt, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Insert);
        var parameters = command.Parameters;
        parameters.Add(Array(events, e => e.EndpointId, NpgsqlDbType.Uuid));
        parameters.Add(Array(events, e => e.Provider, NpgsqlDbType.Text));
        parameters.Add(Array(events, e => e.EventId, NpgsqlDbType.Text));
        parameters.Add(Array(events, e => e.EventType, NpgsqlDbType.Text));
        parameters.Add(Array(events, e => e.Account, NpgsqlDbType.Text));
        parameters.Add(Array(events, e => e.OccurredAt, NpgsqlDbType.TimestampTz));
        parameters.Add(Array(events, e => e.Payload, NpgsqlDbType.Bytea));
        parameters.Add(Array(events, e => e.Wanted, NpgsqlDbType.Boolean));
        parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = receivedAt });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var integrations = new List<Guid>();
        while (await reader.ReadAsync(cancel)) integrations.Add(reader.GetGuid(0));
        return integrations;
    }

    private static NpgsqlParameter<TValue[]> Array<TValue>(IReadOnlyList<InboxEvent> events, Func<InboxEvent, TValue> read, NpgsqlDbType type)
    {
        var values = new TValue[events.Count];
        for (var i = 0; i < values.Length; i++) values[i] = read(events[i]);
        return new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };
    }
}

/// <summary>A verified event on its way into the inbox.</summary>
/// <param name="Wanted">False: the endpoint's filter does not ask for this type; kept and marked ignored.</param>
public sealed record InboxEvent(
    Guid EndpointId, string Provider, string EventId, string EventType, string? Account, DateTimeOffset? OccurredAt, ReadOnlyMemory<byte> Payload, bool Wanted);
