-- import_cancel: nothing comes of it; its rows go with the housekeeping.
-- $1 import_id uuid
-- returns: outcome text ('done', 'conflict'), version int8?, body text?
-- rows: 0..1
with j as (
	select j.id, j.state from import_job j where j.id = $1::uuid
	for no key update
), u as (
	update import_job j set state = 'cancelled', ended_at = now(),
	    run = null, run_until = null
	where j.id = $1::uuid
	    and j.state in ('staging', 'checking', 'checked', 'failed')
	returning j.id
)
select case when u.id is not null or j.state = 'cancelled' then 'done'
    else 'conflict' end as outcome, null::int8 as version, null::text as body
from j left join u on u.id = j.id
