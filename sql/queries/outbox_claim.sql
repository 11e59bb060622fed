-- outbox_claim: takes messages that are due, for a while; who dies with them
-- leaves them to others.  What ran out is ended here.
-- $1 n int4  $2 lease_s int4
-- returns: id uuid, kind text, channel text, destination text, payload bytea?,
--	attempts int4, tried text (provider ids, comma), tries int4,
--	provider_id uuid? (the last one), expires_at timestamptz,
--	name text?, email text?, mobile_number text?, carrier text?,
--	language text?
-- rows: 0..n
with d as (
	select q.id, q.expires_at <= now() as is_over from outbox q
	where q.state in ('queued', 'sending') and q.next_attempt_at <= now()
	order by q.kind = 'notice', q.next_attempt_at
	limit $1::int4
	for update skip locked
), e as (
	update outbox q set state = 'expired', payload = null, ended_at = now(),
	    locked_until = null,
	    last_error = coalesce(q.last_error, 'there was no time to send it')
	from d where q.id = d.id and d.is_over
	returning q.id
), u as (
	update outbox q set state = 'sending', attempts = q.attempts + 1,
	    locked_until = now() + make_interval(secs => $2::int4),
	    next_attempt_at = now() + make_interval(secs => $2::int4)
	from d where q.id = d.id and not d.is_over
	returning q.id, q.kind, q.channel, q.destination, q.payload, q.attempts,
	    q.tried, q.tries, q.provider_id, q.expires_at, q.person_id
)
select u.id, u.kind, u.channel, u.destination, u.payload, u.attempts,
    array_to_string(u.tried, ',') as tried, u.tries, u.provider_id,
    u.expires_at, p.name, p.email, p.mobile_number, p.carrier, p.language
from u left join person p on p.auth_user_id = u.person_id
