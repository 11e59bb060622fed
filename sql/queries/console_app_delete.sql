-- console_app_delete: deletes an application with its keys, sessions and
-- assignments.
-- $1 app_id uuid  $2 at_version int8  $3 actor uuid
-- $4..$9 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- deadline_ms: 60000
-- returns: outcome text, version int8?, body text?
-- rows: 0..1
select d.outcome, d.version, d.body
from console_app_delete($1::uuid, $2::int8, $3::uuid, $4::text, $5::text,
    $6::text, $7::text, $8::text, $9::text) d
