-- console_key_delete: deletes a key.
-- $1 app_id uuid  $2 key_id text  $3 actor uuid
-- $4..$9 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text, version int8?, body text?
-- rows: 0..1
select d.outcome, d.version, d.body
from console_key_delete($1::uuid, $2::text, $3::uuid, $4::text, $5::text,
    $6::text, $7::text, $8::text, $9::text) d
