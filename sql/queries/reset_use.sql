-- reset_use: uses up a reset whose proof reset_check found right, and sets the
-- new password: every session of the person ends, at all applications and in
-- the console, half-done sign-ins too; waits are over; a notice goes out.
-- $1 reset_id uuid  $2 password_hash text  $3 app_id uuid
-- $4 outbox_id uuid  $5 payload bytea (sealed notice)
-- $6..$11 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: user_id uuid, n int8 (sessions ended)
-- rows: 0..1 (0: used, replaced, expired or the person disabled meanwhile)
with r as (
	update password_reset r set used_at = now()
	from person p
	where r.id = $1::uuid and r.used_at is null and r.ended_at is null
	    and r.expires_at > now() and r.attempts < 5
	    and p.auth_user_id = r.person_id and p.status = 'active'
	    and p.deleted_at is null
	returning r.person_id, r.channel
), h as (
	update person p set password_hash = $2::text,
	    password_must_change = false
	from r where p.auth_user_id = r.person_id
	returning p.auth_user_id as user_id, p.email, p.mobile_number, r.channel
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
), m as (
	update mfa_ticket m set used_at = now()
	from h where m.person_id = h.user_id and m.used_at is null
	returning m.hash
), s as (
	update session s set revoked_at = now(),
	    revoke_reason = 'password_changed'
	from h where s.person_id = h.user_id and s.revoked_at is null
	returning s.id
), c as (
	update console_session c set revoked_at = now()
	from h where c.person_id = h.user_id and c.revoked_at is null
	returning c.hash
), b as (
	insert into outbox (id, kind, channel, person_id, application_id,
	    destination, payload, expires_at)
	select $4::uuid, 'notice', case when h.email is null then 'sms'
	    else 'email' end, h.user_id, $3::uuid,
	    coalesce(h.email, h.mobile_number), $5::bytea,
	    now() + interval '24 hours'
	from h where coalesce(h.email, h.mobile_number) is not null
	returning id
), a as (
	insert into audit (event, category, actor_id, subject_id,
	    application_id, request_id, ip, remote, forwarded, client_ip,
	    user_agent, detail)
	select 'password_reset', 'sign_in', h.user_id, h.user_id, $3::uuid,
	    o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
	    o.user_agent, jsonb_build_object('channel', h.channel,
	    'sessions', (select count(*) from s))
	from h cross join audit_origin($6::text, $7::text, $8::text, $9::text,
	    $10::text, $11::text) o
	returning id
)
select h.user_id, (select count(*) from s)::int8 as n from h
