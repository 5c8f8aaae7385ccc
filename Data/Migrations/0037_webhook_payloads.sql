-- An event is written twice, when it comes and when its last delivery is done, and its bytes are most of it. Apart from it they are written once:
-- less to log, to vacuum and to bring to the disk. Its row is the one that is read and marked.
create table webhook_payloads (
    event_id bigint primary key,
    payload  bytea not null
);

do $$
begin
    alter table webhook_payloads alter column payload set compression lz4;
exception when feature_not_supported then
    raise notice 'this server has no lz4';
end $$;

-- What came before keeps its bytes in its row, and so does what an api of the version before still takes: nothing is copied, and nothing lost.
alter table webhook_events alter column payload drop not null;

-- Instead of a foreign key: both rows go in by one statement, and a check per row would cost more than the row. Planned anew each time: a purge of
-- a million rows and the end of one event have nothing in common.
create function forget_webhook_payloads() returns trigger language plpgsql as $$
begin
    execute 'delete from webhook_payloads p using gone where p.event_id = gone.id';
    return null;
end $$;

create trigger webhook_events_forget_payloads after delete on webhook_events
    referencing old table as gone for each statement execute function forget_webhook_payloads();
