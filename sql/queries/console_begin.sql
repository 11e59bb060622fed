-- console_begin: what the password of a sign-in to the console will be checked
-- against.  The try is counted before it is checked, as login_begin counts it.
-- Whoever is no active administrator is nobody: the same answer, the same
-- count, and no password of an ordinary person is ever tried here.
-- $1 kind text ('email', 'phone')  $2 value text
-- $3 nobody text (keyed hash of the identifier)
-- returns: user_id uuid? (null: nobody), password_hash text?,
--	needs_factor bool?, retry_after_s int4 (0: may try)
-- rows: 1
with p as (
	select p.auth_user_id as user_id, p.password_hash,
	    console_needs_factor(p) as needs_factor, l.wait_until
	from person_by_contact($1::text, $2::text) p
	left join person_login l on l.person_id = p.auth_user_id
	where p.is_admin and p.status = 'active'
), n as (
	select t.wait_until from (select 1) one
	left join throttle t on t.bucket = 'login' and t.subject = $3::text
	where not exists (select from p)
), t as (
	insert into person_login as l (person_id, failures, last_failed_at)
	select p.user_id, 1, clock_timestamp() from p
	where p.wait_until is null or p.wait_until <= now()
	on conflict (person_id) do update
	set failures = login_count(l.failures, l.last_failed_at),
	    last_failed_at = clock_timestamp(),
	    wait_until = login_wait_until(
	    login_count(l.failures, l.last_failed_at))
	where l.wait_until is null or l.wait_until <= now()
	returning l.person_id
), u as (
	insert into throttle as l (bucket, subject, n)
	select 'login', $3::text, 1 from n
	where n.wait_until is null or n.wait_until <= now()
	on conflict (bucket, subject) do update
	set n = login_count(l.n, l.window_start),
	    window_start = clock_timestamp(),
	    wait_until = login_wait_until(login_count(l.n, l.window_start))
	where l.wait_until is null or l.wait_until <= now()
	returning l.subject
)
select p.user_id, p.password_hash, p.needs_factor,
    case when exists (select from t) or exists (select from u) then 0
    else login_retry_s(coalesce(n.wait_until, p.wait_until)) end
    as retry_after_s
from (select 1) one
left join p on true
left join n on true
