-- A run that finishes a pass which an earlier run began reads one more pass: what has changed in between lies behind the first one's cursor.
alter table sync_cursors add column continues boolean not null default false;
