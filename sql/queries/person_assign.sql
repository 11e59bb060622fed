-- person_assign: assigns a person to an application, or takes that away.
-- $1 is_assigned bool  $2 user_id uuid  $3 app_id uuid  $4 actor uuid
-- $5..$10 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text ('ok', 'not_found'), version int8?, body text?
-- rows: 1
select r.outcome, r.version, r.body
from person_assign($1::bool, $2::uuid, $3::uuid, $4::uuid, array[$5::text,
    $6::text, $7::text, $8::text, $9::text, $10::text]) r
