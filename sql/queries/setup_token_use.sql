-- setup_token_use: uses up the setup link and makes the first administrator.
-- If the person cannot be made the link is good still: it is one statement.
-- $1 token_hash bytea  $2 name text  $3 email text?  $4 mobile_number text?
-- $5 password_hash text
-- $6..$11 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: user_id uuid, name text, email text?, mobile_number text?,
--	emp_id text?, is_active bool, mfa_enabled bool, updated_at timestamptz,
--	sync_hash text
-- rows: 0..1 (0: unknown, used or expired, or there is an administrator)
with t as (
	update setup_token set used_at = now()
	where token_hash = $1::bytea and used_at is null and expires_at > now()
	    and not exists (select from person where is_admin
	    and deleted_at is null and status = 'active')
	returning only_row
), p as (
	insert into person (name, email, mobile_number, password_hash,
	    password_set_at, is_admin, source)
	select $2::text, $3::text, $4::text, $5::text, clock_timestamp(), true,
	    'setup'
	from t
	returning auth_user_id, name, email, mobile_number, emp_id, status,
	    mfa_enabled, updated_at, sync_hash
), a as (
	insert into audit (event, category, actor_id, subject_id, request_id,
	    ip, remote, forwarded, client_ip, user_agent, detail)
	select 'admin_created', 'admin', p.auth_user_id, p.auth_user_id,
	    o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
	    o.user_agent, jsonb_build_object('by', 'setup_link')
	from p cross join audit_origin($6::text, $7::text, $8::text, $9::text,
	    $10::text, $11::text) o
	returning id
)
select p.auth_user_id as user_id, p.name, p.email, p.mobile_number, p.emp_id,
    p.status = 'active' as is_active, p.mfa_enabled, p.updated_at, p.sync_hash
from p
