-- The payout that a movement is part of, where the provider says so: what a bank's deposit is made of.
alter table transactions add column payout_id text;
