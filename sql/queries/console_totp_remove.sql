-- console_totp_remove: takes an administrator's own authenticator app away
-- (console_totp_remove() in sql/migrations); ends the other sessions.
-- $1 session_id uuid  $2 is_dev bool
-- $3 notice_id uuid?  $4 channel text? (null: no notice)  $5 destination text?
-- $6 payload bytea? (sealed)
-- $7..$12 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text ('ok', 'totp_not_enrolled', 'last_factor',
--	'console_session_required'), version int8?, body text?
-- rows: 1
select d.outcome, d.version, d.body
from console_totp_remove($1::uuid, $2::bool, $3::uuid, $4::text, $5::text,
    $6::bytea, $7::text, $8::text, $9::text, $10::text, $11::text,
    $12::text) d
