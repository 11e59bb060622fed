-- refresh_rotate: spends a refresh token and makes its successor, or finds the
-- successor again for a retry within the grace time, or ends the family of one
-- that is used later than that.  Token and session are locked first, and read
-- as they stand then: of any number of calls with one token one spends it.
-- $1 hash bytea  $2 successor_hash bytea  $3 app_id uuid
-- $4 session_ttl_s int4  $5 refresh_ttl_s int4  $6 grace_s int4
-- $7..$12 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: verdict text ('ok', 'refresh_invalid', 'refresh_expired',
--	'refresh_reused', 'user_disabled', 'not_assigned'), is_ended bool (the
--	family was ended by this call), user_id uuid?, session_id uuid?,
--	session_created_at timestamptz?, session_expires_at timestamptz?,
--	session_last_seen_at timestamptz?, device_id text?, device_name text?,
--	device_user_agent text?, device_ip text?, name text?, email text?,
--	mobile_number text?, emp_id text?, is_active bool?, mfa_enabled bool?,
--	updated_at timestamptz?, sync_hash text?, app_name text?,
--	refresh_expires_at timestamptz?
-- rows: 1 (user and session: null for refresh_invalid where nothing was found;
--	what follows is to be read with 'ok' only)
select verdict, is_ended, user_id, session_id, session_created_at,
    session_expires_at, session_last_seen_at, device_id, device_name,
    device_user_agent, device_ip, name, email, mobile_number, emp_id, is_active,
    mfa_enabled, updated_at, sync_hash, app_name, refresh_expires_at
from refresh_rotate($1::bytea, $2::bytea, $3::uuid, $4::int4, $5::int4, $6::int4,
    $7::text, $8::text, $9::text, $10::text, $11::text, $12::text)
