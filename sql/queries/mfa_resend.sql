-- mfa_resend: another code for a sign-in that waits for its second factor; the
-- ticket goes on with it.
-- $1..$20 are those of otp_request: $1 challenge_id uuid  $2 user_id uuid
-- $3 app_id uuid  $4 channel text  $5 destination text  $6 code_mac bytea
-- $7 ttl_s int4  $8 attempts int4  $9 resend_s int4  $10 window_max int4
-- $11 day_max int4  $12 address_max int4  $13 outbox_id uuid  $14 payload bytea
-- $15..$20 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- $21 ticket_hash bytea
-- returns: outcome text ('sent', 'otp_cooldown', 'otp_limit',
--	'delivery_unavailable'),
--	retry_after_s int4
-- rows: 0..1 (0: no such ticket, or it is used up or over)
with t as (
	-- Before the challenges, in the order of mfa_try().
	select t.hash from mfa_ticket t where t.hash = $21::bytea
	    and t.person_id = $2::uuid and t.application_id = $3::uuid
	    and t.used_at is null and t.attempts < 5 and t.expires_at > now()
	for no key update
), c as (
	select c.outcome, c.retry_after_s, c.challenge_id, t.hash
	from t cross join lateral challenge_open($1::uuid, $2::uuid, $3::uuid,
	    'mfa', $4::text, $5::text, $6::bytea, $7::int4, $8::int4, $9::int4,
	    $10::int4, $11::int4, $12::int4, $13::uuid, $14::bytea, $15::text,
	    $16::text, $17::text, $18::text, $19::text, $20::text) c
), u as (
	update mfa_ticket t set challenge_id = c.challenge_id
	from c where t.hash = c.hash and c.outcome = 'sent'
	returning t.hash
)
select c.outcome, c.retry_after_s from c
