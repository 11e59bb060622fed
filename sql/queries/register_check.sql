-- register_check: is this person in the directory and assigned here?  One audit
-- row, whatever the answer.
-- $1 kind text ('email', 'phone')  $2 value text  $3 app_id uuid
-- $4..$9 origin: request_id, ip, remote, forwarded, client_ip, user_agent text?
-- returns: user_id uuid, name text, email text?, mobile_number text?,
--	emp_id text?, is_active bool, mfa_enabled bool, updated_at timestamptz,
--	sync_hash text, is_assigned bool
-- rows: 0..1 (0: nobody)
with p as (
	select p.auth_user_id as user_id, p.name, p.email, p.mobile_number,
	    p.emp_id, p.status = 'active' as is_active, p.mfa_enabled,
	    p.updated_at, p.sync_hash,
	    exists (select from assignment s where s.person_id = p.auth_user_id
	    and s.application_id = $3::uuid) as is_assigned
	from person_by_contact($1::text, $2::text) p
), a as (
	insert into audit (event, category, outcome, subject_id, application_id,
	    request_id, ip, remote, forwarded, client_ip, user_agent)
	select 'register_checked', 'api', case
	    when p.user_id is null then 'user_not_found'
	    when not p.is_assigned then 'not_assigned'
	    when not p.is_active then 'user_disabled'
	    else 'ok' end,
	    p.user_id, $3::uuid, o.request_id, o.ip, o.remote, o.forwarded,
	    o.client_ip, o.user_agent
	from audit_origin($4::text, $5::text, $6::text, $7::text, $8::text,
	    $9::text) o
	left join p on true
	returning id
)
select p.user_id, p.name, p.email, p.mobile_number, p.emp_id, p.is_active,
    p.mfa_enabled, p.updated_at, p.sync_hash, p.is_assigned
from p
