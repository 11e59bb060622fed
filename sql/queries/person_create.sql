-- person_create: a person with assignments, as an administrator makes one.
-- $1 fields jsonb (normalised: core/person_in.h)  $2 password_hash text?
-- $3 actor uuid
-- $4..$9 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text ('created', 'contact_taken', 'invalid'),
--	version int8?, body text?
-- rows: 1
select r.outcome, r.version, r.body
from person_create($1::jsonb, $2::text, $3::uuid, array[$4::text, $5::text,
    $6::text, $7::text, $8::text, $9::text]) r
