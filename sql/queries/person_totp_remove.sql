-- person_totp_remove: takes the authenticator app and the recovery codes of a
-- person away, ends the sessions, and tells the person.
-- $1 user_id uuid  $2 outbox_id uuid  $3 notice bytea  $4 is_dev bool
-- $5 actor uuid
-- $6..$11 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text ('ok', 'not_found', 'totp_not_enrolled'),
--	version int8?, body text?
-- rows: 1
select r.outcome, r.version, r.body
from person_totp_remove($1::uuid, $2::uuid, $3::bytea, $4::bool, $5::uuid,
    array[$6::text, $7::text, $8::text, $9::text, $10::text, $11::text]) r
