-- 0016_provider_cost: what a provider says that a message cost, beside what the
-- prices say.

-- In millionths, as sms_price.  Null: it did not say.
alter table outbox
	add column cost_reported int8
	    constraint outbox_cost_reported_domain check (cost_reported >= 0);
-- Of key 'all' alone; of those messages whose provider says it.
alter table spend_hour
	add column reported int8 not null default 0;

-- What a report adds to the ceiling: what the message was dearer than the
-- prices said, so that no report makes room; and ten times that at most, so that
-- one that is nonsense does not stop all messages.
create function spend_excess(estimate int8, reported int8) returns int8
language sql immutable parallel safe
as $$
	select case when $1 is null or $2 is null then 0
	    else greatest(least($2, 10 * $1) - $1, 0) end
$$;
