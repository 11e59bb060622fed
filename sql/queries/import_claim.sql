-- import_claim: takes up what was asked for and nobody does.
-- $1 import_id uuid  $2 run uuid (new)
-- returns: state text, encoding text?, delimiter text?, columns text?,
--	mapping text?, n_chunks int4, received int8
-- rows: 0..1 (0: there is nothing to do, or somebody does it)
select c.state, c.encoding, c.delimiter, c.columns, c.mapping, c.n_chunks,
    c.received
from import_claim($1::uuid, $2::uuid) c
