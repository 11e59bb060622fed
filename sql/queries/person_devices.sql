-- person_devices: the devices a person signed in from, last seen first.
-- $1 user_id uuid
-- returns: outcome text, version int8?, body text
-- rows: 0..1 (0: no such person)
select 'ok' as outcome, null::int8 as version, json_build_object('data', (
    select coalesce(json_agg(json_build_object('application',
    json_build_object('id', a.id, 'name', a.name), 'device_id', v.device_id,
    'name', v.name, 'user_agent', v.user_agent,
    'first_seen_at', json_time(v.first_seen_at),
    'last_seen_at', json_time(v.last_seen_at), 'last_ip', host(v.last_ip),
    'trusted_until', json_time(v.trusted_until), 'sessions', (
    select count(*) from session s where s.person_id = p.auth_user_id
    and s.application_id = v.application_id and s.device_id = v.device_id
    and s.revoked_at is null and s.expires_at > now()))
    order by v.last_seen_at desc, v.device_id), '[]')
    from (select d.application_id, d.device_id, d.name, d.user_agent,
	d.first_seen_at, d.last_seen_at, d.last_ip, d.trusted_until
	from device d where d.person_id = p.auth_user_id
	order by d.last_seen_at desc, d.device_id limit 200) v
    join application a on a.id = v.application_id), 'page',
    json_build_object('next_cursor', null, 'has_more', false))::text as body
from person p where p.auth_user_id = $1::uuid and p.deleted_at is null
