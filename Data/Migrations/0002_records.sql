-- The unified model. Money is numeric with an ISO 4217 code. as_of: the moment, by the provider's clock, at which this was the
-- record's state; (as_of, rank) orders states. last_seen_at moves when the provider's content changed: what did not change is not written.

create table accounts (
    integration_id      uuid not null references integrations (id) on delete cascade,
    external_id         text not null,
    name                text not null,
    account_type        text not null,
    currency            char(3),
    country             char(2),
    status              text not null,
    as_of               timestamptz not null,
    rank                smallint not null,
    content_hash        bytea not null,
    raw                 json not null,
    deleted             boolean not null,
    first_seen_at       timestamptz not null,
    last_seen_at        timestamptz not null,
    primary key (integration_id, external_id)
);

create table balances (
    integration_id      uuid not null references integrations (id) on delete cascade,
    external_id         text not null,
    account_id          text not null,
    currency            char(3) not null,
    available           numeric not null,
    pending             numeric not null,
    reserved            numeric,
    as_of               timestamptz not null,
    rank                smallint not null,
    content_hash        bytea not null,
    raw                 json not null,
    deleted             boolean not null,
    first_seen_at       timestamptz not null,
    last_seen_at        timestamptz not null,
    primary key (integration_id, external_id)
);

create table transactions (
    integration_id      uuid not null references integrations (id) on delete cascade,
    external_id         text not null,
    type                text not null,
    provider_type       text not null,
    status              text not null,
    amount              numeric not null,
    fee                 numeric not null,
    net                 numeric not null,
    currency            char(3) not null,
    occurred_at         timestamptz not null,
    available_at        timestamptz,
    description         text,
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
create index transactions_newest on transactions (integration_id, occurred_at desc, external_id desc);

create table payments (
    integration_id      uuid not null references integrations (id) on delete cascade,
    external_id         text not null,
    type                text not null,
    status              text not null,
    amount              numeric not null,
    amount_refunded     numeric,
    currency            char(3) not null,
    occurred_at         timestamptz not null,
    parent_id           text,
    transaction_id      text,
    customer_id         text,
    failure_code        text,
    description         text,
    disputed            boolean not null,
    as_of               timestamptz not null,
    rank                smallint not null,
    content_hash        bytea not null,
    raw                 json not null,
    deleted             boolean not null,
    first_seen_at       timestamptz not null,
    last_seen_at        timestamptz not null,
    primary key (integration_id, external_id)
);
create index payments_newest on payments (integration_id, occurred_at desc, external_id desc);

create table payouts (
    integration_id      uuid not null references integrations (id) on delete cascade,
    external_id         text not null,
    status              text not null,
    amount              numeric not null,
    currency            char(3) not null,
    occurred_at         timestamptz not null,
    arrival_date        date,
    method              text,
    automatic           boolean,
    destination_id      text,
    transaction_id      text,
    failure_code        text,
    description         text,
    as_of               timestamptz not null,
    rank                smallint not null,
    content_hash        bytea not null,
    raw                 json not null,
    deleted             boolean not null,
    first_seen_at       timestamptz not null,
    last_seen_at        timestamptz not null,
    primary key (integration_id, external_id)
);
create index payouts_newest on payouts (integration_id, occurred_at desc, external_id desc);

create table disputes (
    integration_id      uuid not null references integrations (id) on delete cascade,
    external_id         text not null,
    status              text not null,
    reason              text not null,
    amount              numeric not null,
    currency            char(3) not null,
    occurred_at         timestamptz not null,
    payment_id          text,
    evidence_due_at     timestamptz,
    has_evidence        boolean,
    as_of               timestamptz not null,
    rank                smallint not null,
    content_hash        bytea not null,
    raw                 json not null,
    deleted             boolean not null,
    first_seen_at       timestamptz not null,
    last_seen_at        timestamptz not null,
    primary key (integration_id, external_id)
);
create index disputes_newest on disputes (integration_id, occurred_at desc, external_id desc);

-- Rows that did not fit, with their raw payload, until a person or a fixed mapping takes them.
create table parked_rows (
    id             bigint generated always as identity primary key,
    integration_id uuid not null references integrations (id) on delete cascade,
    stream         text not null,
    external_id    text,
    code           text not null,
    reason         text not null,
    raw            bytea not null,
    content_hash   bytea not null,
    run_id         uuid not null,
    parked_at      timestamptz not null
);

-- The same row, read again, is parked once.
create unique index parked_rows_once on parked_rows (integration_id, stream, content_hash);
