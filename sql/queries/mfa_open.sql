-- mfa_open: after the right password of a person with a second factor: the
-- ticket, and a code where that is a method.  Past the limits an earlier code
-- that is alive goes on; without it the other methods must do.  The count of
-- wrong passwords starts afresh.
-- $1 ticket_hash bytea  $2 user_id uuid  $3 app_id uuid  $4 device_id text?
-- $5 device_name text?  $6 mfa_ttl_s int4  $7 has_other bool (methods that need
--	no message)
-- $8 challenge_id uuid?  $9 channel text? (null: no code)  $10 destination text?
-- $11 code_mac bytea?  $12 ttl_s int4  $13 attempts int4  $14 window_max int4
-- $15 day_max int4  $16 address_max int4  $17 outbox_id uuid?
-- $18 payload bytea?
-- $19..$24 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: is_open bool, outcome text ('sent', 'otp_limit',
--	'delivery_unavailable', 'none'),
--	retry_after_s int4, challenge_id uuid?, channel text?, destination text?,
--	expires_in_s int4?
-- rows: 1
with c as (
	select c.outcome, c.retry_after_s, c.challenge_id, c.channel,
	    c.destination, c.expires_in_s
	from challenge_open($8::uuid, $2::uuid, $3::uuid, 'mfa', $9::text,
	    $10::text, $11::bytea, $12::int4, $13::int4, 0, $14::int4, $15::int4,
	    $16::int4, $17::uuid, $18::bytea, $19::text, $20::text, $21::text,
	    $22::text, $23::text, $24::text) c
), t as (
	insert into mfa_ticket (hash, person_id, application_id, challenge_id,
	    device_id, device_name, expires_at)
	select $1::bytea, $2::uuid, $3::uuid, c.challenge_id, $4::text, $5::text,
	    now() + make_interval(secs => $6::int4)
	from c where $7::bool or c.challenge_id is not null
	returning person_id
), l as (
	update person_login l set failures = 0, wait_until = null
	from t where l.person_id = t.person_id
	returning l.person_id
), a as (
	insert into audit (event, category, subject_id, application_id,
	    request_id, ip, remote, forwarded, client_ip, user_agent, detail)
	select 'mfa_required', 'sign_in', t.person_id, $3::uuid, o.request_id,
	    o.ip, o.remote, o.forwarded, o.client_ip, o.user_agent,
	    jsonb_build_object('code', c.outcome)
	from t cross join c cross join audit_origin($19::text, $20::text,
	    $21::text, $22::text, $23::text, $24::text) o
	returning id
)
select exists (select from t) as is_open, c.outcome, c.retry_after_s,
    c.challenge_id, c.channel, c.destination, c.expires_in_s
from c
