-- console_sync_show: how far an application is with its copy.  Behind counts
-- changes that its last cursor had not passed, 10 000 at most; without a cursor
-- yet, everybody.
-- $1 app_id uuid
-- returns: outcome text, version int8?, body text?
-- rows: 0..1
select 'ok'::text as outcome, null::int8 as version, jsonb_build_object(
    'last_sync_at', json_time(c.last_sync_at),
    'acked_at', json_time(c.acked_at),
    'full_at', json_time(c.full_at),
    'behind', case when c.acked_xid is null then (
	select count(*) from (select from assignment s
	where s.application_id = a.id limit 10000) n)
    else (
	select count(*) from sync_places(a.id, c.acked_xid,
	'ffffffff-ffff-ffff-ffff-ffffffffffff', '9223372036854775807'::xid8,
	10000, 1000000) p where not p.is_end) end,
    'last_leaver', (
	select jsonb_build_object('removed_at', json_time(t.removed_at),
	'acked_at', case when t.acked_at >= t.removed_at
	then json_time(t.acked_at) end)
	from assignment_tombstone t where t.application_id = a.id
	order by t.removed_at desc limit 1)
)::text as body
from application a left join sync_client c on c.application_id = a.id
where a.id = $1::uuid
