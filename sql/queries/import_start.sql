-- import_start: asks for the check, the commit or the undoing of an import.
-- $1 import_id uuid  $2 state text ('checking', 'importing', 'undoing')
-- $3 mapping jsonb (null: as it is)  $4 only_if_clean bool  $5 actor uuid
-- returns: outcome text ('ok', 'not_found', 'conflict',
--	'import_has_errors'), version int8?, body text?
-- rows: 1
select r.outcome, r.version, r.body
from import_start($1::uuid, $2::text, $3::jsonb, $4::bool, $5::uuid) r
