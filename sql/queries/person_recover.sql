-- person_recover: an administrator starts a recovery; it makes an earlier one
-- void, and is good at every application.
-- $1 reset_id uuid  $2 user_id uuid  $3 token_hash bytea  $4 code_mac bytea
-- $5 token_ttl_s int4  $6 code_ttl_s int4  $7 outbox_id uuid
-- $8 token_payload bytea  $9 code_payload bytea (sealed)
-- $10 is_dev bool (no provider needed)  $11 actor uuid
-- $12..$17 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text ('ok', 'not_found', 'user_disabled',
--	'delivery_unavailable'), version int8?, body text?
-- rows: 1
select r.outcome, r.version, r.body
from person_recover($1::uuid, $2::uuid, $3::bytea, $4::bytea, $5::int4,
    $6::int4, $7::uuid, $8::bytea, $9::bytea, $10::bool, $11::uuid,
    array[$12::text, $13::text, $14::text, $15::text, $16::text,
    $17::text]) r
