-- factor_look: what a person's proof is compared with before a factor is
-- changed, and where the notice goes.  Tries at the password are counted by
-- password_try.
-- $1 user_id uuid
-- returns: totp_secret bytea? (sealed), totp_step int8?, is_confirmed bool?,
--	is_stale bool? (begun too long ago), email text?, mobile_number text?,
--	recovery_left int4
-- rows: 0..1
select o.secret as totp_secret, o.last_step as totp_step,
    o.confirmed_at is not null as is_confirmed,
    o.created_at < now() - interval '15 minutes' as is_stale, p.email,
    p.mobile_number, (select count(*) from recovery_code r
    where r.person_id = p.auth_user_id and r.used_at is null)::int4
    as recovery_left
from person p
left join totp o on o.person_id = p.auth_user_id
where p.auth_user_id = $1::uuid and p.deleted_at is null
