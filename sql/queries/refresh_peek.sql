-- refresh_peek: a refresh token that could be used now, for introspection.
-- $1 hash bytea  $2 app_id uuid
-- returns: user_id uuid, username text?, session_id uuid,
--	created_at timestamptz, expires_at timestamptz
-- rows: 0..1 (0: unknown, spent, expired, of another application, or its
--	session has ended or its person may not sign in)
select p.auth_user_id as user_id, coalesce(p.email, p.mobile_number) as username,
    s.id as session_id, r.created_at,
    least(r.expires_at, s.expires_at) as expires_at
from refresh_token r
join session s on s.id = r.session_id
join person p on p.auth_user_id = s.person_id
join assignment a on a.application_id = s.application_id
    and a.person_id = s.person_id
where r.hash = $1::bytea and s.application_id = $2::uuid
    and r.spent_at is null and r.expires_at > now()
    and s.revoked_at is null and s.expires_at > now()
    and p.status = 'active'
