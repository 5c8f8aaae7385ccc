-- Writes to providers: what was asked for, by whom, and what became of it. Begun and ended by the statement that stores the grain's state.
create table operations (
    id              uuid primary key,
    integration_id  uuid not null references integrations (id) on delete cascade,
    owner_id        text not null,
    kind            text not null,
    subject_id      text,
    wanted          jsonb not null,
    reference       text not null unique,
    requested_by    text not null,
    status          text not null,
    external_id     text,
    provider_status text,
    error_class     text,
    error_code      text,
    message         text,
    decided_by      text,
    created_at      timestamptz not null,
    updated_at      timestamptz not null,
    settled_at      timestamptz
) with (fillfactor = 80);

create index operations_newest on operations (integration_id, created_at desc, id desc);

-- As in 0009, and what has become of writes.
-- A state that an older silo stored lacks the newer lists: they read as empty.
create or replace function apply_integration_outbox(integration uuid, p_owner text, outbox jsonb) returns void language plpgsql as $$
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

    if jsonb_array_length(outbox -> 'operations') > 0 then
        insert into operations as o (id, integration_id, owner_id, kind, subject_id, wanted, reference, requested_by, status, external_id,
            provider_status, error_class, error_code, message, decided_by, created_at, updated_at, settled_at)
        select w.id, integration, p_owner, w.kind, w.subject_id, w."order", w.reference, w."by", w.status, w.external_id,
            w.provider_status, w.error_class, w.error_code, w.message, w.decided_by, w.created_at, w.updated_at, w.settled_at
        from jsonb_to_recordset(outbox -> 'operations')
            as w (id uuid, kind text, subject_id text, "order" jsonb, reference text, "by" text, status text, external_id text, provider_status text,
                  error_class text, error_code text, message text, decided_by text, created_at timestamptz, updated_at timestamptz, settled_at timestamptz)
        on conflict (id) do update set
            status = excluded.status, external_id = excluded.external_id, provider_status = excluded.provider_status,
            error_class = excluded.error_class, error_code = excluded.error_code, message = excluded.message, decided_by = excluded.decided_by,
            updated_at = excluded.updated_at, settled_at = excluded.settled_at
        where o.settled_at is null;   -- an end is an end
    end if;
end $$;
