-- outbox_done: what came of an attempt, for the message and its provider.  Of a
-- message that somebody else took since, nothing is changed.
-- $1 id uuid  $2 attempts int4 (as it was taken)
-- $3 step text ('sent', 'retry', 'wait', 'failed', 'expired')
-- $4 at timestamptz? (retry, wait)  $5 tried text ('{id,..}')
-- $6 tries int4
-- $7 provider_id uuid? (null: none was asked)  $8 verdict text  $9 reason text?
-- $10 ref text?  $11 pause_s int4 (0: no pause)  $12 was_billed bool (a try
--	that failed may have cost as well)
-- $13 cost_reported int8? (millionths, as the provider said)
-- returns: n int8
-- rows: 1
with o as (
	update outbox q set
	    state = case $3::text when 'retry' then 'queued'
	    when 'wait' then 'queued' else $3::text end,
	    attempts = q.attempts - ($3::text = 'wait')::int4,
	    tried = $5::text::uuid[], tries = $6::int4, locked_until = null,
	    next_attempt_at = coalesce(least($4::timestamptz, q.expires_at),
	    q.next_attempt_at),
	    payload = case when $3::text in ('retry', 'wait') then q.payload end,
	    ended_at = case when $3::text not in ('retry', 'wait')
	    then now() end,
	    provider_id = coalesce($7::uuid, q.provider_id),
	    provider_ref = coalesce($10::text, q.provider_ref),
	    cost_reported = case when $3::text = 'sent' then $13::int8 end,
	    last_error = case when $3::text = 'sent' then null
	    else coalesce($9::text, q.last_error) end
	where q.id = $1::uuid and q.attempts = $2::int4 and q.state = 'sending'
	returning q.id, q.kind, q.channel, q.person_id, q.application_id,
	    q.challenge_id, q.state, q.cost, q.cost_reported
), n as (
	-- The next try costs once more, and is not asked again.
	select o.cost, 0 as reported
	from o where $12::bool and o.state = 'queued' and o.cost > 0
	union all
	select spend_excess(o.cost, o.cost_reported), o.cost_reported
	from o where o.cost_reported > 0
), m as (
	insert into spend_hour as h (hour, key, shard, cost, reported)
	select date_trunc('hour', now(), 'UTC'), 'all', spend_shard(), n.cost,
	    n.reported
	from n
	on conflict (key, hour, shard) do update
	set cost = h.cost + excluded.cost,
	    reported = h.reported + excluded.reported
	returning h.hour
), k as (
	-- Many say the same at the same time: one is enough.
	select v.id, v.paused_until from provider v where v.id = $7::uuid
	    and case $8::text when 'ok' then v.paused_until is not null
	    or v.last_ok_at is null or v.last_ok_at < now() - interval '2 seconds'
	    else $8::text in ('retry', 'config', 'balance') end
	for no key update skip locked
), v as (
	update provider v set
	    last_ok_at = case $8::text when 'ok' then now()
	    else v.last_ok_at end,
	    last_error_at = case $8::text when 'ok' then v.last_error_at
	    else now() end,
	    last_error = case $8::text when 'ok' then v.last_error
	    else left($9::text, 500) end,
	    paused_until = case when $8::text = 'ok' then null
	    when $11::int4 > 0 and (v.paused_until is null
	    or v.paused_until <= now())
	    then now() + make_interval(secs => $11::int4)
	    else v.paused_until end
	from k where v.id = k.id
	returning v.id, v.name, v.paused_until,
	    v.paused_until > now() and (k.paused_until is null
	    or k.paused_until <= now()) as is_new
), a as (
	insert into audit (event, category, outcome, subject_id,
	    application_id, detail)
	select 'message_failed', 'system', o.state, o.person_id,
	    o.application_id, jsonb_build_object('outbox_id', o.id,
	    'kind', o.kind, 'channel', o.channel, 'reason', left($9::text, 200))
	from o where o.state in ('failed', 'expired')
	union all
	select 'provider_paused', 'system', $8::text, null, null,
	    jsonb_build_object('provider', v.name, 'until',
	    json_time(v.paused_until), 'reason', left($9::text, 200))
	from v where v.is_new
	returning id
)
select count(*) as n from o
