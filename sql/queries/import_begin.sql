-- import_begin: the rows of an earlier check go.
-- $1 import_id uuid  $2 run uuid
-- deadline_ms: 600000
-- returns: n int8?
-- rows: 1 (null: somebody else does it)
with j as (
	update import_job j set run_until = now() + interval '60 seconds'
	where j.id = $1::uuid and j.run = $2::uuid and j.state = 'checking'
	returning j.id
), d as (
	delete from import_row r using j where r.import_id = j.id
	returning r.row_no
)
select case when exists (select from j) then (select count(*) from d) end as n
