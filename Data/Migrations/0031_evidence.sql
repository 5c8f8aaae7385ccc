-- What a seller is going to say about a dispute. A user's own text until it is ordered; then it stays as it was sent, unless that failed.
-- version: another one at every change of texts or files, and never one that was used before, not even after the draft was deleted.
-- operation_id, claimed_at: as what it is handed in, before the row in operations is there.
create sequence evidence_versions;

create table evidence_drafts (
    integration_id uuid not null references integrations (id) on delete cascade,
    dispute_id     text not null,
    version        bigint not null default nextval('evidence_versions'),
    texts          jsonb not null default '{}',
    operation_id   uuid,
    claimed_at     timestamptz,
    created_at     timestamptz not null,
    updated_at     timestamptz not null,
    updated_by     text not null,
    primary key (integration_id, dispute_id)
);

-- Written once, and never changed. Nothing that is allowed here can be compressed.
create table evidence_files (
    id             uuid primary key,
    integration_id uuid not null,
    dispute_id     text not null,
    purpose        text not null,
    name           text not null,
    media_type     text not null,
    size           bigint not null,
    sha256         text not null,
    content        bytea not null,
    created_at     timestamptz not null,
    created_by     text not null,
    foreign key (integration_id, dispute_id) references evidence_drafts (integration_id, dispute_id) on delete cascade
);
alter table evidence_files alter column content set storage external;

create index evidence_files_of_draft on evidence_files (integration_id, dispute_id, created_at, id);

-- Banks' forms have one place for each purpose.
create unique index evidence_files_one_of_a_purpose on evidence_files (integration_id, dispute_id, purpose) where purpose <> 'other';

-- Was that object answered already?
create index operations_of_subject on operations (integration_id, subject_id, created_at desc) where subject_id is not null;
