-- recovery_replace: a new set of recovery codes, after proof
-- (recovery_replace() in sql/migrations); the old ones are void.
-- $1 session_id uuid  $2 app_id uuid  $3 checked_password_hash text? (null: by
--	code)  $4 totp_secret bytea?  $5 totp_step int8?  $6 recovery_mac bytea?
-- $7 notice_id uuid?  $8 channel text? (null: no notice)  $9 destination text?
-- $10 payload bytea? (sealed)
-- $11..$16 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- $17 code_macs bytea (32 bytes each, joined)
-- returns: outcome text ('ok', 'not_found', 'otp_invalid',
--	'too_many_attempts'), attempts_left int4, retry_after_s int4,
--	sessions int4 (none is ended)
-- rows: 1
select r.outcome, r.attempts_left, r.retry_after_s, 0 as sessions
from recovery_replace($1::uuid, $2::uuid, $3::text, $4::bytea, $5::int8,
    $6::bytea, $7::uuid, $8::text, $9::text, $10::bytea, $11::text, $12::text,
    $13::text, $14::text, $15::text, $16::text, $17::bytea) r
