-- What a payout carries to the bank, for providers that tell it apart from their movements (Stripe). Where a movement names its payout
-- itself (Square), transactions.payout_id says the same and no row is kept twice; payout_lines is both, and what everybody reads.
create table payout_entries (
    integration_id      uuid not null references integrations (id) on delete cascade,
    external_id         text not null,
    payout_id           text not null,
    transaction_id      text not null,
    type                text not null,
    provider_type       text not null,
    amount              numeric not null,
    fee                 numeric not null,
    net                 numeric not null,
    currency            char(3) not null,
    occurred_at         timestamptz not null,
    source_id           text,
    as_of               timestamptz not null,
    rank                smallint not null,
    content_hash        bytea not null,
    raw                 json not null,
    deleted             boolean not null,
    first_seen_at       timestamptz not null,
    last_seen_at        timestamptz not null,
    primary key (integration_id, external_id)
);
create index payout_entries_of_payout on payout_entries (integration_id, payout_id, occurred_at desc, transaction_id desc);
create index transactions_of_payout on transactions (integration_id, payout_id, occurred_at desc, external_id desc) where payout_id is not null;

create view payout_lines as
    select integration_id, payout_id, transaction_id, type, provider_type, amount, fee, net, currency, occurred_at, source_id, as_of, deleted
    from payout_entries
    union all
    select integration_id, payout_id, external_id, type, provider_type, amount, fee, net, currency, occurred_at, source_id, as_of, deleted
    from transactions where payout_id is not null;

-- Payouts whose entries were read to their end, and what became of holding them against the payout's amount.
create table payout_entry_lists (
    integration_id      uuid not null references integrations (id) on delete cascade,
    payout_id           text not null,
    read_at             timestamptz not null,
    amount              numeric,   -- the payout's, when its entries were held against it; null: not since they were read
    net                 numeric,   -- what the entries came to then
    accepted            numeric,   -- the difference that a person has accepted
    primary key (integration_id, payout_id)
);
-- Those that do not add up, which are few.
create index payout_entry_lists_disagree on payout_entry_lists (integration_id, payout_id) where net <> amount;
