-- Payouts that somebody here ordered or called back, and those that only a webhook tells of: PayPal lists none, so that each is read by its id.
-- next_read_at: while it is being read, when whoever reads it is taken for dead; null: never again. ordered: here, and not only told of.
create table followed_payouts (
    integration_id uuid not null references integrations (id) on delete cascade,
    payout_id      text not null,
    since          timestamptz not null,
    next_read_at   timestamptz,
    ordered        boolean not null default false,
    primary key (integration_id, payout_id)
) with (fillfactor = 80);

create index followed_payouts_due on followed_payouts (integration_id, next_read_at) where next_read_at is not null;

-- Those that did not arrive, which are few; and whether somebody was told of them.
create index payouts_failed on payouts (integration_id, external_id) where status = 'failed' and not deleted;
create index attention_items_of_payouts on attention_items (integration_id, key) where kind = 'payout_failed';

-- Written by the database with the very row that says so, whoever writes that one.
create function follow_payout() returns trigger language plpgsql as $$
begin
    if new.status = 'failed' then   -- a cancellation: of what is followed, or of an id that is nobody's
        update followed_payouts set next_read_at = new.settled_at where integration_id = new.integration_id and payout_id = new.subject_id;
        return null;
    end if;
    insert into followed_payouts as f (integration_id, payout_id, since, next_read_at, ordered)
    values (new.integration_id, new.external_id, new.settled_at, new.settled_at, new.kind = 'create_payout')
    on conflict (integration_id, payout_id) do update set next_read_at = excluded.next_read_at, ordered = f.ordered or excluded.ordered;
    return null;
end $$;

-- A cancellation that is refused ends what was taken for called back while it was under way.
create trigger operations_payout after insert or update on operations for each row
    when (new.settled_at is not null and (
        new.kind in ('create_payout', 'cancel_payout') and new.status = 'succeeded' and new.external_id is not null
        or new.kind = 'cancel_payout' and new.status = 'failed' and new.subject_id is not null))
    execute function follow_payout();

-- Nobody is told now of what failed long ago.
insert into followed_payouts (integration_id, payout_id, since, next_read_at, ordered)
select integration_id, external_id, min(settled_at), now(), bool_or(kind = 'create_payout') and min(settled_at) > now() - interval '30 days' from operations
where kind in ('create_payout', 'cancel_payout') and status = 'succeeded' and external_id is not null and settled_at is not null
group by integration_id, external_id;

-- As in 0014; and what follows payouts, and found none due, is as fresh as if it had read them.
create or replace function note_freshness() returns trigger language plpgsql as $$
begin
    update sync_cursors c set as_of = greatest(c.as_of, new.started_at)
    from jsonb_to_recordset(new.streams) as s (stream text, status text, skipped_because text)
    where c.integration_id = new.integration_id and c.stream = s.stream and (s.status in ('succeeded', 'partial') or s.skipped_because = 'nothing_due');
    return null;
end $$;
