-- console_key_create: another key, or one in the place of an older one.
-- $1 app_id uuid  $2 doc jsonb  $3 key_id text  $4 hash bytea  $5 last4 text
-- $6 old_key_id text?  $7 actor uuid
-- $8..$13 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text, version int8?, body text?
-- rows: 0..1
select d.outcome, d.version, d.body
from console_key_create($1::uuid, $2::jsonb, $3::text, $4::bytea, $5::text,
    $6::text, $7::uuid, $8::text, $9::text, $10::text, $11::text, $12::text,
    $13::text) d
