namespace FinanceIntegrations.Data.Reading;

/// <summary>Webhook events of a period, found among an integration's deliveries by id.</summary>
internal static class EventIds
{
    /// <summary>
    /// Ids grow with the time of arrival. Clocks that differ, and an insert that has to wait, disorder them, but by far less than this: an api whose
    /// clock is an hour wrong takes no signature.
    /// </summary>
    private const string Disorder = "interval '1 hour'";

    /// <summary>
    /// Of deliveries <c>d</c> and their events <c>e</c>. Index: webhook_events_by_time, one step for each end. A period without ends has no such
    /// condition: it would only make the planner guess.
    /// </summary>
    public static string InPeriod(Period period, string from, string to) => period.IsAlways ? "" : $"""
        and e.received_at >= {from} and e.received_at < {to}
        and d.event_id > coalesce((select id from webhook_events where received_at < {from} - {Disorder} order by received_at desc limit 1), 0)
        and d.event_id < coalesce((select id from webhook_events where received_at > {to} + {Disorder} order by received_at limit 1), 9223372036854775807)
        """;

    /// <summary>A literal where it leads to an index of its own: webhook_deliveries_dead or webhook_deliveries_pending.</summary>
    public static string Status(string? status, string parameter) =>
        status is "dead" or "pending" ? $"and d.status = '{status}'" : $"and ({parameter} is null or d.status = {parameter})";
}
