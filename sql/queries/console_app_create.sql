-- console_app_create: registers an application with its blocks.
-- $1 doc jsonb  $2 blocks jsonb  $3 actor uuid
-- $4..$9 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text, version int8?, body text?
-- rows: 0..1
select d.outcome, d.version, d.body
from console_app_create($1::jsonb, $2::jsonb, $3::uuid, $4::text, $5::text,
    $6::text, $7::text, $8::text, $9::text) d
