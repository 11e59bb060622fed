-- import_missing: whom the file of an import does not have, and what stands in
-- the way of disabling them.
-- $1 import_id uuid  $2 actor uuid  $3 after uuid (null: the first page)
-- $4 limit int4
-- deadline_ms: 30000
-- returns: outcome text ('ok', 'conflict'), version int8?, body text
-- rows: 0..1
select r.outcome, r.version, r.body
from import_missing_list($1::uuid, $2::uuid, $3::uuid, $4::int4) r
