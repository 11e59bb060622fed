-- ready: is the database there, and at which schema version?
-- returns: version int4, now timestamptz
-- rows: 1
select coalesce(max(num), 0)::int4 as version, now() as now
from schema_migration
