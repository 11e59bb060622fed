-- console_session_end: ends one session of this administrator; one's own is a
-- sign-out.
-- $1 person_id uuid  $2 session_id uuid (to end)  $3 by_session_id uuid
-- $4..$9 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text ('done', 'session_not_found'), version int8?, body text?
-- rows: 1
with s as (
	update console_session set revoked_at = now()
	where id = $2::uuid and person_id = $1::uuid and revoked_at is null
	    and expires_at > now()
	returning id
), a as (
	insert into audit (event, category, actor_id, subject_id, session_id,
	    request_id, ip, remote, forwarded, client_ip, user_agent, detail)
	select case when s.id = $3::uuid then 'logout' else 'session_ended' end,
	    'sign_in', $1::uuid, $1::uuid, s.id, o.request_id, o.ip, o.remote,
	    o.forwarded, o.client_ip, o.user_agent,
	    jsonb_build_object('console', true)
	from s cross join audit_origin($4::text, $5::text, $6::text, $7::text,
	    $8::text, $9::text) o
	returning id
)
select case when exists (select from s) then 'done' else 'session_not_found'
    end as outcome, null::int8 as version, null::text as body
