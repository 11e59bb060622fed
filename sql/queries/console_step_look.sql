-- console_step_look: what an administrator's proof is compared with.  A try of
-- the password is counted before it is checked, as login_begin counts it.
-- $1 person_id uuid  $2 is_password bool
-- returns: password_hash text?, totp_secret bytea? (sealed), totp_step int8?,
--	retry_after_s int4 (0: may try)
-- rows: 0..1
with l as (
	insert into person_login as l (person_id, failures, last_failed_at)
	select $1::uuid, 1, clock_timestamp() where $2::bool
	on conflict (person_id) do update
	set failures = login_count(l.failures, l.last_failed_at),
	    last_failed_at = clock_timestamp(),
	    wait_until = login_wait_until(
	    login_count(l.failures, l.last_failed_at))
	where l.wait_until is null or l.wait_until <= now()
	returning l.person_id
)
select p.password_hash, o.secret as totp_secret, o.last_step as totp_step,
    case when not $2::bool or exists (select from l) then 0
    else login_retry_s(w.wait_until) end as retry_after_s
from person p
left join person_login w on w.person_id = p.auth_user_id
left join totp o on o.person_id = p.auth_user_id and o.confirmed_at is not null
where p.auth_user_id = $1::uuid and p.deleted_at is null
