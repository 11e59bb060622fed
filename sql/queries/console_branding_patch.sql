-- console_branding_patch: changes them.
-- $1 doc jsonb  $2 actor uuid
-- $3..$8 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text, version int8?, body text?
-- rows: 1
select d.outcome, d.version, d.body
from console_branding_patch($1::jsonb, $2::uuid, $3::text, $4::text, $5::text,
    $6::text, $7::text, $8::text) d
