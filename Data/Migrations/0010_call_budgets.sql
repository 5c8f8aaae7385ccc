-- What each call budget has given out: one row per budget and limit, locked in the order of the periods. Domain's CallBudget is the same as a value.
create table call_budgets (
    provider      text not null,
    account       text not null,                          -- '': the deployment's app as a whole
    class         text not null,                          -- class of endpoints; '*': all
    period_us     bigint not null,
    calls         integer not null,
    -- A short period is paced (slot_us = 0): next_at is up to where it is given out. A longer one is counted in slots of four lanes, newest last.
    slot_us       bigint not null,
    offset_us     bigint not null,
    next_at       timestamptz not null default '-infinity',
    newest        bigint not null default 0,
    used          integer[] not null default '{}',
    -- Given out and not yet accounted for. What its holders have not said by then is used.
    leased        integer not null default 0,
    leased_until  timestamptz not null default '-infinity',
    blocked_until timestamptz not null default '-infinity',
    -- By silo and lane: how many calls wait, since when, and when that was said.
    waiting       jsonb not null default '{}',
    updated_at    timestamptz not null,
    primary key (provider, account, class, period_us)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

-- No index but the key: every lease changes the row, and must not have to change an index.

-- One silo's request: settles its last lease, and gives out up to p_want calls. Everything about the limits comes from Domain, one element per limit,
-- shortest period first, p_kept four per limit. Times in microseconds. p_now is for tests: the clock that decides is this server's.
create function lease_calls(
    p_provider text, p_account text, p_class text, p_lane integer, p_want integer, p_horizon bigint, p_longest bigint, p_longest_paced bigint,
    p_period bigint[], p_calls integer[], p_spacing bigint[], p_slot bigint[], p_slots integer[], p_offset bigint[], p_closes bigint[],
    p_kept integer[], p_least integer[], p_settled integer, p_unused integer, p_settled_from timestamptz,
    p_holder text, p_waiting integer, p_waited bigint, p_lead bigint, p_now timestamptz default null,
    out granted integer, out asked_at timestamptz, out from_at timestamptz, out until_at timestamptz, out remaining integer, out refused_until timestamptz)
language plpgsql as $$
declare
    us constant interval := interval '1 microsecond';
    b call_budgets[] := '{}';
    r call_budgets;
    blocked timestamptz := '-infinity';
    moment timestamptz;
    at_us bigint;
    now_us bigint;
    spacing bigint := 0;
    by_lane integer[];
    room integer;
    least_room integer;
    oldest integer;
    again timestamptz;
begin
    -- Seconds are over before a server that crashed is back: pace needs no disk.
    if 0 = all (p_slot) then perform set_config('synchronous_commit', 'off', true); end if;

    for i in 1 .. cardinality(p_period) loop
        loop
            select * into r from call_budgets c
            where c.provider = p_provider and c.account = p_account and c.class = p_class and c.period_us = p_period[i] for update;
            exit when found;
            insert into call_budgets (provider, account, class, period_us, calls, slot_us, offset_us, updated_at)
            values (p_provider, p_account, p_class, p_period[i], p_calls[i], p_slot[i], p_offset[i], clock_timestamp()) on conflict do nothing;
        end loop;
        b[i] := r;
    end loop;

    asked_at := coalesce(p_now, clock_timestamp());   -- after the wait for the locks
    moment := asked_at + p_lead * us;
    from_at := moment;
    foreach r in array b loop
        from_at := greatest(from_at, r.next_at);
        blocked := greatest(blocked, r.blocked_until);
    end loop;
    now_us := (extract(epoch from moment) * 1000000)::bigint;
    at_us := (extract(epoch from from_at) * 1000000)::bigint;

    granted := p_want;
    if blocked > from_at then
        refused_until := blocked;
    elsif at_us - now_us > p_horizon then
        refused_until := from_at - p_horizon * us;
    end if;

    for i in 1 .. cardinality(b) loop
        r := b[i];
        r.calls := p_calls[i];
        r.slot_us := p_slot[i];
        r.offset_us := p_offset[i];
        r.leased := case when r.leased_until < asked_at then 0 else greatest(0, r.leased - p_settled) end;
        if p_slot[i] = 0 then
            spacing := greatest(spacing, p_spacing[i]);
            b[i] := r;
            continue;
        end if;

        if cardinality(r.used) <> p_slots[i] * 4 then   -- new, or configured to be counted otherwise: all that counted goes on to count
            r.used := array_fill(0, array[p_slots[i] * 4 - 1]) || coalesce((select sum(u) from unnest(r.used) u), 0)::integer;
            r.newest := (at_us - p_offset[i]) / p_slot[i];
        end if;
        if p_unused > 0 then
            declare
                back bigint := r.newest - ((extract(epoch from p_settled_from) * 1000000)::bigint - p_offset[i]) / p_slot[i];
                place integer := (p_slots[i] - 1 - back) * 4 + p_lane + 1;
            begin
                if back between 0 and p_slots[i] - 1 then r.used[place] := greatest(0, r.used[place] - p_unused); end if;
            end;
        end if;
        declare
            gone integer := least(p_slots[i], (at_us - p_offset[i]) / p_slot[i] - r.newest) * 4;
        begin
            if gone > 0 then
                r.newest := (at_us - p_offset[i]) / p_slot[i];
                r.used := r.used[gone + 1:] || array_fill(0, array[gone]);
            end if;
        end;
        b[i] := r;

        if (r.newest + 1) * p_slot[i] + p_offset[i] - at_us <= p_closes[i] then
            again := greatest(again, 'epoch'::timestamptz + ((r.newest + 1) * p_slot[i] + p_offset[i]) * us);
        end if;
        select array_agg(s order by lane), min(first) into by_lane, oldest
        from (select (n - 1) % 4 as lane, sum(u)::integer as s, min((n - 1) / 4) filter (where u > 0) as first
              from unnest(r.used) with ordinality as x (u, n) group by 1) as lanes;
        select p_calls[i] - sum(case when l - 1 = p_lane then by_lane[l] else greatest(by_lane[l], p_kept[(i - 1) * 4 + l]) end),
               p_calls[i] - sum(case when l - 1 = p_lane then by_lane[l] else greatest(by_lane[l], p_least[i]) end)
        into room, least_room from generate_series(1, 4) l;
        room := greatest(0, room, least(least_room, p_least[i] - by_lane[p_lane + 1]));
        remaining := least(remaining, p_calls[i] - (by_lane[1] + by_lane[2] + by_lane[3] + by_lane[4]));
        granted := least(granted, room);
        if room = 0 then
            again := greatest(again, 'epoch'::timestamptz
                + ((r.newest - p_slots[i] + 1 + coalesce(oldest, p_slots[i] - 1) + p_slots[i]) * p_slot[i] + p_offset[i]) * us);
        end if;
    end loop;

    refused_until := coalesce(refused_until, again);
    if refused_until is not null or p_want < 1 then granted := 0; end if;
    if spacing > 0 then granted := least(granted, greatest(1, p_longest_paced / spacing)); end if;
    if granted > 0 then remaining := remaining - granted; end if;
    until_at := from_at + case when spacing > 0 then spacing * granted else p_longest end * us;

    for i in 1 .. cardinality(b) loop
        r := b[i];
        if granted > 0 then
            r.next_at := from_at + spacing * granted * us;
            r.leased := r.leased + granted;
            r.leased_until := greatest(r.leased_until, until_at);
            if p_slot[i] > 0 then r.used[(p_slots[i] - 1) * 4 + p_lane + 1] := r.used[(p_slots[i] - 1) * 4 + p_lane + 1] + granted; end if;
        end if;
        update call_budgets c set calls = r.calls, slot_us = r.slot_us, offset_us = r.offset_us, next_at = r.next_at, newest = r.newest, used = r.used,
            leased = r.leased, leased_until = r.leased_until, updated_at = asked_at,
            waiting = case when i > 1 then c.waiting when p_waiting <= granted then c.waiting - p_holder
                else jsonb_set(c.waiting, array[p_holder],
                    jsonb_build_object('lane', p_lane, 'calls', p_waiting - granted, 'since', asked_at - p_waited * us, 'seen', asked_at)) end
        where c.provider = p_provider and c.account = p_account and c.class = p_class and c.period_us = p_period[i];
    end loop;
end $$;

-- The provider says how many calls it still allows. Fewer than we believed: others use the same credential, and theirs count too.
create function observe_calls(p_provider text, p_account text, p_class text, p_period bigint, p_remaining integer, p_now timestamptz default null)
returns void language plpgsql as $$
declare
    r call_budgets;
    moment timestamptz;
    gone integer;
    slot bigint;
    unknown integer;
begin
    select * into r from call_budgets c
    where c.provider = p_provider and c.account = p_account and c.class = p_class and c.period_us = p_period for update;
    if not found or r.slot_us = 0 or cardinality(r.used) = 0 then return; end if;
    moment := greatest(coalesce(p_now, clock_timestamp()), r.next_at);
    slot := ((extract(epoch from moment) * 1000000)::bigint - r.offset_us) / r.slot_us;
    gone := least(cardinality(r.used) / 4, slot - r.newest) * 4;
    if gone > 0 then
        r.newest := slot;
        r.used := r.used[gone + 1:] || array_fill(0, array[gone]);
    end if;
    unknown := r.calls - greatest(0, p_remaining) + case when r.leased_until < moment then 0 else r.leased end - (select sum(u) from unnest(r.used) u);
    if unknown > 0 then r.used[cardinality(r.used)] := r.used[cardinality(r.used)] + unknown; end if;
    update call_budgets c set newest = r.newest, used = r.used, updated_at = moment
    where c.provider = p_provider and c.account = p_account and c.class = p_class and c.period_us = p_period;
end $$;
