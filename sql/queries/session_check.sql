-- session_check: a session of this application, as it stands now.  What was
-- revoked because the person was unassigned counts as revoked only once the
-- person is assigned again: until then the answer is "not assigned".
-- $1 session_id uuid  $2 app_id uuid
-- returns: session_id uuid, session_created_at, session_expires_at,
--	session_last_seen_at timestamptz, device_id text?, device_name text?,
--	device_user_agent text?, device_ip text?, user_id uuid, name text,
--	email text?, mobile_number text?, emp_id text?, is_active bool,
--	mfa_enabled bool, updated_at timestamptz, sync_hash text, app_name text,
--	is_assigned bool, is_revoked bool
-- rows: 0..1
select s.id as session_id, s.created_at as session_created_at,
    s.expires_at as session_expires_at,
    s.last_seen_at as session_last_seen_at, s.device_id, s.device_name,
    s.user_agent as device_user_agent, host(s.ip) as device_ip,
    p.auth_user_id as user_id, p.name, p.email, p.mobile_number, p.emp_id,
    p.status = 'active' as is_active, p.mfa_enabled, p.updated_at, p.sync_hash,
    b.name as app_name, a.person_id is not null as is_assigned,
    s.revoked_at is not null and (a.person_id is not null
    or s.revoke_reason <> 'unassigned') as is_revoked
from session s
join person p on p.auth_user_id = s.person_id
join application b on b.id = s.application_id
left join assignment a on a.application_id = s.application_id
    and a.person_id = s.person_id
where s.id = $1::uuid and s.application_id = $2::uuid
