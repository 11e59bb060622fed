-- console_factor_verify: one try of the second factor of a sign-in to the
-- console: counted, compared, used up, and the session opened, as one.
-- $1 ticket_hash bytea  $2 code_mac bytea? (for the ticket's challenge)
-- $3 totp_secret bytea? (sealed, the one that was compared)  $4 totp_step int8?
-- $5 recovery_mac bytea?  $6 hash bytea (of the cookie)
-- $7..$12 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text ('ok', 'otp_invalid', 'too_many_attempts'),
--	retry_after_s int4, session_id uuid? (with 'ok'; null: demoted meanwhile)
-- rows: 1
select t.outcome, t.retry_after_s,
    console_session_open(t.person_id, $6::bytea, t.method, null, null, $7::text,
    $8::text, $9::text, $10::text, $11::text, $12::text) as session_id
from console_factor_try($1::bytea, $2::bytea, $3::bytea, $4::int8,
    $5::bytea) t
