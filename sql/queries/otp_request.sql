-- otp_request: sends a sign-in code if the wait and the limits allow
-- (challenge_open() in sql/migrations: challenge, outbox and audit row).
-- $1 challenge_id uuid  $2 user_id uuid  $3 app_id uuid  $4 channel text
-- $5 destination text  $6 code_mac bytea  $7 ttl_s int4  $8 attempts int4
-- $9 resend_s int4  $10 window_max int4  $11 day_max int4  $12 address_max int4
-- $13 outbox_id uuid  $14 payload bytea (sealed)
-- $15..$20 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text ('sent', 'otp_cooldown', 'otp_limit',
--	'delivery_unavailable'),
--	retry_after_s int4
-- rows: 1
select c.outcome, c.retry_after_s
from challenge_open($1::uuid, $2::uuid, $3::uuid, 'sign_in', $4::text,
    $5::text, $6::bytea, $7::int4, $8::int4, $9::int4, $10::int4, $11::int4,
    $12::int4, $13::uuid, $14::bytea, $15::text, $16::text, $17::text,
    $18::text, $19::text, $20::text) c
