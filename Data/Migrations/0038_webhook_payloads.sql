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

insert into webhook_payloads (event_id, payload) select id, payload from webhook_events order by id;

alter table webhook_events drop column payload;

-- Instead of a foreign key: both rows go in by one statement, and a check per row would cost more than the row.
create function forget_webhook_payloads() returns trigger language plpgsql as $$
begin
    delete from webhook_payloads p using gone where p.event_id = gone.id;
    return null;
end $$;

create trigger webhook_events_forget_payloads after delete on webhook_events
    referencing old table as gone for each statement execute function forget_webhook_payloads();
