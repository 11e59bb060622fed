-- console_session_list: the live sessions of this administrator, the calling
-- one first, then last seen first.
-- $1 person_id uuid  $2 session_id uuid (that calls)
-- returns: outcome text, version int8?, body text
-- rows: 1
select 'ok' as outcome, null::int8 as version, jsonb_build_object('data',
    coalesce(jsonb_agg(s.doc order by s.is_current desc, s.last_seen_at desc),
    '[]'))::text as body
from (
	select jsonb_build_object('id', s.id, 'created_at',
	    json_time(s.created_at), 'last_seen_at', json_time(s.last_seen_at),
	    'expires_at', json_time(s.absolute_expires_at), 'ip', host(s.ip),
	    'user_agent', s.user_agent, 'is_current', s.id = $2::uuid) as doc,
	    s.id = $2::uuid as is_current, s.last_seen_at
	from console_session s
	where s.person_id = $1::uuid and s.revoked_at is null
	    and s.expires_at > now()
	order by s.last_seen_at desc
	limit 200
) s
