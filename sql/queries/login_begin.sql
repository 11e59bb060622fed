-- login_begin: what the password will be checked against.  The try is counted
-- as failed before it is checked, under the row's lock, so that parallel tries
-- cannot outrun the count; login_succeed takes the count back.  While the wait
-- has not passed nothing is counted and nothing may be checked.  From the 5th
-- failure in a row on: wait min(900, 2^(failures - 5)) seconds; after the
-- 100th nothing is checked any more until the password is set anew.
-- A device that this person signed in from before has a count of its own: the
-- guesses of strangers do not keep the owner's phone out.  An identifier that
-- is nobody's is counted in the same way, so that waiting tells nothing, in
-- one of 2^20 rows that all such identifiers share.
-- $1 kind text ('email', 'phone')  $2 value text  $3 app_id uuid
-- $4..$9 origin: request_id, ip, remote, forwarded, client_ip, user_agent text?
--	(taken for the sake of one shape; no audit row here)
-- $10 device_id text?  $11 nobody text (keyed hash of the identifier)
-- $12 is_braked bool (only a known device may try)
-- returns: user_id uuid? (null: nobody), password_hash text?, is_active bool?,
--	mfa_enabled bool?, is_assigned bool?, retry_after_s int4 (0: may try)
-- rows: 1
with o as (
	select $4::text, $5::text, $6::text, $7::text, $8::text, $9::text
), p as (
	select p.auth_user_id as user_id, p.password_hash,
	    p.status = 'active' as is_active, p.mfa_enabled,
	    exists (select from assignment s where s.person_id = p.auth_user_id
	    and s.application_id = $3::uuid) as is_assigned,
	    l.wait_until, d.device_id is not null as is_known_device
	from person_by_contact($1::text, $2::text) p
	left join person_login l on l.person_id = p.auth_user_id
	left join device d on d.person_id = p.auth_user_id
	    and d.application_id = $3::uuid and d.device_id = $10::text
), n as (
	select k.bucket, k.subject, t.wait_until
	from (select 'login' as bucket, $11::text as subject
	    where not exists (select from p)
	    union all
	    select 'login_device',
	    login_device(p.user_id, $3::uuid, $10::text)
	    from p where p.is_known_device) k
	left join throttle t on t.bucket = k.bucket and t.subject = k.subject
), t as (
	-- The condition here spares a flood the lock; the one behind "do update"
	-- decides, on the row as it stands once the lock is had.
	insert into person_login as l (person_id, failures, last_failed_at)
	select p.user_id, 1, clock_timestamp()
	from p where not p.is_known_device and not $12::bool
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
	select n.bucket, n.subject, 1
	from n where (n.bucket = 'login_device' or not $12::bool)
	    and (n.wait_until is null or n.wait_until <= now())
	on conflict (bucket, subject) do update
	set n = login_count(l.n, l.window_start),
	    window_start = clock_timestamp(),
	    wait_until = login_wait_until(login_count(l.n, l.window_start))
	where l.wait_until is null or l.wait_until <= now()
	returning l.subject
)
select p.user_id, p.password_hash, p.is_active, p.mfa_enabled, p.is_assigned,
    case when exists (select from t) or exists (select from u) then 0
    else login_retry_s(case when n.bucket is not null then n.wait_until
    else p.wait_until end) end as retry_after_s
from (select 1) one
left join p on true
left join n on true
