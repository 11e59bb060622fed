-- person_edit: changes the fields that are given, if the person is as read.
-- $1 user_id uuid  $2 version int8  $3 fields jsonb  $4 actor uuid
-- $5..$10 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text ('ok', 'not_found', 'precondition_failed',
--	'not_yourself', 'last_administrator', 'contact_taken', 'invalid'),
--	version int8?, body text?
-- rows: 1
select r.outcome, r.version, r.body
from person_edit($1::uuid, $2::int8, $3::jsonb, $4::uuid, array[$5::text,
    $6::text, $7::text, $8::text, $9::text, $10::text]) r
