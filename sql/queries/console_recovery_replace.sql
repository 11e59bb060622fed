-- console_recovery_replace: a new set of an administrator's own recovery codes
-- (console_recovery_replace() in sql/migrations); the old ones are void.
-- $1 session_id uuid  $2 code_macs bytea (32 bytes each, joined)
-- $3 notice_id uuid?  $4 channel text? (null: no notice)  $5 destination text?
-- $6 payload bytea? (sealed)
-- $7..$12 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text ('ok', 'console_session_required'), version int8?,
--	body text?
-- rows: 1
select d.outcome, d.version, d.body
from console_recovery_replace($1::uuid, $2::bytea, $3::uuid, $4::text,
    $5::text, $6::bytea, $7::text, $8::text, $9::text, $10::text, $11::text,
    $12::text) d
