-- Dead letters are few among all that an integration ever received, and somebody looks for just them.
create index webhook_deliveries_dead on webhook_deliveries (integration_id, event_id) where status = 'dead';

-- Ids grow with the time of arrival, give or take the clocks: the ids about a moment's bound an integration's events of a period.
create index webhook_events_by_time on webhook_events (received_at);
