-- totp_begin: a secret for the authenticator app, not in force before it is
-- confirmed; an earlier one that was not confirmed is void.
-- $1 session_id uuid  $2 app_id uuid? (null: a session of the console)
-- $3 secret bytea (sealed)
-- $4..$9 origin: request_id, ip, remote, forwarded, client_ip, user_agent text?
-- returns: user_id uuid
-- rows: 0..1 (0: one is enrolled)
with t as (
	insert into totp as t (person_id, secret)
	select s.person_id, $3::bytea
	from session_person($1::uuid, $2::uuid) s
	on conflict (person_id) do update set secret = excluded.secret,
	    created_at = excluded.created_at, last_step = 0
	where t.confirmed_at is null
	returning t.person_id
), a as (
	insert into audit (event, category, actor_id, subject_id,
	    application_id, session_id, request_id, ip, remote, forwarded,
	    client_ip, user_agent)
	select 'totp_begun', 'sign_in', t.person_id, t.person_id, $2::uuid,
	    $1::uuid, o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
	    o.user_agent
	from t cross join audit_origin($4::text, $5::text, $6::text, $7::text,
	    $8::text, $9::text) o
	returning id
)
select t.person_id as user_id from t
