-- console_app_allow: replaces the blocks that may call.
-- $1 app_id uuid  $2 at_version int8  $3 blocks jsonb  $4 actor uuid
-- $5..$10 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text, version int8?, body text?
-- rows: 0..1
select d.outcome, d.version, d.body
from console_app_allow($1::uuid, $2::int8, $3::jsonb, $4::uuid, $5::text,
    $6::text, $7::text, $8::text, $9::text, $10::text) d
