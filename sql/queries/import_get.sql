-- import_get: one import, for the console.
-- $1 import_id uuid
-- returns: outcome text, version int8?, body text
-- rows: 0..1
select 'ok' as outcome, null::int8 as version, import_json(j)::text as body
from import_job j where j.id = $1::uuid
