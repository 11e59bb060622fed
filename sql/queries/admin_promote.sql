-- admin_promote: makes an existing person an administrator who can sign in:
-- enabled, without a wait, with the new password if one is given (which ends
-- all sessions).  For the operator at the host, also when all access is lost.
-- $1 kind text ('email', 'phone')  $2 value text  $3 password_hash text?
-- $4..$9 origin: request_id, ip, remote, forwarded, client_ip, user_agent text?
-- returns: user_id uuid, name text, email text?, mobile_number text?,
--	emp_id text?, is_active bool, mfa_enabled bool, updated_at timestamptz,
--	sync_hash text
-- rows: 0..1 (0: nobody)
with p as (
	update person p set is_admin = true, status = 'active',
	    password_hash = coalesce($3::text, p.password_hash)
	from person_by_contact($1::text, $2::text) q
	where p.auth_user_id = q.auth_user_id
	returning p.auth_user_id, p.name, p.email, p.mobile_number, p.emp_id,
	    p.status, p.mfa_enabled, p.updated_at, p.sync_hash
), l as (
	update person_login l set failures = 0, wait_until = null
	from p where l.person_id = p.auth_user_id
	returning l.person_id
), d as (
	delete from throttle t using p, device d
	where d.person_id = p.auth_user_id and t.bucket = 'login_device'
	    and t.subject = login_device(d.person_id, d.application_id,
	    d.device_id)
	returning t.subject
), s as (
	update session s set revoked_at = now(),
	    revoke_reason = 'password_changed'
	from p where s.person_id = p.auth_user_id and s.revoked_at is null
	    and $3::text is not null
	returning s.id
), c as (
	update console_session c set revoked_at = now()
	from p where c.person_id = p.auth_user_id and c.revoked_at is null
	    and $3::text is not null
	returning c.hash
), a as (
	insert into audit (event, category, subject_id, request_id, ip, remote,
	    forwarded, client_ip, user_agent, detail)
	select 'admin_promoted', 'admin', p.auth_user_id, o.request_id, o.ip,
	    o.remote, o.forwarded, o.client_ip, o.user_agent,
	    jsonb_build_object('password', $3::text is not null,
	    'sessions', (select count(*) from s))
	from p cross join audit_origin($4::text, $5::text, $6::text, $7::text,
	    $8::text, $9::text) o
	returning id
)
select p.auth_user_id as user_id, p.name, p.email, p.mobile_number, p.emp_id,
    p.status = 'active' as is_active, p.mfa_enabled, p.updated_at, p.sync_hash
from p
