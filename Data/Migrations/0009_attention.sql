-- What needs a person: one open item per integration and key. Written by the statement that stores the grain's state, like the row and the log.
create table attention_items (
    id             uuid primary key,
    integration_id uuid not null references integrations (id) on delete cascade,
    owner_id       text not null,
    key            text not null,
    kind           text not null,
    stream         text,
    what_happened  text not null,
    at_stake       text not null,
    choices        jsonb not null,
    due_at         timestamptz,
    times          integer not null default 1,
    raised_at      timestamptz not null,
    updated_at     timestamptz not null,
    resolved_at    timestamptz,
    resolved_by    text,
    choice         text,
    note           text
) with (fillfactor = 80);

create unique index attention_items_one_open on attention_items (integration_id, key) where resolved_at is null;
create index attention_items_of_integration on attention_items (integration_id, raised_at desc, id desc);
create index attention_items_of_owner on attention_items (owner_id, raised_at desc, id desc);

alter table integrations add column token_refresh_at timestamptz, add column consent_ends_at timestamptz;
create index integrations_by_token_refresh on integrations (token_refresh_at) where token_refresh_at is not null;

alter table sync_runs add column reasons jsonb not null default '[]';

-- As in 0006, with the new columns; what the outbox asks for is a function of its own.
create or replace function apply_integration_state(s jsonb, p_version integer) returns void language plpgsql as $$
begin
    insert into integrations (id, owner_id, name, integration_type, provider, oauth_provider, config, metadata, sync_frequency_minutes, status,
        status_reason, is_active, external_account_id, health_score, last_sync_at, last_success_at, next_sync_at, token_expires_at,
        token_refresh_at, consent_ends_at, created_at, updated_at, deleted_at, state_version)
    values ((s ->> 'id')::uuid, s ->> 'owner', s ->> 'name', s ->> 'type', s ->> 'provider', s ->> 'oauth_provider', (s ->> 'config')::jsonb,
        (s ->> 'metadata')::jsonb, (s ->> 'sync_frequency_minutes')::integer, s ->> 'status', s ->> 'status_reason', (s ->> 'enabled')::boolean,
        s ->> 'external_account_id', round((s ->> 'health_score')::numeric, 3), (s ->> 'last_sync_at')::timestamptz,
        (s ->> 'last_success_at')::timestamptz, (s ->> 'next_sync_at')::timestamptz, (s #>> '{tokens,expires_at}')::timestamptz,
        (s #>> '{tokens,refresh_at}')::timestamptz, (s #>> '{tokens,refresh_expires_at}')::timestamptz,
        (s ->> 'created_at')::timestamptz, (s ->> 'updated_at')::timestamptz, (s ->> 'deleted_at')::timestamptz, p_version)
    on conflict (id) do update set
        name = excluded.name, oauth_provider = excluded.oauth_provider, config = excluded.config, metadata = excluded.metadata,
        sync_frequency_minutes = excluded.sync_frequency_minutes, status = excluded.status, status_reason = excluded.status_reason,
        is_active = excluded.is_active, external_account_id = excluded.external_account_id, health_score = excluded.health_score,
        last_sync_at = excluded.last_sync_at, last_success_at = excluded.last_success_at, next_sync_at = excluded.next_sync_at,
        token_expires_at = excluded.token_expires_at, token_refresh_at = excluded.token_refresh_at, consent_ends_at = excluded.consent_ends_at,
        updated_at = excluded.updated_at, deleted_at = excluded.deleted_at, state_version = excluded.state_version;
    perform apply_integration_outbox((s ->> 'id')::uuid, s ->> 'owner', s -> 'outbox');
end $$;

-- A state that an older silo stored lacks the newer lists: they read as empty.
create function apply_integration_outbox(integration uuid, p_owner text, outbox jsonb) returns void language plpgsql as $$
begin
    insert into integration_logs (id, integration_id, at, level, event, message)
    select l.id, integration, l.at, l.level, l.event, l.message
    from jsonb_to_recordset(outbox -> 'logs') as l (id uuid, at timestamptz, level text, event text, message text);

    if outbox -> 'run_started' <> 'null' then
        insert into sync_runs (id, integration_id, trigger, full_read, status, started_at)
        select r.id, integration, r.trigger, r.full, 'running', r.started_at
        from jsonb_to_record(outbox -> 'run_started') as r (id uuid, trigger text, "full" boolean, started_at timestamptz);
    end if;

    if outbox -> 'run_ended' <> 'null' then
        update sync_runs set status = e.status, synced_records = e.synced_records, message = e.message, streams = e.streams,
            reasons = coalesce(e.reasons, '[]'), ended_at = e.ended_at
        from jsonb_to_record(outbox -> 'run_ended')
            as e (id uuid, status text, synced_records bigint, message text, streams jsonb, reasons jsonb, ended_at timestamptz)
        where sync_runs.id = e.id and sync_runs.ended_at is null;
    end if;

    if jsonb_array_length(outbox -> 'deliveries_done') > 0 then
        perform finish_deliveries(integration, array(select d::bigint from jsonb_array_elements_text(outbox -> 'deliveries_done') d), 'done');
    end if;

    if jsonb_array_length(outbox -> 'attention_settled') > 0 then   -- first: what is settled and raised by one change is open afterwards
        update attention_items a set resolved_at = t.at, resolved_by = t.by, choice = t.choice, note = t.note, updated_at = t.at
        from jsonb_to_recordset(outbox -> 'attention_settled') as t (key text, choice text, "by" text, note text, at timestamptz)
        where a.integration_id = integration and a.key = t.key and a.resolved_at is null;
    end if;

    if jsonb_array_length(outbox -> 'attention_raised') > 0 then
        insert into attention_items as a (id, integration_id, owner_id, key, kind, stream, what_happened, at_stake, choices, due_at, raised_at, updated_at)
        select r.id, integration, p_owner, r.key, r.kind, r.stream, r.what_happened, r.at_stake, r.choices, r.due_at, r.raised_at, r.raised_at
        from jsonb_to_recordset(outbox -> 'attention_raised')
            as r (id uuid, key text, kind text, stream text, what_happened text, at_stake text, choices jsonb, due_at timestamptz, raised_at timestamptz)
        on conflict (integration_id, key) where resolved_at is null do update set
            what_happened = excluded.what_happened, at_stake = excluded.at_stake, choices = excluded.choices, due_at = excluded.due_at,
            times = a.times + 1, updated_at = excluded.updated_at;
    end if;
end $$;
