-- person_act: disables, enables, signs out, unlocks or deletes a person.
-- $1 act text ('disable', 'enable', 'sign_out', 'unlock', 'delete')
-- $2 user_id uuid  $3 version int8 (null: whatever it is)  $4 actor uuid
-- $5..$10 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text ('ok', 'done' when deleted, 'not_found',
--	'precondition_failed', 'not_yourself', 'last_administrator'),
--	version int8?, body text?
-- rows: 1
select r.outcome, r.version, r.body
from person_act($1::text, $2::uuid, $3::int8, $4::uuid, array[$5::text,
    $6::text, $7::text, $8::text, $9::text, $10::text]) r
