-- As in 0036, but a run over history says nothing of what has changed since: it reads what lies behind the window.
create or replace function note_freshness() returns trigger language plpgsql as $$
begin
    update sync_cursors c set as_of = greatest(c.as_of, new.started_at)
    from jsonb_to_recordset(new.streams) as s (stream text, status text, mode text, skipped_because text)
    where c.integration_id = new.integration_id and c.stream = s.stream and s.mode is distinct from 'history'
      and (s.status in ('succeeded', 'partial') or s.skipped_because = 'nothing_due');
    return null;
end $$;
