-- session_list: the live sessions of a person at one application, the one that
-- asks first, then the ones seen last.
-- $1 session_id uuid (that asks)  $2 user_id uuid  $3 app_id uuid
-- $4 limit int4
-- returns: session_id uuid, session_created_at timestamptz,
--	session_expires_at timestamptz, session_last_seen_at timestamptz,
--	device_id text?, device_name text?, device_user_agent text?,
--	device_ip text?, total int8 (of all, also beyond the limit)
-- rows: 0..n
select s.id as session_id, s.created_at as session_created_at,
    s.expires_at as session_expires_at,
    s.last_seen_at as session_last_seen_at, s.device_id, s.device_name,
    s.user_agent as device_user_agent, host(s.ip) as device_ip,
    count(*) over () as total
from session s
where s.person_id = $2::uuid and s.application_id = $3::uuid
    and s.revoked_at is null and s.expires_at > now()
order by s.id = $1::uuid desc, s.last_seen_at desc, s.id
limit $4::int4
