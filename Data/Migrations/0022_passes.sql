-- Passes over everything that a provider has in a stream. What we hold and such a pass does not show is gone there.
-- open_whole: the pass under way is one; null: none is under way.
-- whole_began_at: when the last one began, by our clock. doubted: it missed so much that nothing was deleted for it.
alter table sync_cursors add column open_whole boolean, add column whole_began_at timestamptz,
    add column doubted boolean not null default false;

-- What the last pass over everything showed. Kept until it was judged: for as long as it is in doubt, and somebody may yet accept it.
create table pass_rows (
    integration_id uuid not null references integrations (id) on delete cascade,
    stream         text not null,
    external_id    text not null,
    shown_at       timestamptz not null,
    primary key (integration_id, stream, external_id)
);
