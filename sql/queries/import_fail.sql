-- import_fail: what was asked for cannot be done.
-- $1 import_id uuid  $2 run uuid  $3 why text
-- returns: n int8
-- rows: 1
select import_fail($1::uuid, $2::uuid, $3::text) as n
