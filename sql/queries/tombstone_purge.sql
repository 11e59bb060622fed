-- tombstone_purge: forgets leavers that were told for tombstone_days, some at a
-- time.  Cursors that may not have seen them are refused from then on, by the
-- same statement.
-- $1 max_rows int4
-- returns: n int8 (rows removed)
-- rows: 1
with s as (
	select now() - make_interval(days => (coalesce(value,
	    default_value) #>> '{}')::int4) as before
	from setting where name = 'tombstone_days'
), k as (
	select t.application_id, t.person_id
	from assignment_tombstone t join s on t.removed_at < s.before
	order by t.removed_at
	limit $1::int4
	for update of t skip locked
), d as (
	delete from assignment_tombstone t using k
	where t.application_id = k.application_id and t.person_id = k.person_id
	returning t.changed_xid
), f as (
	update sync_feed f set purged_before = greatest(f.purged_before,
	    (select (d.changed_xid::text::int8 + 1)::text::xid8 from d
	    order by d.changed_xid desc limit 1))
	where exists (select from d)
	returning f.purged_before
)
select count(*)::int8 as n from d where (select count(*) from f) >= 0
