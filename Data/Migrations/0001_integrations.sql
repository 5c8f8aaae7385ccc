-- The seed's integrations table: written only by the statement that stores the grain's state (0006), so the two cannot differ.
create table integrations (
    id                     uuid primary key,
    owner_id               text not null,
    name                   text not null,
    integration_type       text not null check (integration_type in ('bank', 'accounting', 'payment_processor', 'tax_authority', 'custom')),
    provider               text not null,
    oauth_provider         text,
    config                 jsonb not null,
    metadata               jsonb not null,
    sync_frequency_minutes integer not null check (sync_frequency_minutes > 0),
    status                 text not null check (status in ('inactive', 'active', 'error', 'expired')),
    status_reason          text not null,
    is_active              boolean not null,
    external_account_id    text,
    health_score           numeric(4, 3) not null check (health_score between 0 and 1),
    last_sync_at           timestamptz,
    last_success_at        timestamptz,
    next_sync_at           timestamptz,
    token_expires_at       timestamptz,
    created_at             timestamptz not null,
    updated_at             timestamptz not null,
    deleted_at             timestamptz,
    state_version          integer not null
) with (fillfactor = 80);

create index integrations_by_owner on integrations (owner_id, created_at desc, id desc) where deleted_at is null;
create index integrations_by_account on integrations (provider, external_account_id) where deleted_at is null and external_account_id is not null;
create index integrations_by_due on integrations (next_sync_at) where next_sync_at is not null;
create index integrations_by_token_expiry on integrations (token_expires_at) where token_expires_at is not null;

create table sync_runs (
    id             uuid primary key,
    integration_id uuid not null references integrations (id) on delete cascade,
    trigger        text not null,
    full_read      boolean not null,
    status         text not null check (status in ('queued', 'running', 'succeeded', 'partial', 'failed', 'cancelled')),
    synced_records bigint not null default 0,
    message        text not null default '',
    streams        jsonb not null default '[]',
    started_at     timestamptz not null,
    ended_at       timestamptz
);

-- At most one run per integration, whatever memory believes.
create unique index sync_runs_one_open on sync_runs (integration_id) where ended_at is null;
create index sync_runs_newest on sync_runs (integration_id, started_at desc, id desc);

-- Where a stream stands, and what its current run has done so far: written in the transaction of each page.
create table sync_cursors (
    integration_id uuid not null references integrations (id) on delete cascade,
    stream         text not null,
    cursor         text,
    run_id         uuid not null,
    run_ended      boolean not null,
    seen           bigint not null,
    written        bigint not null,
    parked         bigint not null,
    pages          bigint not null,
    bytes          bigint not null,
    updated_at     timestamptz not null,
    primary key (integration_id, stream)
) with (fillfactor = 50);

create table integration_logs (
    id             uuid not null,
    integration_id uuid not null,
    at             timestamptz not null,
    level          text not null check (level in ('info', 'warning', 'error')),
    event          text not null,
    message        text not null,
    primary key (id, at)
) partition by range (at);

create index integration_logs_newest on integration_logs (integration_id, at desc, id desc);
create table integration_logs_rest partition of integration_logs default;

-- Makes the months' partitions, one year ahead. Called by the migrator and once a day by a silo.
create function ensure_log_partitions(from_day date) returns void language plpgsql as $$
declare
    first date := date_trunc('month', from_day);
    month date;
begin
    for n in 0..12 loop
        month := first + make_interval(months => n);
        if to_regclass(format('integration_logs_%s', to_char(month, 'YYYY_MM'))) is null then
            execute format('create table %I partition of integration_logs for values from (%L) to (%L)',
                'integration_logs_' || to_char(month, 'YYYY_MM'), month, (month + interval '1 month')::date);
        end if;
    end loop;
end $$;

select ensure_log_partitions(current_date);
