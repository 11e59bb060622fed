-- outbox_list: what was sent, waits, or was refused, newest first.
-- $1 state text? (null: all)  $2 cursor uuid? (the last one seen)  $3 limit int4
-- returns: outcome text, version int8?, body text
-- rows: 1
with o as (
	select q.id, q.kind, q.channel, q.destination, q.state, q.attempts,
	    q.provider_id, q.last_error, q.created_at, q.ended_at, q.expires_at,
	    q.receipt, q.receipt_at, q.receipt_error,
	    q.cost, q.cost_reported
	from outbox q
	where ($1::text is null or q.state = $1::text)
	    and ($2::uuid is null or q.id < $2::uuid)
	order by q.id desc
	limit $3::int4 + 1
), p as (
	select o.id, o.kind, o.channel, o.destination, o.state, o.attempts,
	    o.provider_id, o.last_error, o.created_at, o.ended_at, o.expires_at,
	    o.receipt, o.receipt_at, o.receipt_error,
	    o.cost, o.cost_reported
	from o order by o.id desc limit $3::int4
)
select 'ok' as outcome, null::int8 as version, jsonb_build_object('data',
    coalesce((select jsonb_agg(jsonb_build_object('id', p.id, 'kind', p.kind,
    'channel', p.channel, 'destination', contact_masked(p.destination),
    'state', p.state, 'attempts', p.attempts, 'provider', v.name,
    'cost', p.cost, 'cost_reported', p.cost_reported,
    'last_error', p.last_error, 'created_at', json_time(p.created_at),
    'ended_at', json_time(p.ended_at), 'expires_at',
    json_time(p.expires_at), 'receipt', p.receipt, 'receipt_at',
    json_time(p.receipt_at), 'receipt_error', p.receipt_error) order by p.id desc)
    from p left join provider v on v.id = p.provider_id), '[]'),
    'page', jsonb_build_object('has_more', (select count(*) from o) >
    $3::int4, 'next_cursor', case when (select count(*) from o) > $3::int4
    then (select p.id from p order by p.id limit 1) end))::text as body
