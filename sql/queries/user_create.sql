-- user_create: a person with assignments, by the command line.
-- $1 name text  $2 email text?  $3 mobile_number text?  $4 emp_id text?
-- $5 mfa_enabled bool  $6 password_hash text?  $7 app_ids uuid[]
-- $8 is_admin bool
-- $9..$14 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: user_id uuid, name text, email text?, mobile_number text?,
--	emp_id text?, is_active bool, mfa_enabled bool, updated_at timestamptz,
--	sync_hash text
-- rows: 1
with p as (
	insert into person (name, email, mobile_number, emp_id, mfa_enabled,
	    password_hash, password_set_at, is_admin, source)
	values ($1::text, $2::text, $3::text, $4::text, $5::bool, $6::text,
	    case when $6::text is not null then clock_timestamp() end, $8::bool,
	    'cli')
	returning auth_user_id, name, email, mobile_number, emp_id, status,
	    mfa_enabled, updated_at, sync_hash, is_admin
), s as (
	insert into assignment (application_id, person_id)
	select distinct e.id, p.auth_user_id
	from p cross join unnest($7::uuid[]) e (id)
	returning application_id
), a as (
	insert into audit (event, category, subject_id, request_id, ip, remote,
	    forwarded, client_ip, user_agent, detail)
	select case when p.is_admin then 'admin_created' else 'user_created'
	    end, 'admin', p.auth_user_id, o.request_id, o.ip, o.remote,
	    o.forwarded, o.client_ip, o.user_agent,
	    jsonb_build_object('applications',
	    (select coalesce(jsonb_agg(s.application_id), '[]') from s),
	    'password', $6::text is not null, 'mfa', p.mfa_enabled)
	from p cross join audit_origin($9::text, $10::text, $11::text,
	    $12::text, $13::text, $14::text) o
	returning id
)
select p.auth_user_id as user_id, p.name, p.email, p.mobile_number, p.emp_id,
    p.status = 'active' as is_active, p.mfa_enabled, p.updated_at, p.sync_hash
from p
