-- console_code_verify: one try of a code as the first factor of a sign-in to
-- the console.  Who needs a second factor gets a ticket for an authenticator
-- app or a recovery code, or has to come with the password.  A refusal is
-- written here, whoever's code it was, so that each costs the same.
-- $1 challenge_id uuid  $2 code_mac bytea  $3 hash bytea (of the cookie)
-- $4 ticket_hash bytea  $5 mfa_ttl_s int4
-- $6..$11 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text ('ok', 'second_factor', 'password_required',
--	'otp_invalid'), session_id uuid?, has_totp bool
-- rows: 1
with c as (
	select c.outcome, c.person_id
	from console_challenge_try($1::uuid, 'console', $2::bytea) c
), w as (
	select c.person_id, coalesce(console_needs_factor(p), false) as needs,
	    exists (select from totp t where t.person_id = c.person_id
	    and t.confirmed_at is not null) as has_totp,
	    exists (select from recovery_code r where r.person_id = c.person_id
	    and r.used_at is null) as has_recovery
	from c left join person p on p.auth_user_id = c.person_id
), k as (
	insert into mfa_ticket (hash, person_id, expires_at, first_factor)
	select $4::bytea, w.person_id,
	    now() + make_interval(secs => $5::int4), 'otp'
	from w where w.needs and (w.has_totp or w.has_recovery)
	returning person_id
), s as (
	select console_session_open(case when not w.needs then w.person_id end,
	    $3::bytea, 'otp', null, null, $6::text, $7::text, $8::text, $9::text,
	    $10::text, $11::text) as session_id
	from w
), v as (
	select case when s.session_id is not null then 'ok'
	    when exists (select from k) then 'second_factor'
	    when w.needs then 'password_required'
	    else 'otp_invalid' end as outcome, s.session_id, w.has_totp
	from w cross join s
), a as (
	insert into audit (event, category, outcome, subject_id, request_id, ip,
	    remote, forwarded, client_ip, user_agent, detail)
	select case v.outcome when 'second_factor' then 'mfa_required'
	    when 'password_required' then 'login_refused' else 'otp_failed' end,
	    'sign_in', case v.outcome when 'second_factor' then 'ok'
	    else v.outcome end, w.person_id, o.request_id, o.ip, o.remote,
	    o.forwarded, o.client_ip, o.user_agent,
	    jsonb_build_object('console', true)
	from v cross join w cross join audit_origin($6::text, $7::text, $8::text,
	    $9::text, $10::text, $11::text) o
	where v.outcome <> 'ok'
	returning id
)
select v.outcome, v.session_id, v.has_totp from v
