-- What a stream's pass is about, and when its passes came to their end: which streams a run reads, and how, follows from it. History (what lies
-- behind the first pass's window) has a row of its own, <stream>/history, beside the stream's, so that both go on from where they are.
alter table sync_cursors
    add column mode            text not null default 'delta' check (mode in ('delta', 'recent', 'full', 'history')),
    add column anew            boolean not null default false,   -- the pass has not shown its first page yet
    add column pass_started_at timestamptz,
    add column last_pass_at    timestamptz,   -- end of the last complete pass
    add column last_full_at    timestamptz,   -- begin of the last complete pass over everything
    add column history_before  timestamptz,   -- begin of the first pass's window; null: there was none, or everything was read since
    add column progress        numeric;   -- of the pass under way, 0-1, where the provider gives a measure

-- Before there was a window, every first pass was over everything.
update sync_cursors set last_pass_at = updated_at, last_full_at = updated_at where run_ended;
