-- login_failed: the audit row of a sign-in that was not one.  After the right
-- password (every reason but 'wrong_password', 'no_password') the count of
-- wrong ones starts afresh.
-- $1 user_id uuid?  $2 app_id uuid  $3 reason text ('wrong_password',
--	'no_password', 'not_assigned', 'user_disabled', 'mfa_required')
-- $4..$9 origin: request_id, ip, remote, forwarded, client_ip, user_agent text?
-- returns: audit_id int8
-- rows: 1
with l as (
	update person_login set failures = 0, wait_until = null
	where person_id = $1::uuid
	    and $3::text not in ('wrong_password', 'no_password')
	returning person_id
), a as (
	insert into audit (event, category, outcome, subject_id, application_id,
	    request_id, ip, remote, forwarded, client_ip, user_agent)
	select case when $3::text in ('wrong_password', 'no_password')
	    then 'login_failed' else 'login_refused' end, 'sign_in', $3::text,
	    $1::uuid, $2::uuid, o.request_id, o.ip, o.remote, o.forwarded,
	    o.client_ip, o.user_agent
	from audit_origin($4::text, $5::text, $6::text, $7::text, $8::text,
	    $9::text) o
	returning id
)
select a.id as audit_id from a
