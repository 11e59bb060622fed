-- spend_settle: counts the codes whose time is over as used or not, for the
-- keys that they were sent under.  One that no provider took counts for neither.
-- $1 max_rows int4
-- returns: n int8
-- rows: 1
with d as (
	select q.id from outbox q
	where q.is_unsettled and q.expires_at <= now()
	order by q.expires_at
	limit $1::int4
	for update skip locked
), u as (
	update outbox q set is_unsettled = false from d where q.id = d.id
	returning q.id, q.kind, q.challenge_id, q.person_id, q.destination,
	    q.country, q.application_id, q.client_ip, q.created_at, q.expires_at,
	    q.state = 'sent' as is_sent
), w as (
	select date_trunc('hour', u.created_at, 'UTC') as hour,
	    spend_used_keys(u.destination, u.country, u.application_id,
	    u.client_ip) as keys,
	    case u.kind when 'code' then exists (select from challenge c
	    where c.id = u.challenge_id and c.used_at is not null)
	    else exists (select from password_reset r
	    where r.person_id = u.person_id
	    and r.used_at between u.created_at and u.expires_at) end as is_used,
	    u.is_sent
	from u
), s as (
	insert into spend_hour as h (hour, key, verified, unverified)
	select w.hour, k.key, count(*) filter (where w.is_used),
	    count(*) filter (where not w.is_used and w.is_sent)
	from w cross join lateral unnest(w.keys) k (key)
	group by w.hour, k.key
	order by k.key
	on conflict (key, hour, shard) do update
	set verified = h.verified + excluded.verified,
	    unverified = h.unverified + excluded.unverified
	returning h.hour
)
select count(*) as n from u
