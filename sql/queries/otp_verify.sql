-- otp_verify: one try of a sign-in code: counted, compared, used up, and the
-- session opened, as one (challenge_try(), session_open() in sql/migrations).
-- A code alone opens no session for a person with a second factor.
-- $1 challenge_id uuid  $2 app_id uuid  $3 code_mac bytea  $4 resend_s int4
-- $5 device_id text?  $6 device_name text?  $7 refresh_hash bytea
-- $8 session_ttl_s int4  $9 refresh_ttl_s int4  $10 refresh_absolute_s int4
-- $11..$16 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- $17 notice_id uuid? (null: no notice)  $18 notice bytea? (new_device, sealed)
-- $19 is_dev bool (no provider needed)
-- returns: outcome text ('ok', 'otp_invalid', 'otp_expired', 'otp_locked',
--	'user_disabled', 'not_assigned', 'password_required'),
--	attempts_left int4, retry_after_s int4, session_id uuid?,
--	session_created_at, session_expires_at, session_last_seen_at timestamptz,
--	device_id text?, device_name text?, device_user_agent text?,
--	device_ip text?, user_id uuid, name text, email text?,
--	mobile_number text?, emp_id text?, is_active bool, mfa_enabled bool,
--	updated_at timestamptz, sync_hash text, app_name text,
--	refresh_expires_at timestamptz
-- rows: 1 (all from session_id on is null unless the outcome is 'ok')
select case when t.outcome <> 'ok' or s.session_id is not null then t.outcome
    when p.status <> 'active' then 'user_disabled'
    when p.mfa_enabled then 'password_required'
    else 'not_assigned' end as outcome, t.attempts_left, t.retry_after_s,
    s.session_id, s.session_created_at, s.session_expires_at,
    s.session_last_seen_at, s.device_id, s.device_name, s.device_user_agent,
    s.device_ip, s.user_id, s.name, s.email, s.mobile_number, s.emp_id,
    s.is_active, s.mfa_enabled, s.updated_at, s.sync_hash, s.app_name,
    s.refresh_expires_at
from challenge_try($1::uuid, $2::uuid, 'sign_in', $3::bytea, $4::int4) t
left join person p on p.auth_user_id = t.person_id
-- A null person opens nothing.
left join lateral session_open(t.person_id, $2::uuid, $5::text, $6::text,
    $7::bytea, $8::int4, $9::int4, $10::int4, 'otp', null, $11::text, $12::text,
    $13::text, $14::text, $15::text, $16::text, null, $17::uuid,
    $18::bytea, $19::bool) s on true
