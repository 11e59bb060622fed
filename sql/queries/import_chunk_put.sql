-- import_chunk_put: a part of the file; the same number replaces it.
-- $1 import_id uuid  $2 no int4  $3 data bytea  $4 delimiter text
-- $5 encoding text  $6 columns jsonb  $7 mapping jsonb  $8 preview jsonb (all
-- five null but with the first)
-- returns: outcome text ('ok', 'not_found', 'conflict'), version int8?,
--	body text?
-- rows: 1
select r.outcome, r.version, r.body
from import_chunk_put($1::uuid, $2::int4, $3::bytea, $4::text, $5::text,
    $6::jsonb, $7::jsonb, $8::jsonb) r
