-- login_succeed: opens a session after the right password (session_open() in
-- sql/migrations): person and assignment are looked at once more and held until
-- the commit, the count of failures starts afresh, device, session and first
-- refresh token are made.  A device that this person has not used anywhere,
-- where there was another one before, is told to the person, if any provider
-- can carry it.
-- $1 user_id uuid  $2 app_id uuid  $3 device_id text?  $4 device_name text?
-- $5 refresh_hash bytea  $6 session_ttl_s int4  $7 refresh_ttl_s int4
-- $8 refresh_absolute_s int4  $9 method text  $10 new_password_hash text?
-- $11..$16 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- $17 password_hash text? (the one that was checked: if it has been changed
--	meanwhile there is no session; null: not looked at)
-- $18 notice_id uuid? (of the outbox row; null: no notice)
-- $19 notice bytea? (new_device, sealed)  $20 is_dev bool (no provider needed)
-- returns: session_id uuid, session_created_at, session_expires_at,
--	session_last_seen_at timestamptz, device_id text?, device_name text?,
--	device_user_agent text?, device_ip text?, user_id uuid, name text,
--	email text?, mobile_number text?, emp_id text?, is_active bool,
--	mfa_enabled bool, updated_at timestamptz, sync_hash text, app_name text,
--	refresh_expires_at timestamptz
-- rows: 0..1 (0: disabled, unassigned, password changed or a second factor
--	wanted meanwhile)
select s.session_id, s.session_created_at, s.session_expires_at,
    s.session_last_seen_at, s.device_id, s.device_name, s.device_user_agent,
    s.device_ip, s.user_id, s.name, s.email, s.mobile_number, s.emp_id,
    s.is_active, s.mfa_enabled, s.updated_at, s.sync_hash, s.app_name,
    s.refresh_expires_at
from session_open($1::uuid, $2::uuid, $3::text, $4::text, $5::bytea, $6::int4,
    $7::int4, $8::int4, $9::text, $10::text, $11::text, $12::text, $13::text,
    $14::text, $15::text, $16::text, $17::text, $18::uuid, $19::bytea,
    $20::bool) s
