-- As of when a stream's data is whole: the beginning of the newest run that read it to its end. What happened before is not missing.
alter table sync_cursors add column as_of timestamptz;

update sync_cursors c set as_of = r.as_of
from (select r.integration_id, s.stream, max(r.started_at) as as_of
      from sync_runs r, jsonb_to_recordset(r.streams) as s (stream text, status text)
      where s.status in ('succeeded', 'partial') group by r.integration_id, s.stream) r
where c.integration_id = r.integration_id and c.stream = r.stream;

-- Whoever ends a run: in the transaction that ends it.
create function note_freshness() returns trigger language plpgsql as $$
begin
    update sync_cursors c set as_of = greatest(c.as_of, new.started_at)
    from jsonb_to_recordset(new.streams) as s (stream text, status text)
    where c.integration_id = new.integration_id and c.stream = s.stream and s.status in ('succeeded', 'partial');
    return null;
end $$;

create trigger sync_runs_freshness after update of ended_at on sync_runs for each row
    when (old.ended_at is null and new.ended_at is not null) execute function note_freshness();

-- Trouble of a provider's own: many of its integrations fail alike.
create table provider_incidents (
    id              uuid primary key,
    provider        text not null,
    error_class     text not null,
    since           timestamptz not null,
    affected        integer not null,
    last_failure_at timestamptz not null,
    ended_at        timestamptz
);

create unique index provider_incidents_one_open on provider_incidents (provider, error_class) where ended_at is null;

-- Is there any trouble? Small while all is well. And if there is: how did everybody fare lately?
create index sync_runs_unwell on sync_runs (ended_at) where status in ('failed', 'partial');
create index sync_runs_by_end on sync_runs (ended_at) where ended_at is not null;
