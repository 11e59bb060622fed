-- import_missing_start: asks for whom a file does not have to be disabled, or
-- to be enabled again.
-- $1 import_id uuid  $2 state text ('disabling', 'enabling')  $3 confirmed int8
-- (null: however many they are)  $4 actor uuid
-- deadline_ms: 30000
-- returns: outcome text ('ok', 'not_found', 'conflict', 'import_incomplete',
--	'too_many_missing', 'rows_changed'), version int8?, body text?
-- rows: 1
select r.outcome, r.version, r.body
from import_missing_start($1::uuid, $2::text, $3::int8, $4::uuid) r
