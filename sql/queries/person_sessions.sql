-- person_sessions: the live sessions of a person, last seen first.
-- $1 user_id uuid
-- returns: outcome text, version int8?, body text
-- rows: 0..1 (0: no such person)
select 'ok' as outcome, null::int8 as version, json_build_object('data', (
    select coalesce(json_agg(json_build_object('id', v.id, 'application',
    json_build_object('id', a.id, 'name', a.name), 'method', v.method,
    'device', json_build_object('id', v.device_id, 'name', v.device_name,
    'user_agent', v.user_agent), 'ip', host(v.ip),
    'created_at', json_time(v.created_at),
    'last_seen_at', json_time(v.last_seen_at),
    'expires_at', json_time(v.expires_at))
    order by v.last_seen_at desc, v.id), '[]')
    from (select s.id, s.application_id, s.method, s.device_id,
	s.device_name, s.user_agent, s.ip, s.created_at, s.last_seen_at,
	s.expires_at from session s
	where s.person_id = p.auth_user_id and s.revoked_at is null
	and s.expires_at > now()
	order by s.last_seen_at desc, s.id limit 200) v
    join application a on a.id = v.application_id), 'page',
    json_build_object('next_cursor', null, 'has_more', false))::text as body
from person p where p.auth_user_id = $1::uuid and p.deleted_at is null
