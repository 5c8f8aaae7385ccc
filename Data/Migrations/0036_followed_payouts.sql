-- Payouts that somebody here ordered or called back, and those that only a webhook tells of: PayPal lists none, so that each is read by its id.
-- next_read_at: while it is being read, when whoever reads it is taken for dead; null: never again, or the provider's own list shows it.
create table followed_payouts (
    integration_id uuid not null references integrations (id) on delete cascade,
    payout_id      text not null,
    since          timestamptz not null,
    next_read_at   timestamptz,
    primary key (integration_id, payout_id)
) with (fillfactor = 80);

create index followed_payouts_due on followed_payouts (integration_id, next_read_at) where next_read_at is not null;

-- Those that did not arrive, which are few; and whether somebody was told of them.
create index payouts_failed on payouts (integration_id, external_id) where status = 'failed' and not deleted;
create index attention_items_of_payouts on attention_items (integration_id, key) where kind = 'payout_failed';

-- Written by the database with the very row that says so, whoever writes that one.
create function follow_payout() returns trigger language plpgsql as $$
begin
    insert into followed_payouts (integration_id, payout_id, since, next_read_at)
    values (new.integration_id, new.external_id, new.settled_at, new.settled_at)
    on conflict (integration_id, payout_id) do update set next_read_at = excluded.next_read_at;
    return null;
end $$;

create trigger operations_payout after insert or update on operations for each row
    when (new.kind in ('create_payout', 'cancel_payout') and new.status = 'succeeded' and new.external_id is not null and new.settled_at is not null)
    execute function follow_payout();

insert into followed_payouts (integration_id, payout_id, since, next_read_at)
select integration_id, external_id, min(settled_at), now() from operations
where kind in ('create_payout', 'cancel_payout') and status = 'succeeded' and external_id is not null and settled_at is not null
group by integration_id, external_id;
