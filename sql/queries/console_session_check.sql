-- console_session_check: whose cookie this is.  Use prolongs the session, once
-- a minute at most; a row that another call of the same moment holds is left
-- to it.  The cookie of before a step-up is good for 10 s more, without it.
-- $1 hash bytea
-- returns: session_id uuid, person_id uuid, name text, step_up_at timestamptz?
-- rows: 0..1 (0: unknown, revoked, expired, no administrator any more)
with k as (
	select s.hash from console_session s
	where s.hash = $1::bytea and s.revoked_at is null
	    and s.expires_at > now()
	    and s.last_seen_at < now() - interval '60 seconds'
	for update skip locked
), t as (
	update console_session s set last_seen_at = now(),
	    expires_at = least(s.absolute_expires_at, now() + make_interval(
	    secs => (setting_value('console_idle_s') #>> '{}')::int4))
	from k where s.hash = k.hash
	returning s.hash
)
select s.id as session_id, s.person_id, p.name,
    case when s.hash = $1::bytea then s.step_up_at end as step_up_at
from console_session s
join person p on p.auth_user_id = s.person_id
where (s.hash = $1::bytea or s.previous_hash = $1::bytea
    and s.rotated_at > now() - interval '10 seconds')
    and s.revoked_at is null and s.expires_at > now()
    and p.is_admin and p.status = 'active' and p.deleted_at is null
