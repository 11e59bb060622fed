-- provider_test_end: what came of a test, for the provider and the outbox.
-- $1 outbox_id uuid  $2 provider_id uuid  $3 is_ok bool  $4 reason text?
-- $5 ref text?  $6 cost_reported int8? (millionths, as the provider said)
-- returns: n int8
-- rows: 1
with o as (
	update outbox q set state = case when $3::bool then 'sent'
	    else 'failed' end, ended_at = now(), last_error = $4::text,
	    provider_ref = $5::text, cost_reported = $6::int8
	where q.id = $1::uuid and q.kind = 'test'
	returning q.id, q.cost, q.cost_reported
), m as (
	insert into spend_hour as h (hour, key, shard, cost, reported)
	select date_trunc('hour', now(), 'UTC'), 'all', spend_shard(),
	    spend_excess(o.cost, o.cost_reported), o.cost_reported
	from o where o.cost_reported > 0
	on conflict (key, hour, shard) do update
	set cost = h.cost + excluded.cost,
	    reported = h.reported + excluded.reported
	returning h.hour
), v as (
	update provider v set tested_at = now(),
	    last_ok_at = case when $3::bool then now() else v.last_ok_at end,
	    paused_until = case when $3::bool then null
	    else v.paused_until end,
	    last_error_at = case when $3::bool then v.last_error_at
	    else now() end,
	    last_error = case when $3::bool then v.last_error
	    else left($4::text, 500) end
	from o where v.id = $2::uuid
	returning v.id
)
select count(*) as n from v
