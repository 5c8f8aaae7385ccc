-- What a run did in a stream, beyond 0001: rows that had changed, and calls to the provider.
alter table sync_cursors add column changed bigint not null default 0, add column calls bigint not null default 0;

-- What the run's last pass covered, where the connector says so: judged when the stream has ended, also by the silo that resumes the run.
alter table sync_cursors add column pass_shown bigint, add column pass_whole boolean, add column pass_least bigint;

-- Since when a parked row is in its state, by the provider's clock; null: not known, then parked_at stands for it. A row that somebody
-- dismissed stays, so that it is not parked again at the next full read.
alter table parked_rows add column as_of timestamptz, add column dismissed_at timestamptz, add column dismissed_by text;

create index parked_rows_waiting on parked_rows (integration_id, stream, id) where dismissed_at is null;
create index parked_rows_newest on parked_rows (integration_id, parked_at desc, id desc);
