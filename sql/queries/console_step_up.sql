-- console_step_up: one proof that the administrator is there: counted,
-- compared, used up, and the session's new cookie, as one (console_step_up() in
-- sql/migrations).
-- $1 session_id uuid  $2 hash bytea (of the new cookie)
-- $3 password_hash text? (that was checked)  $4 challenge_id uuid?
-- $5 code_mac bytea?  $6 totp_secret bytea?  $7 totp_step int8?
-- $8 recovery_mac bytea?
-- $9..$14 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text ('ok', 'otp_invalid', 'too_many_attempts'),
--	retry_after_s int4, step_up_until text?
-- rows: 1
select s.outcome, s.retry_after_s, json_time(s.step_up_until) as step_up_until
from console_step_up($1::uuid, $2::bytea, $3::text, $4::uuid, $5::bytea,
    $6::bytea, $7::int8, $8::bytea, $9::text, $10::text, $11::text, $12::text,
    $13::text, $14::text) s
