create table idempotency_keys (
    owner_id      text not null,
    key           text not null,
    request_hash  bytea not null,
    -- What the first call made; the answer is read again from there.
    resource_id   uuid not null,
    created_at    timestamptz not null,
    primary key (owner_id, key)
);

create index idempotency_keys_by_age on idempotency_keys (created_at);

-- ring: edge (OAuth state, webhook secrets) or tokens; each ring has a master key of its own, which never stands in the database.
create table data_protection_keys (
    id            bigint generated always as identity primary key,
    ring          text not null,
    friendly_name text not null,
    xml           text not null,
    created_at    timestamptz not null default now()
);

create index data_protection_keys_by_ring on data_protection_keys (ring, id);
