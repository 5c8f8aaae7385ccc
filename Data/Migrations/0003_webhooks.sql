-- The app's endpoint at a provider has no integration; its events are routed by account. Others belong to one integration.
create table webhook_endpoints (
    id                         uuid primary key,
    integration_id             uuid references integrations (id) on delete cascade,
    provider                   text not null,
    description                text not null default '',
    event_types                text[],
    is_active                  boolean not null default true,
    secret                     text,
    previous_secret            text,
    previous_secret_expires_at timestamptz,
    created_at                 timestamptz not null,
    updated_at                 timestamptz not null
);

create unique index webhook_endpoints_of_app on webhook_endpoints (provider) where integration_id is null;
create index webhook_endpoints_of_integration on webhook_endpoints (integration_id, created_at desc, id desc) where integration_id is not null;

insert into webhook_endpoints (id, provider, description, created_at, updated_at)
select md5('app-endpoint:' || p)::uuid, p, 'The application''s endpoint at ' || p, now(), now()
from unnest(array['stripe', 'paypal', 'square', 'quickbooks', 'xero', 'sage', 'hsbc', 'barclays', 'lloyds', 'santander', 'kra_itax']) p;

-- The payload is kept byte for byte: bytea, so that a provider's own verification can still be asked.
create table webhook_events (
    id                bigint generated always as identity primary key,
    endpoint_id       uuid not null references webhook_endpoints (id) on delete cascade,
    provider          text not null,
    provider_event_id text not null,
    event_type        text not null,
    account           text,
    occurred_at       timestamptz,
    received_at       timestamptz not null,
    payload           bytea not null,
    -- routed: has deliveries; unroutable: no integration of that account; ignored: the endpoint does not want this type
    routing           text not null check (routing in ('routed', 'unroutable', 'ignored')),
    open_deliveries   integer not null check (open_deliveries >= 0),
    processed         boolean not null,
    processed_at      timestamptz
);

create unique index webhook_events_once on webhook_events (endpoint_id, provider_event_id);
create index webhook_events_open on webhook_events (id) where not processed;
create index webhook_events_unroutable on webhook_events (provider, account, id) where routing = 'unroutable';

create table webhook_deliveries (
    event_id        bigint not null references webhook_events (id) on delete cascade,
    integration_id  uuid not null references integrations (id) on delete cascade,
    status          text not null check (status in ('pending', 'done', 'ignored', 'dead')),
    attempts        integer not null default 0,
    next_attempt_at timestamptz not null,
    last_error      text,
    done_at         timestamptz,
    primary key (integration_id, event_id)
);

-- The grain's queue, in order; and what the sweep looks for.
create index webhook_deliveries_pending on webhook_deliveries (integration_id, event_id) where status = 'pending';
create index webhook_deliveries_by_event on webhook_deliveries (event_id);

-- Hot tables: a queue's dead entries are walked by every later look-up.
alter table webhook_deliveries set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.2);
alter table webhook_events set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.2);
