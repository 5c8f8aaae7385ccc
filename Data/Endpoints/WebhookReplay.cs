using FinanceIntegrations.Data.Reading;
using Npgsql;

namespace FinanceIntegrations.Data.Endpoints;

/// <summary>Puts an integration's deliveries back into its queue. Every event is safe to apply twice.</summary>
public sealed class WebhookReplay(NpgsqlDataSource database)
{
    /// <summary>Replays one event. False: the integration has no such event.</summary>
    public async Task<bool> OneAsync(Guid integration, long @event, CancellationToken cancel) =>
        await ReplayAsync(integration, @event, @event, new(null, null, Period.Between(null, null)), 1, cancel) == 1;

    /// <summary>Replays the oldest events that match.</summary>
    /// <returns>How many.</returns>
    public Task<long> ManyAsync(Guid integration, WebhookEventFilter filter, int limit, CancellationToken cancel) =>
        ReplayAsync(integration, 0, long.MaxValue, filter, limit, cancel);

    private async Task<long> ReplayAsync(
        Guid integration, long first, long last, WebhookEventFilter filter, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ReplaySql(filter));
        command.With(integration).With(first).With(last).With(filter.Status).With(filter.EventType).With(filter.Received.From)
            .With(filter.Received.To).With(limit);
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    // Indexes: the primary keys of webhook_deliveries, or those that EventIds names, and of webhook_events. Oldest first: in the order in which locks
    // are taken elsewhere. A dead delivery still counts as open; one that was done or ignored opens its event again.
    private static string ReplaySql(WebhookEventFilter filter) => $"""
        with picked as (
            select d.event_id, d.status
            from webhook_deliveries d
            join webhook_events e on e.id = d.event_id
            where d.integration_id = $1 and d.event_id between $2 and $3 {EventIds.Status(filter.Status, "$4")} and ($5 is null or e.event_type = $5)
              {EventIds.InPeriod(filter.Received, "$6", "$7")}
            order by d.event_id
            limit $8
            for update of d),
        reset as (
            update webhook_deliveries d
            set status = 'pending', attempts = 0, next_attempt_at = now(), last_error = null, done_at = null
            from picked where d.integration_id = $1 and d.event_id = picked.event_id
            returning d.event_id),
        opened as (
            update webhook_events e set open_deliveries = open_deliveries + 1, processed = false, processed_at = null
            from picked where e.id = picked.event_id and picked.status in ('done', 'ignored'))
        select count(*) from reset
        """;
}
