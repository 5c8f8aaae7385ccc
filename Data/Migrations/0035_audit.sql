-- Who did what. Append-only, and chained: each entry's hash covers the one before it, per integration (chain = its id) and for the deployment
-- as a whole (chain = zeros). A chain's head says how many entries it must have. Entries outlive what they are about, and hold nothing secret.
create table audit_log (
    id             uuid not null,
    at             timestamptz not null,
    chain          uuid not null,
    number         bigint not null,
    integration_id uuid,
    owner_id       text,
    actor          text not null,
    action         text not null,
    subject        text,
    details        jsonb not null,
    hash           bytea not null,
    primary key (id, at)
) partition by range (at);

create index audit_log_newest on audit_log (at desc, id desc);
create index audit_log_of_integration on audit_log (integration_id, at desc, id desc);
create index audit_log_of_chain on audit_log (chain, number);
create table audit_log_rest partition of audit_log default;

create table audit_chains (
    chain  uuid primary key,
    number bigint not null,
    hash   bytea not null
) with (fillfactor = 50);

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
    raise exception 'The audit log is only ever added to.' using errcode = 'insufficient_privilege';
end $$;

create trigger audit_log_is_append_only before update or delete on audit_log for each row execute function refuse_audit_change();
create trigger audit_log_is_not_emptied before truncate on audit_log for each statement execute function refuse_audit_change();
create trigger audit_chains_are_kept before delete on audit_chains for each row execute function refuse_audit_change();

create function audit_hash(previous bytea, l audit_log) returns bytea language sql stable as $$
    select sha256(previous || convert_to(jsonb_build_array(
        l.id, extract(epoch from l.at)::text, l.chain, l.number, l.integration_id, l.owner_id, l.actor, l.action, l.subject, l.details)::text, 'UTF8'))
$$;

-- Entries are appended in their order. Whoever appends to a chain holds its head: an integration's is held by the write of its state anyway.
create function append_audit(p_chain uuid, p_integration uuid, p_owner text, entries jsonb) returns void language plpgsql as $$
declare
    head audit_chains;
    entry audit_log;
begin
    insert into audit_chains values (p_chain, 0, '') on conflict do nothing;
    select * into head from audit_chains where chain = p_chain for update;
    for entry in
        select e.id, e.at, p_chain, 0, p_integration, p_owner, e.actor, e.action, e.subject, coalesce(e.details, '{}'), null::bytea
        from jsonb_to_recordset(entries) as e (id uuid, at timestamptz, actor text, action text, subject text, details jsonb)
    loop
        head.number := head.number + 1;
        entry.number := head.number;
        head.hash := audit_hash(head.hash, entry);
        entry.hash := head.hash;
        insert into audit_log values (entry.*);
    end loop;
    update audit_chains set number = head.number, hash = head.hash where chain = p_chain;
end $$;

-- What the outbox asks for, as before, and the audit entries with it.
alter function apply_integration_outbox rename to apply_integration_tables;

create function apply_integration_outbox(integration uuid, p_owner text, outbox jsonb) returns void language plpgsql as $$
begin
    perform apply_integration_tables(integration, p_owner, outbox);
    if jsonb_array_length(outbox -> 'audit') > 0 then
        perform append_audit(integration, integration, p_owner, outbox -> 'audit');
    end if;
end $$;

-- As in 0001, for both logs.
create or replace function ensure_log_partitions(from_day date) returns void language plpgsql as $$
declare
    first date := date_trunc('month', from_day);
    month date;
    log text;
begin
    foreach log in array array['integration_logs', 'audit_log'] loop
        for n in 0..12 loop
            month := first + make_interval(months => n);
            if to_regclass(format('%s_%s', log, to_char(month, 'YYYY_MM'))) is null then
                execute format('create table %I partition of %I for values from (%L) to (%L)',
                    log || '_' || to_char(month, 'YYYY_MM'), log, month, (month + interval '1 month')::date);
            end if;
        end loop;
    end loop;
end $$;

select ensure_log_partitions(current_date);
