-- person_get: one person of the directory, for the console.
-- $1 user_id uuid
-- returns: outcome text, version int8, body text
-- rows: 0..1
select 'ok' as outcome, p.version, person_json(p)::text as body
from person p where p.auth_user_id = $1::uuid and p.deleted_at is null
