-- reset_check: is this the proof of a live reset?  A right one is not used up
-- here; a wrong code counts against its reset under the row's lock, and the
-- fifth ends it, so that parallel tries cannot outrun the count.  Every wrong
-- proof leaves an audit row, also one for a reset that never was, which takes
-- the time of a write as well.
-- $1 token_hash bytea?  $2 reset_id uuid?  $3 code_mac bytea?  $4 app_id uuid
-- $5..$10 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: reset_id uuid, user_id uuid, name text, email text?,
--	mobile_number text?, emp_id text?, is_active bool, mfa_enabled bool,
--	updated_at timestamptz, sync_hash text
-- rows: 0..1 (0: not the proof of a live reset of an active person here)
with f as (
	select r.id, coalesce(r.token_hash = $1::bytea
	    or r.code_mac = $3::bytea, false) as is_right
	from password_reset r
	where (r.token_hash = $1::bytea or r.id = $2::uuid)
	    and (r.application_id is null or r.application_id = $4::uuid)
), r as (
	update password_reset r set attempts = r.attempts
	    + case when f.is_right then 0 else 1 end,
	    ended_at = case when not f.is_right and r.attempts >= 4
	    then now() end
	from f where r.id = f.id and r.used_at is null and r.ended_at is null
	    and r.expires_at > now() and r.attempts < 5
	returning r.id, r.person_id, f.is_right
), p as (
	select r.id as reset_id, p.auth_user_id as user_id, p.name, p.email,
	    p.mobile_number, p.emp_id, p.mfa_enabled, p.updated_at, p.sync_hash
	from r join person p on p.auth_user_id = r.person_id
	where r.is_right and p.status = 'active' and p.deleted_at is null
), a as (
	insert into audit (event, category, outcome, subject_id, application_id,
	    request_id, ip, remote, forwarded, client_ip, user_agent)
	select 'password_reset_refused', 'sign_in', 'recovery_invalid',
	    (select r.person_id from r), $4::uuid, o.request_id, o.ip, o.remote,
	    o.forwarded, o.client_ip, o.user_agent
	from audit_origin($5::text, $6::text, $7::text, $8::text, $9::text,
	    $10::text) o
	where not exists (select from p)
	returning id
)
select p.reset_id, p.user_id, p.name, p.email, p.mobile_number, p.emp_id,
    true as is_active, p.mfa_enabled, p.updated_at, p.sync_hash
from p
