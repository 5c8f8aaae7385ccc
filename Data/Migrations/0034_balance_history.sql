-- What an account held in a currency, and since when: a row for each change of the figures, not for each reading. Written by the database
-- with the very row that it follows, whoever writes that one, so that its last row is always the balance.
create table balance_history (
    id                  bigint generated always as identity primary key,
    integration_id      uuid not null references integrations (id) on delete cascade,
    external_id         text not null,
    account_id          text not null,
    currency            char(3) not null,
    available           numeric not null,
    pending             numeric not null,
    reserved            numeric,
    as_of               timestamptz not null
);
-- The list, newest first; of two states of one moment the later one is the newer.
create index balance_history_newest on balance_history (integration_id, as_of desc, id desc);

create function keep_balance() returns trigger language plpgsql as $$
begin
    insert into balance_history (integration_id, external_id, account_id, currency, available, pending, reserved, as_of)
    values (new.integration_id, new.external_id, new.account_id, new.currency, new.available, new.pending, new.reserved, new.as_of);
    return null;
end $$;

create trigger balances_first after insert on balances for each row execute function keep_balance();
create trigger balances_changed after update on balances for each row
    when ((old.available, old.pending, old.reserved) is distinct from (new.available, new.pending, new.reserved))
    execute function keep_balance();

insert into balance_history (integration_id, external_id, account_id, currency, available, pending, reserved, as_of)
select integration_id, external_id, account_id, currency, available, pending, reserved, as_of from balances order by as_of;
