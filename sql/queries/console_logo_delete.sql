-- console_logo_delete: no logo any more.
-- $1 actor uuid
-- $2..$7 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text, version int8?, body text?
-- rows: 1
select d.outcome, d.version, d.body
from console_logo_delete($1::uuid, $2::text, $3::text, $4::text, $5::text,
    $6::text, $7::text) d
