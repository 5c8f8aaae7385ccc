-- One statement stores a grain's state and, for an integration, everything that must happen together with it: its row and its outbox.
create function apply_integration_state(s jsonb, p_version integer) returns void language plpgsql as $$
declare
    integration uuid := (s ->> 'id')::uuid;
    outbox jsonb := s -> 'outbox';
begin
    insert into integrations (id, owner_id, name, integration_type, provider, oauth_provider, config, metadata, sync_frequency_minutes, status,
        status_reason, is_active, external_account_id, health_score, last_sync_at, last_success_at, next_sync_at, token_expires_at, created_at,
        updated_at, deleted_at, state_version)
    values (integration, s ->> 'owner', s ->> 'name', s ->> 'type', s ->> 'provider', s ->> 'oauth_provider', (s ->> 'config')::jsonb,
        (s ->> 'metadata')::jsonb, (s ->> 'sync_frequency_minutes')::integer, s ->> 'status', s ->> 'status_reason', (s ->> 'enabled')::boolean,
        s ->> 'external_account_id', round((s ->> 'health_score')::numeric, 3), (s ->> 'last_sync_at')::timestamptz,
        (s ->> 'last_success_at')::timestamptz, (s ->> 'next_sync_at')::timestamptz, (s #>> '{tokens,expires_at}')::timestamptz,
        (s ->> 'created_at')::timestamptz, (s ->> 'updated_at')::timestamptz, (s ->> 'deleted_at')::timestamptz, p_version)
    on conflict (id) do update set
        name = excluded.name, oauth_provider = excluded.oauth_provider, config = excluded.config, metadata = excluded.metadata,
        sync_frequency_minutes = excluded.sync_frequency_minutes, status = excluded.status, status_reason = excluded.status_reason,
        is_active = excluded.is_active, external_account_id = excluded.external_account_id, health_score = excluded.health_score,
        last_sync_at = excluded.last_sync_at, last_success_at = excluded.last_success_at, next_sync_at = excluded.next_sync_at,
        token_expires_at = excluded.token_expires_at, updated_at = excluded.updated_at, deleted_at = excluded.deleted_at,
        state_version = excluded.state_version;

    insert into integration_logs (id, integration_id, at, level, event, message)
    select l.id, integration, l.at, l.level, l.event, l.message
    from jsonb_to_recordset(outbox -> 'logs') as l (id uuid, at timestamptz, level text, event text, message text);

    if outbox -> 'run_started' <> 'null' then
        insert into sync_runs (id, integration_id, trigger, full_read, status, started_at)
        select r.id, integration, r.trigger, r.full, 'running', r.started_at
        from jsonb_to_record(outbox -> 'run_started') as r (id uuid, trigger text, "full" boolean, started_at timestamptz);
    end if;

    if outbox -> 'run_ended' <> 'null' then
        update sync_runs set status = e.status, synced_records = e.synced_records, message = e.message, streams = e.streams, ended_at = e.ended_at
        from jsonb_to_record(outbox -> 'run_ended')
            as e (id uuid, status text, synced_records bigint, message text, streams jsonb, ended_at timestamptz)
        where sync_runs.id = e.id and sync_runs.ended_at is null;
    end if;

    if jsonb_array_length(outbox -> 'deliveries_done') > 0 then
        perform finish_deliveries(integration, array(select d::bigint from jsonb_array_elements_text(outbox -> 'deliveries_done') d), 'done');
    end if;
end $$;

-- Marks deliveries and, where they were an event's last, the event. Marking twice changes nothing.
create function finish_deliveries(p_integration uuid, p_events bigint[], p_status text) returns bigint language sql as $$
    with marked as (
        update webhook_deliveries set status = p_status, done_at = now(), attempts = attempts + 1, last_error = null
        where integration_id = p_integration and event_id = any (p_events) and status in ('pending', 'dead')
        returning event_id),
    counted as (
        update webhook_events e
        set open_deliveries = open_deliveries - 1, processed = open_deliveries = 1,
            processed_at = case when open_deliveries = 1 then now() end
        from marked where e.id = marked.event_id
        returning 1)
    select count(*) from counted
$$;

create function orleans_write_state(
    p_id_hash integer, p_n0 bigint, p_n1 bigint, p_type_hash integer, p_type text, p_extension text, p_service text, p_version integer,
    p_payload bytea) returns integer language plpgsql as $$
declare
    stored integer;
begin
    if p_version is null then
        insert into orleans_state (service_id, type_hash, id_hash, grain_type, id_n0, id_n1, id_extension, payload, version, modified_at)
        values (p_service, p_type_hash, p_id_hash, p_type, p_n0, p_n1, p_extension, p_payload, 1, now())
        on conflict do nothing
        returning version into stored;
    else
        update orleans_state set payload = p_payload, version = version + 1, modified_at = now()
        where id_n0 = p_n0 and id_n1 = p_n1 and type_hash = p_type_hash and id_hash = p_id_hash and grain_type = p_type
          and id_extension is not distinct from p_extension and service_id = p_service and version = p_version
        returning version into stored;
    end if;
    if stored is not null and p_type = 'integration' then
        perform apply_integration_state(convert_from(p_payload, 'UTF8')::jsonb, stored);
    end if;
    return stored;   -- null: somebody else wrote first
end $$;
