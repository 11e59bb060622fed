-- console_logo_put: a new logo.
-- $1 type text  $2 data bytea  $3 actor uuid
-- $4..$9 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text, version int8?, body text?
-- rows: 1
select d.outcome, d.version, d.body
from console_logo_put($1::text, $2::bytea, $3::uuid, $4::text, $5::text,
    $6::text, $7::text, $8::text, $9::text) d
