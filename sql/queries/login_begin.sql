-- login_begin: what the password will be checked against.  The try is counted
-- as failed before it is checked, under the row's lock, so that parallel tries
-- cannot outrun the count; login_succeed takes the count back.  While the wait
-- has not passed nothing is counted and nothing may be checked.  From the 5th
-- failure in a row on: wait min(900, 2^(failures - 5)) seconds.  An identifier
-- that is nobody's is counted in the same way, so that waiting tells nothing.
-- $1 kind text ('email', 'phone')  $2 value text  $3 app_id uuid
-- $4..$9 origin: request_id, ip, remote, forwarded, client_ip, user_agent text?
--	(taken for the sake of one shape; no audit row here)
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
	    l.wait_until
	from person_by_contact($1::text, $2::text) p
	left join person_login l on l.person_id = p.auth_user_id
), n as (
	select k.subject, t.wait_until
	from (select encode(sha256(convert_to($1::text || ':'
	    || lower($2::text collate "C"), 'UTF8')), 'hex') as subject) k
	left join throttle t on t.bucket = 'login' and t.subject = k.subject
	where not exists (select from p)
), t as (
	-- The condition here spares a flood the lock; the one behind "do update"
	-- decides, on the row as it stands once the lock is had.
	insert into person_login as l (person_id, failures, last_failed_at)
	select p.user_id, 1, clock_timestamp()
	from p where p.wait_until is null or p.wait_until <= now()
	on conflict (person_id) do update
	set failures = least(l.failures, 1000000) + 1,
	    last_failed_at = clock_timestamp(),
	    wait_until = clock_timestamp() + login_wait(l.failures + 1)
	where l.wait_until is null or l.wait_until <= now()
	returning l.person_id
), u as (
	insert into throttle as l (bucket, subject, n)
	select 'login', n.subject, 1
	from n where n.wait_until is null or n.wait_until <= now()
	on conflict (bucket, subject) do update
	set n = least(l.n, 1000000) + 1, window_start = clock_timestamp(),
	    wait_until = clock_timestamp() + login_wait(l.n + 1)
	where l.wait_until is null or l.wait_until <= now()
	returning l.subject
)
select p.user_id, p.password_hash, p.is_active, p.mfa_enabled, p.is_assigned,
    case when exists (select from t) or exists (select from u) then 0
    else greatest(1, ceil(extract(epoch from
    coalesce(p.wait_until, n.wait_until) - now())))::int4 end as retry_after_s
from (select 1) one
left join p on true
left join n on true
