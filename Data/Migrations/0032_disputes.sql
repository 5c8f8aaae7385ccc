-- Disputes that wait for an answer: few among all that there ever were.
create index disputes_waiting on disputes (integration_id, evidence_due_at)
    where status in ('needs_response', 'warning_needs_response') and not deleted;

-- The money at stake, and what became of it: read from the index alone.
create index disputes_money on disputes (integration_id, currency, status) include (amount, evidence_due_at) where not deleted;

-- What a person was told of a dispute last.
create index attention_items_of_disputes on attention_items (integration_id, key, raised_at desc) where kind = 'dispute_due';

-- A verdict, whatever brought it (a run, a webhook): logged in the transaction that stores it. What was decided before we saw it is no news.
create function note_verdict() returns trigger language plpgsql as $$
begin
    insert into integration_logs (id, integration_id, at, level, event, message)
    values (gen_random_uuid(), new.integration_id, now(), case new.status when 'won' then 'info' else 'warning' end, 'dispute_' || new.status,
        'Dispute ' || new.external_id || ' (' || new.reason || ') is ' || new.status || ': ' || new.amount || ' ' || new.currency
        || case new.status when 'won' then ' stay with you.' else ' are gone.' end);
    return null;
end $$;

create trigger disputes_verdict after update of status on disputes for each row
    when (new.status in ('won', 'lost') and old.status is distinct from new.status) execute function note_verdict();
