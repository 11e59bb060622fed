-- person_security: what a person signs in with, and what stands in the way.
-- $1 user_id uuid
-- returns: outcome text, version int8?, body text
-- rows: 0..1 (0: no such person)
select 'ok' as outcome, null::int8 as version, json_build_object(
    'password_set_at', json_time(case when p.password_hash is not null
    then p.password_set_at end), 'failures', coalesce(l.failures, 0),
    'wait_until', case when l.wait_until = 'infinity' then 'infinity'
    when l.wait_until > now() then json_time(l.wait_until) end,
    'has_totp', t.confirmed_at is not null,
    'totp_confirmed_at', json_time(t.confirmed_at),
    'totp_last_used_at', json_time(t.last_used_at),
    'recovery_left', (select count(*) from recovery_code r
    where r.person_id = p.auth_user_id and r.used_at is null),
    'last_login_at', json_time(l.last_login_at))::text as body
from person p
left join person_login l on l.person_id = p.auth_user_id
left join totp t on t.person_id = p.auth_user_id
where p.auth_user_id = $1::uuid and p.deleted_at is null
