-- session_revoke: ends a live session of this application, found by its id or
-- by any refresh token of its family, or with it all of that person's here.
-- The refresh tokens of a revoked session are dead with it.
-- $1 session_id uuid?  $2 refresh_hash bytea?  $3 app_id uuid
-- $4 all_devices bool
-- $5..$10 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: n int8, user_id uuid?, session_ids text? ('{uuid,...}')
-- rows: 1
with t as (
	select s.id, s.person_id from session s
	where s.id = coalesce($1::uuid, (select r.session_id
	    from refresh_token r where r.hash = $2::bytea))
	    and s.application_id = $3::uuid
	    and s.revoked_at is null and s.expires_at > now()
), r as (
	update session s set revoked_at = now(), revoke_reason =
	    case when $4::bool then 'logout_all' else 'logout' end
	from t where s.person_id = t.person_id and s.application_id = $3::uuid
	    and (s.id = t.id or $4::bool)
	    and s.revoked_at is null and s.expires_at > now()
	returning s.id, s.person_id
), n as (
	select count(*)::int8 as n, (array_agg(r.person_id))[1] as user_id,
	    array_agg(r.id)::text as session_ids from r
), a as (
	insert into audit (event, category, actor_id, subject_id,
	    application_id, session_id, request_id, ip, remote, forwarded,
	    client_ip, user_agent, detail)
	select 'logout', 'sign_in', n.user_id, n.user_id, $3::uuid, t.id,
	    o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
	    o.user_agent, jsonb_build_object('sessions', n.n,
	    'all_devices', $4::bool)
	from n cross join t cross join audit_origin($5::text, $6::text,
	    $7::text, $8::text, $9::text, $10::text) o
	where n.n > 0
	returning id
)
select n.n, n.user_id, n.session_ids from n
