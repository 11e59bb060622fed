-- import_check_end: the file is read: what is in it twice, and the totals.
-- $1 import_id uuid  $2 run uuid  $3 file_hash bytea
-- deadline_ms: 600000
-- returns: n int8?
-- rows: 1 (null: somebody else does it, or it was cancelled)
select import_check_end($1::uuid, $2::uuid, $3::bytea) as n
