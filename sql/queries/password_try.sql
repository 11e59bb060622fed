-- password_try: as login_begin, for a person who is signed in and wants to
-- change the password: the same counts, under the same rules.
-- $1 user_id uuid  $2 app_id uuid  $3 device_id text?
-- $4 is_braked bool (only a known device may try)
-- returns: password_hash text?, retry_after_s int4 (0: may try)
-- rows: 0..1 (0: disabled or deleted)
with p as (
	select p.auth_user_id as user_id, p.password_hash, l.wait_until,
	    d.device_id is not null as is_known_device
	from person p
	left join person_login l on l.person_id = p.auth_user_id
	left join device d on d.person_id = p.auth_user_id
	    and d.application_id = $2::uuid and d.device_id = $3::text
	where p.auth_user_id = $1::uuid and p.status = 'active'
	    and p.deleted_at is null
), n as (
	select login_device(p.user_id, $2::uuid, $3::text) as subject,
	    (select t.wait_until from throttle t
	    where t.bucket = 'login_device'
	    and t.subject = login_device(p.user_id, $2::uuid, $3::text))
	from p where p.is_known_device
), t as (
	insert into person_login as l (person_id, failures, last_failed_at)
	select p.user_id, 1, clock_timestamp()
	from p where not p.is_known_device and not $4::bool
	    and (p.wait_until is null or p.wait_until <= now())
	on conflict (person_id) do update
	set failures = login_count(l.failures, l.last_failed_at),
	    last_failed_at = clock_timestamp(),
	    wait_until = login_wait_until(
	    login_count(l.failures, l.last_failed_at))
	where l.wait_until is null or l.wait_until <= now()
	returning l.person_id
), u as (
	insert into throttle as l (bucket, subject, n)
	select 'login_device', n.subject, 1
	from n where n.wait_until is null or n.wait_until <= now()
	on conflict (bucket, subject) do update
	set n = login_count(l.n, l.window_start),
	    window_start = clock_timestamp(),
	    wait_until = login_wait_until(login_count(l.n, l.window_start))
	where l.wait_until is null or l.wait_until <= now()
	returning l.subject
)
select p.password_hash,
    case when exists (select from t) or exists (select from u) then 0
    else login_retry_s(case when p.is_known_device then n.wait_until
    else p.wait_until end) end as retry_after_s
from p left join n on true
