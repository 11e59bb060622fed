-- totp_confirm: the authenticator app showed a right code: it is in force from
-- now on, and so is the second factor.
-- $1 session_id uuid  $2 app_id uuid? (null: a session of the console)
-- $3 secret bytea (sealed, the one that was compared)  $4 step int8
-- $5 notice_id uuid?  $6 channel text? (null: no notice)  $7 destination text?
-- $8 payload bytea? (sealed)
-- $9..$14 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: user_id uuid
-- rows: 0..1 (0: another secret was begun, or this one is confirmed already)
with t as (
	update totp t set confirmed_at = clock_timestamp(), last_step = $4::int8,
	    last_used_at = clock_timestamp()
	from session_person($1::uuid, $2::uuid) s
	where t.person_id = s.person_id and t.secret = $3::bytea
	    and t.confirmed_at is null
	returning t.person_id
), p as (
	update person p set mfa_enabled = true
	from t where p.auth_user_id = t.person_id and not p.mfa_enabled
	returning p.auth_user_id
), n as (
	insert into outbox (id, kind, channel, person_id, application_id,
	    destination, payload, expires_at)
	select $5::uuid, 'notice', $6::text, t.person_id, $2::uuid, $7::text,
	    $8::bytea, clock_timestamp() + interval '24 hours'
	from t where $6::text is not null
	returning id
), a as (
	insert into audit (event, category, actor_id, subject_id,
	    application_id, session_id, request_id, ip, remote, forwarded,
	    client_ip, user_agent, detail)
	select 'totp_confirmed', 'sign_in', t.person_id, t.person_id, $2::uuid,
	    $1::uuid, o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
	    o.user_agent, jsonb_build_object('mfa_switched_on',
	    exists (select from p))
	from t cross join audit_origin($9::text, $10::text, $11::text, $12::text,
	    $13::text, $14::text) o
	returning id
)
select t.person_id as user_id from t
