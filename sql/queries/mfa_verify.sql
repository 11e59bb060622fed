-- mfa_verify: one try of the second factor: counted, compared, used up, and the
-- session opened, as one (mfa_try(), session_open() in sql/migrations).
-- $1 ticket_hash bytea  $2 app_id uuid  $3 code_mac bytea? (for the ticket's
--	challenge)  $4 totp_secret bytea? (sealed, the one that was compared)
-- $5 totp_step int8? (that the code belongs to)  $6 recovery_mac bytea?
-- $7 resend_s int4  $8 device_id text?  $9 device_name text?
-- $10 refresh_hash bytea  $11 session_ttl_s int4  $12 refresh_ttl_s int4
-- $13 refresh_absolute_s int4
-- $14..$19 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- $20 notice_id uuid? (null: no notice)  $21 notice bytea? (new_device, sealed)
-- $22 is_dev bool (no provider needed)
-- returns: outcome text ('ok', 'otp_invalid', 'otp_expired', 'otp_locked',
--	'too_many_attempts', 'user_disabled', 'not_assigned'),
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
    else 'not_assigned' end as outcome, t.attempts_left, t.retry_after_s,
    s.session_id, s.session_created_at, s.session_expires_at,
    s.session_last_seen_at, s.device_id, s.device_name, s.device_user_agent,
    s.device_ip, s.user_id, s.name, s.email, s.mobile_number, s.emp_id,
    s.is_active, s.mfa_enabled, s.updated_at, s.sync_hash, s.app_name,
    s.refresh_expires_at
from mfa_try($1::bytea, $2::uuid, $3::bytea, $4::bytea, $5::int8, $6::bytea,
    $7::int4) t
left join person p on p.auth_user_id = t.person_id
-- A null person opens nothing.
left join lateral session_open(t.person_id, $2::uuid,
    coalesce($8::text, t.device_id), coalesce($9::text, t.device_name),
    $10::bytea, $11::int4, $12::int4, $13::int4, t.method, null, $14::text,
    $15::text, $16::text, $17::text, $18::text, $19::text, null,
    $20::uuid, $21::bytea, $22::bool) s on true
