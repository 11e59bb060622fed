-- provider_test_begin: may a test be sent?  Ten in ten minutes for each who
-- asks; a text message counts towards the ceiling and is refused by it.
-- $1 provider_id uuid  $2 outbox_id uuid  $3 channel text  $4 destination text
-- $5 masked text (the destination, for the audit)  $6 actor uuid? (null: the
--	command line)
-- $7..$12 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text ('ok', 'rate_limited', 'refused'), reason text?,
--	retry_after_s int4, carrier text? (of the person with this number)
-- rows: 1
with t as (
	insert into throttle as l (bucket, subject, n)
	values ('provider_test', coalesce($6::uuid::text, 'command line'), 1)
	on conflict (bucket, subject) do update
	set n = case when l.window_start > now() - interval '10 minutes'
	    then least(l.n, 1000000) + 1 else 1 end,
	    window_start = case when l.window_start > now()
	    - interval '10 minutes' then l.window_start else now() end
	returning l.n, l.window_start
), o as (
	insert into outbox (id, state, kind, channel, destination, provider_id,
	    attempts, expires_at, ended_at)
	select $2::uuid, 'sent', 'test', $3::text, $4::text, $1::uuid, 1, now(),
	    now()
	from t where t.n <= 10
	returning state, last_error
), a as (
	select audit_act('provider_tested', $6::uuid, null, null,
	    jsonb_build_object('provider', v.name, 'to', $5::text, 'refused',
	    case when o.state = 'refused' then o.last_error end), $7::text,
	    $8::text, $9::text, $10::text, $11::text, $12::text) as id
	from o cross join provider v where v.id = $1::uuid
)
select case when o.state is null then 'rate_limited'
    when o.state = 'refused' then 'refused' else 'ok' end as outcome,
    o.last_error as reason, greatest(1, ceil(600 - extract(
    epoch from now() - t.window_start)))::int4 as retry_after_s,
    (select p.carrier from person p where p.mobile_number = $4::text
    and p.deleted_at is null) as carrier
from t left join (o cross join a) on true
