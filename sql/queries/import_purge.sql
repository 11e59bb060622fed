-- import_purge: files and rows of imports that have ended, or were left for a
-- day.
-- $1 max_rows int4
-- returns: n int8
-- rows: 1
with j as (
	select j.id from import_job j where j.state = 'cancelled'
	    or j.created_at < now() - interval '24 hours'
	    and j.state in ('staging', 'checked', 'failed', 'done', 'undone')
), d as (
	delete from import_row r using (
	    select r.import_id, r.row_no from import_row r
	    join j on j.id = r.import_id limit $1::int4) v
	where r.import_id = v.import_id and r.row_no = v.row_no
	returning 1
), c as (
	delete from import_chunk c using (
	    select c.import_id, c.no from import_chunk c
	    join j on j.id = c.import_id limit 16) v
	where c.import_id = v.import_id and c.no = v.no
	returning 1
), u as (
	delete from import_undo u using (
	    select u.import_id, u.person_id from import_undo u
	    join import_job i on i.id = u.import_id
	    and i.undo_until < now() limit $1::int4) v
	where u.import_id = v.import_id and u.person_id = v.person_id
	returning 1
), x as (
	update import_job i set state = 'cancelled', ended_at = now()
	from j where i.id = j.id and i.state in ('staging', 'checked', 'failed')
	returning 1
)
select greatest((select count(*) from d), (select count(*) from u), case when exists (select from c)
    then $1::int4 else 0 end)::int8 as n
