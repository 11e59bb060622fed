-- sync_seen: how far applications have come, many at once.  Leavers that the
-- presented cursor has passed are known to be gone there.
-- $1 app_ids uuid[]  $2 epochs uuid[]  $3 xids int8[] (-1: no cursor)
-- $4 is_full bool[] (a full snapshot was handed out to its end)
-- returns: n int8 (applications written)
-- rows: 1
with s as (
	select u.app_id, case when u.epoch = f.epoch and u.xid >= 0
	    then u.xid::text::xid8 end as xid, u.is_full
	from unnest($1::uuid[], $2::uuid[], $3::int8[], $4::bool[])
	    u (app_id, epoch, xid, is_full)
	join application a on a.id = u.app_id
	cross join sync_feed f
), w as (
	insert into sync_client as c (application_id, acked_xid, acked_at,
	    full_at)
	select s.app_id, s.xid, case when s.xid is not null
	    then clock_timestamp() end, case when s.is_full
	    then clock_timestamp() end
	from s
	on conflict (application_id) do update
	set acked_xid = coalesce(excluded.acked_xid, c.acked_xid),
	    acked_at = coalesce(excluded.acked_at, c.acked_at),
	    full_at = coalesce(excluded.full_at, c.full_at),
	    last_sync_at = clock_timestamp()
	returning c.application_id
), t as (
	update assignment_tombstone t set acked_at = clock_timestamp()
	from s where t.application_id = s.app_id and t.changed_xid <= s.xid
	    and (t.acked_at is null or t.acked_at < t.removed_at)
	returning t.person_id
)
select count(*)::int8 as n from w
where (select count(*) from t) >= 0
