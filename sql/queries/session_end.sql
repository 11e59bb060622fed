-- session_end: ends one live session of a person at this application, asked for
-- by another live one (or itself).
-- $1 session_id uuid  $2 by_session_id uuid  $3 user_id uuid  $4 app_id uuid
-- $5..$10 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: session_id uuid
-- rows: 0..1 (0: no such live session of this person here)
with s as (
	update session s set revoked_at = now(), revoke_reason = 'logout'
	from session c
	where s.id = $1::uuid and s.person_id = $3::uuid
	    and s.application_id = $4::uuid
	    and s.revoked_at is null and s.expires_at > now()
	    and c.id = $2::uuid and c.person_id = s.person_id
	    and c.application_id = s.application_id
	    and c.revoked_at is null and c.expires_at > now()
	returning s.id, s.person_id
), a as (
	insert into audit (event, category, actor_id, subject_id,
	    application_id, session_id, request_id, ip, remote, forwarded,
	    client_ip, user_agent, detail)
	select 'session_ended', 'sign_in', s.person_id, s.person_id, $4::uuid,
	    s.id, o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
	    o.user_agent, jsonb_build_object('by_session', $2::uuid)
	from s cross join audit_origin($5::text, $6::text, $7::text, $8::text,
	    $9::text, $10::text) o
	returning id
)
select s.id as session_id from s
