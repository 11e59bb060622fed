-- login_succeed: opens a session after the right password: person and
-- assignment are looked at once more and held until the commit, the count of
-- failures starts afresh, device, session and first refresh token are made.  A
-- device that this person has not used anywhere, where there was another one
-- before, is told to the person, if any provider can carry it.
-- $1 user_id uuid  $2 app_id uuid  $3 device_id text?  $4 device_name text?
-- $5 refresh_hash bytea  $6 session_ttl_s int4  $7 refresh_ttl_s int4
-- $8 refresh_absolute_s int4  $9 method text  $10 new_password_hash text?
-- $11..$16 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- $17 password_hash text? (the one that was checked: if it has been changed
--	meanwhile there is no session; null: not looked at)
-- $18 notice_id uuid? (of the outbox row; null: no notice)
-- $19 notice bytea? (new_device, sealed)  $20 is_dev bool (no provider needed)
-- returns: session_id uuid, session_created_at, session_expires_at,
--	session_last_seen_at timestamptz, device_id text?, device_name text?,
--	device_user_agent text?, device_ip text?, user_id uuid, name text,
--	email text?, mobile_number text?, emp_id text?, is_active bool,
--	mfa_enabled bool, updated_at timestamptz, sync_hash text, app_name text,
--	refresh_expires_at timestamptz
-- rows: 0..1 (0: disabled, unassigned or password changed meanwhile)
with o as (
	select o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
	    o.user_agent
	from audit_origin($11::text, $12::text, $13::text, $14::text, $15::text,
	    $16::text) o
), p as (
	select p.auth_user_id as user_id, p.name, p.email, p.mobile_number,
	    p.emp_id, p.mfa_enabled, p.updated_at, p.sync_hash,
	    b.name as app_name
	from person p
	join assignment s on s.person_id = p.auth_user_id
	join application b on b.id = s.application_id
	where p.auth_user_id = $1::uuid and s.application_id = $2::uuid
	    and p.status = 'active' and p.deleted_at is null and b.is_enabled
	    and ($17::text is null or p.password_hash = $17::text)
	for share of p for key share of s
), l as (
	insert into person_login (person_id, last_login_at)
	select p.user_id, now() from p
	on conflict (person_id) do update
	set failures = 0, wait_until = null, last_login_at = now()
	returning person_id
), k as (
	delete from throttle t using p where t.bucket = 'login_device'
	    and t.subject = login_device(p.user_id, $2::uuid, $3::text)
	returning t.subject
), h as (
	update person q set password_hash = $10::text
	from p where q.auth_user_id = p.user_id and $10::text is not null
	returning q.auth_user_id
), d as (
	insert into device as d (person_id, application_id, device_id, name,
	    user_agent, last_ip)
	select p.user_id, $2::uuid, $3::text, $4::text,
	    o.user_agent, coalesce(o.client_ip, o.ip)
	from p cross join o where $3::text is not null
	on conflict (person_id, application_id, device_id) do update
	set name = coalesce(excluded.name, d.name),
	    user_agent = coalesce(excluded.user_agent, d.user_agent),
	    last_ip = excluded.last_ip, last_seen_at = excluded.last_seen_at
	returning d.device_id, d.name, d.xmax = 0 as is_made
), w as (
	-- The snapshot is older than d: this is what was known before.
	select d.device_id from d join p on true
	where d.is_made and exists (select from device x
	    where x.person_id = p.user_id and x.device_id <> d.device_id)
	    and not exists (select from device x
	    where x.person_id = p.user_id and x.device_id = d.device_id)
), m as (
	insert into outbox (id, kind, channel, person_id, application_id,
	    destination, payload, expires_at)
	select $18::uuid, 'notice', c.channel, p.user_id, $2::uuid,
	    c.destination, $19::bytea, now() + interval '1 day'
	from w cross join p cross join lateral (
		select c.channel, c.destination
		from (values ('email', p.email, '{smtp}'::text[]),
		    ('sms', p.mobile_number,
		    '{generic,fast2sms,carrier_email}'::text[]))
		    c (channel, destination, types)
		where c.destination is not null and ($20::bool or exists (
		    select from provider v where v.is_enabled
		    and v.type = any(c.types)))
		order by c.channel limit 1) c
	where $18::uuid is not null
	returning id
), s as (
	insert into session (person_id, application_id, method, device_id,
	    device_name, user_agent, ip, created_at, last_seen_at, expires_at,
	    absolute_expires_at)
	select p.user_id, $2::uuid, $9::text, $3::text,
	    coalesce($4::text, (select d.name from d)), o.user_agent,
	    coalesce(o.client_ip, o.ip), now(), now(),
	    now() + make_interval(secs => least($6::int4, $8::int4)),
	    now() + make_interval(secs => $8::int4)
	from p cross join o
	returning id, created_at, expires_at, last_seen_at, device_id,
	    device_name, user_agent, ip
), r as (
	insert into refresh_token (hash, session_id, generation, expires_at)
	select $5::bytea, s.id, 1,
	    now() + make_interval(secs => least($7::int4, $8::int4))
	from s
	returning expires_at
), a as (
	insert into audit (event, category, actor_id, subject_id,
	    application_id, session_id, request_id, ip, remote, forwarded,
	    client_ip, user_agent, detail)
	select e.event, 'sign_in', p.user_id, p.user_id, $2::uuid, s.id,
	    o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
	    o.user_agent, case when e.event = 'login_succeeded'
	    then jsonb_build_object('method', $9::text)
	    || case when exists (select from w)
	    then jsonb_build_object('new_device', true) else '{}' end end
	from p cross join o cross join s
	cross join (values ('login_succeeded'), ('password_rehashed')) e (event)
	where e.event = 'login_succeeded' or exists (select from h)
	returning id
)
select s.id as session_id, s.created_at as session_created_at,
    s.expires_at as session_expires_at,
    s.last_seen_at as session_last_seen_at, s.device_id, s.device_name,
    s.user_agent as device_user_agent, host(s.ip) as device_ip,
    p.user_id, p.name, p.email, p.mobile_number, p.emp_id, true as is_active,
    p.mfa_enabled, p.updated_at, p.sync_hash, p.app_name,
    r.expires_at as refresh_expires_at
from p cross join s cross join r
