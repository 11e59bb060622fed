-- password_change: a new password for a person whose current one was found
-- right.  The session that asks goes on; all others end, at all applications
-- and in the console, half-done sign-ins and resets too; a notice goes out.
-- $1 user_id uuid  $2 session_id uuid  $3 app_id uuid
-- $4 password_hash text  $5 checked_hash text (what the current one was
--	checked against)
-- $6 outbox_id uuid  $7 payload bytea (sealed notice)
-- $8..$13 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: user_id uuid, n int8 (sessions ended)
-- rows: 0..1 (0: changed, disabled or signed out meanwhile)
with h as (
	update person p set password_hash = $4::text,
	    password_must_change = false
	where p.auth_user_id = $1::uuid and p.password_hash = $5::text
	    and p.status = 'active' and p.deleted_at is null
	    and exists (select from session s where s.id = $2::uuid
	    and s.person_id = p.auth_user_id and s.application_id = $3::uuid
	    and s.revoked_at is null and s.expires_at > now())
	returning p.auth_user_id as user_id, p.email, p.mobile_number
), l as (
	update person_login l set failures = 0, wait_until = null
	from h where l.person_id = h.user_id
	returning l.person_id
), d as (
	delete from throttle t using h, device d
	where d.person_id = h.user_id and t.bucket = 'login_device'
	    and t.subject = login_device(d.person_id, d.application_id,
	    d.device_id)
	returning t.subject
), r as (
	update password_reset r set ended_at = now()
	from h where r.person_id = h.user_id and r.used_at is null
	    and r.ended_at is null
	returning r.id
), m as (
	update mfa_ticket m set used_at = now()
	from h where m.person_id = h.user_id and m.used_at is null
	returning m.hash
), s as (
	update session s set revoked_at = now(),
	    revoke_reason = 'password_changed'
	from h where s.person_id = h.user_id and s.revoked_at is null
	    and s.id <> $2::uuid
	returning s.id
), c as (
	update console_session c set revoked_at = now()
	from h where c.person_id = h.user_id and c.revoked_at is null
	returning c.hash
), b as (
	insert into outbox (id, kind, channel, person_id, application_id,
	    destination, payload, expires_at)
	select $6::uuid, 'notice', case when h.email is null then 'sms'
	    else 'email' end, h.user_id, $3::uuid,
	    coalesce(h.email, h.mobile_number), $7::bytea,
	    now() + interval '24 hours'
	from h where coalesce(h.email, h.mobile_number) is not null
	returning id
), a as (
	insert into audit (event, category, actor_id, subject_id,
	    application_id, session_id, request_id, ip, remote, forwarded,
	    client_ip, user_agent, detail)
	select 'password_changed', 'sign_in', h.user_id, h.user_id, $3::uuid,
	    $2::uuid, o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
	    o.user_agent, jsonb_build_object('sessions',
	    (select count(*) from s))
	from h cross join audit_origin($8::text, $9::text, $10::text,
	    $11::text, $12::text, $13::text) o
	returning id
)
select h.user_id, (select count(*) from s)::int8 as n from h
