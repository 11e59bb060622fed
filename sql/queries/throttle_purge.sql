-- throttle_purge: forgets counts that no longer count, some at a time.  One
-- that has reached the end of tries stays.
-- $1 max_rows int4
-- returns: n int8 (rows removed)
-- rows: 1
with k as (
	select t.bucket, t.subject from throttle t
	where case when t.bucket in ('login', 'login_device')
	    then t.window_start < now() - interval '30 days'
	    and t.wait_until is distinct from 'infinity'
	    else t.window_start < now() - interval '2 days'
	    and (t.wait_until is null or t.wait_until < now()) end
	limit $1::int4
	for update skip locked
), d as (
	delete from throttle t using k
	where t.bucket = k.bucket and t.subject = k.subject
	returning t.subject
)
select count(*)::int8 as n from d
