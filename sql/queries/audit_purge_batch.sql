-- audit_purge_batch: removes some of the rows that a purge has to remove.
-- $1 max_rows int4
-- returns: n int8 (fewer than max_rows: nothing more to do)
-- rows: 1
select audit_purge_batch($1::int4) as n
