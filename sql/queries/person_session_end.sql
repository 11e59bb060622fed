-- person_session_end: an administrator ends one session of a person.
-- $1 user_id uuid  $2 session_id uuid  $3 actor uuid
-- $4..$9 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text, version int8?, body text?
-- rows: 0..1 (0: no such live session)
with s as (
	update session s set revoked_at = clock_timestamp(),
	    revoke_reason = 'admin'
	where s.id = $2::uuid and s.person_id = $1::uuid
	    and s.revoked_at is null and s.expires_at > now()
	returning s.id, s.person_id, s.application_id
), a as (
	select person_audit('user_session_ended', $3::uuid, s.person_id,
	    s.application_id, jsonb_build_object('session_id', s.id),
	    array[$4::text, $5::text, $6::text, $7::text, $8::text, $9::text])
	    as id from s
)
select 'done' as outcome, null::int8 as version, null::text as body
from a where a.id is not null
