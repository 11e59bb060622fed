-- import_options: what was said of a file before it came, and what is known of
-- it since.
-- $1 import_id uuid
-- returns: delimiter text?, encoding text?, columns text?, mapping text?
-- rows: 0..1
select j.delimiter, j.encoding, j.columns::text as columns,
    j.mapping::text as mapping
from import_job j where j.id = $1::uuid
