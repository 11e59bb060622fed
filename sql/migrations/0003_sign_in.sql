-- 0003_sign_in: devices, sessions, refresh tokens, codes, second factors,
-- recovery, throttles, and the platform's own secrets and settings.
-- Whatever proves something is kept as a hash or sealed, never as it is.

create table device (
	person_id	uuid not null references person on delete cascade,
	application_id	uuid not null references application on delete cascade,
	device_id	text not null
	    constraint device_id_length
	    check (octet_length(device_id) between 1 and 128),
	name		text
	    constraint device_name_length
	    check (octet_length(name) between 1 and 200),
	user_agent	text check (octet_length(user_agent) <= 255),
	first_seen_at	timestamptz not null default clock_timestamp(),
	last_seen_at	timestamptz not null default clock_timestamp(),
	last_ip		inet,
	trusted_until	timestamptz,
	primary key (person_id, application_id, device_id)
) with (fillfactor = 80);

-- last_seen_at and expires_at move often and are in no index, so that those
-- updates stay in their page (heap-only).  Old sessions are found by id: it
-- begins with the time.
create table session (
	id		uuid primary key default uuid_v7(),
	person_id	uuid not null references person on delete cascade,
	application_id	uuid not null references application on delete cascade,
	method		text not null
	    constraint session_method_domain check (method in
	    ('password', 'otp', 'password_otp', 'password_totp',
	    'password_recovery')),
	device_id	text check (octet_length(device_id) between 1 and 128),
	device_name	text check (octet_length(device_name) between 1 and 200),
	user_agent	text check (octet_length(user_agent) <= 255),
	ip		inet,
	created_at	timestamptz not null default clock_timestamp(),
	last_seen_at	timestamptz not null default clock_timestamp(),
	expires_at	timestamptz not null,
	absolute_expires_at timestamptz not null,
	revoked_at	timestamptz,
	revoke_reason	text
	    constraint session_revoke_reason_domain check (revoke_reason in
	    ('logout', 'logout_all', 'user_disabled', 'user_deleted',
	    'unassigned', 'password_changed', 'mfa_changed', 'refresh_reused',
	    'admin')),
	constraint session_revoked_has_reason
	    check ((revoked_at is null) = (revoke_reason is null)),
	constraint session_expires_within
	    check (expires_at <= absolute_expires_at)
) with (fillfactor = 85);
create index session_person_idx on session (person_id, application_id);
create index session_application_idx on session (application_id, id);

-- One family for each session.  What follows a token is derived from it under
-- the service's key, so that a retry within the grace time is given the same
-- successor and no token is ever stored; successor_hash leads on in the family.
create table refresh_token (
	hash		bytea primary key
	    constraint refresh_token_hash_length check (octet_length(hash) = 32),
	session_id	uuid not null references session on delete cascade,
	generation	int4 not null check (generation >= 1),
	created_at	timestamptz not null default clock_timestamp(),
	expires_at	timestamptz not null,
	spent_at	timestamptz,
	successor_hash	bytea check (octet_length(successor_hash) = 32),
	constraint refresh_token_spent_has_successor
	    check ((spent_at is null) = (successor_hash is null))
) with (fillfactor = 85);
create unique index refresh_token_generation_key
    on refresh_token (session_id, generation);

-- One-time codes.  code_mac: HMAC-SHA-256 under the service's key of the
-- challenge id and the code.  One live challenge for person, application and
-- purpose: a new request replaces the earlier code.
create table challenge (
	id		uuid primary key default uuid_v7(),
	person_id	uuid not null references person on delete cascade,
	application_id	uuid references application on delete cascade,
	purpose		text not null
	    constraint challenge_purpose_domain
	    check (purpose in ('sign_in', 'mfa', 'console', 'step_up', 'verify')),
	channel		text not null
	    constraint challenge_channel_domain check (channel in ('sms', 'email')),
	destination	text not null check (octet_length(destination) <= 254),
	code_mac	bytea not null check (octet_length(code_mac) = 32),
	attempts	int4 not null default 0,
	max_attempts	int4 not null default 5 check (max_attempts between 1 and 10),
	created_at	timestamptz not null default clock_timestamp(),
	expires_at	timestamptz not null,
	used_at		timestamptz,
	ended_at	timestamptz,	-- replaced, or dead after wrong tries
	ip		inet,
	client_ip	inet,
	constraint challenge_attempts_bounded check (attempts <= max_attempts)
) with (fillfactor = 80);
create unique index challenge_live_key on challenge (person_id, purpose,
    coalesce(application_id, '00000000-0000-0000-0000-000000000000'::uuid))
    where used_at is null and ended_at is null;
create index challenge_person_idx on challenge (person_id, id);
create index challenge_destination_idx on challenge (destination, id);

-- The way from the right password to the second factor.
create table mfa_ticket (
	hash		bytea primary key check (octet_length(hash) = 32),
	person_id	uuid not null references person on delete cascade,
	application_id	uuid references application on delete cascade,
	challenge_id	uuid,
	device_id	text check (octet_length(device_id) between 1 and 128),
	device_name	text check (octet_length(device_name) between 1 and 200),
	attempts	int4 not null default 0 check (attempts between 0 and 10),
	created_at	timestamptz not null default clock_timestamp(),
	expires_at	timestamptz not null,
	used_at		timestamptz
);
create index mfa_ticket_person_idx on mfa_ticket (person_id);

-- last_step: the last time step accepted, so that a code works once.
create table totp (
	person_id	uuid primary key references person on delete cascade,
	secret		bytea not null,		-- sealed
	created_at	timestamptz not null default clock_timestamp(),
	confirmed_at	timestamptz,
	last_step	int8 not null default 0,
	last_used_at	timestamptz
);

create table recovery_code (
	person_id	uuid not null references person on delete cascade,
	code_mac	bytea not null check (octet_length(code_mac) = 32),
	created_at	timestamptz not null default clock_timestamp(),
	used_at		timestamptz,
	primary key (person_id, code_mac)
);

create table password_reset (
	id		uuid primary key default uuid_v7(),
	person_id	uuid not null references person on delete cascade,
	application_id	uuid references application on delete cascade,
	channel		text not null
	    constraint password_reset_channel_domain
	    check (channel in ('sms', 'email', 'link')),
	token_hash	bytea check (octet_length(token_hash) = 32),
	code_mac	bytea check (octet_length(code_mac) = 32),
	attempts	int4 not null default 0,
	created_at	timestamptz not null default clock_timestamp(),
	expires_at	timestamptz not null,
	used_at		timestamptz,
	ended_at	timestamptz,
	constraint password_reset_has_proof
	    check (token_hash is not null or code_mac is not null),
	constraint password_reset_attempts_bounded check (attempts between 0 and 5)
);
create index password_reset_person_idx on password_reset (person_id, id);
create unique index password_reset_token_key on password_reset (token_hash)
    where token_hash is not null;
create unique index password_reset_live_key on password_reset (person_id)
    where used_at is null and ended_at is null;

-- Counters that all workers and nodes share: bucket ('otp_send', 'otp_wrong',
-- 'reset', 'console', ...) and whom it is about.
create table throttle (
	bucket		text not null check (bucket ~ '^[a-z_]{1,32}$'),
	subject		text not null check (octet_length(subject) between 1 and 254),
	n		int4 not null default 0,
	window_start	timestamptz not null default clock_timestamp(),
	wait_until	timestamptz,
	primary key (bucket, subject)
) with (fillfactor = 70);

-- How long the next try has to wait after this many failures in a row.
create function login_wait(failures int4) returns interval
language sql immutable parallel safe
as $$
	select case when failures >= 5 then make_interval(secs =>
	    least(900, 2 ^ least(failures - 5, 10))) end
$$;

-- Until when; the hundredth failure in a row is the last (NIST SP 800-63B-4
-- s.3.2.2): the password is good for nothing until it is set anew.
create function login_wait_until(failures int4) returns timestamptz
language sql volatile parallel safe
as $$
	select case when failures >= 100 then 'infinity'
	    else clock_timestamp() + login_wait(failures) end
$$;

-- The count after one more failure; one that nothing was added to for 30 days
-- starts afresh, whoever's it is.
create function login_count(failures int4, last_failed_at timestamptz)
returns int4
language sql stable parallel safe
as $$
	select case when failures < 100 and last_failed_at
	    < now() - interval '30 days' then 1
	    else least(failures, 1000000) + 1 end
$$;

-- What a refused caller is told: 1..900 seconds.
create function login_retry_s(wait_until timestamptz) returns int4
language sql stable parallel safe
as $$
	select greatest(1, ceil(extract(epoch from least(wait_until,
	    now() + interval '900 seconds') - now())))::int4
	    from (select coalesce(wait_until, now()) as wait_until) w
$$;

-- A known device in the bucket 'login_device'.
create function login_device(person_id uuid, application_id uuid,
    device_id text)
returns text
language sql immutable parallel safe
as $$
	select person_id || ':' || application_id || ':' || device_id
$$;

-- Administrators in the console.
create table console_session (
	hash		bytea primary key check (octet_length(hash) = 32),
	person_id	uuid not null references person on delete cascade,
	created_at	timestamptz not null default clock_timestamp(),
	last_seen_at	timestamptz not null default clock_timestamp(),
	expires_at	timestamptz not null,
	absolute_expires_at timestamptz not null,
	step_up_at	timestamptz,
	ip		inet,
	user_agent	text check (octet_length(user_agent) <= 255),
	revoked_at	timestamptz
) with (fillfactor = 80);
create index console_session_person_idx on console_session (person_id);

-- The one-time link of a fresh installation: one at most.
create table setup_token (
	only_row	bool primary key default true check (only_row),
	token_hash	bytea not null check (octet_length(token_hash) = 32),
	created_at	timestamptz not null default clock_timestamp(),
	expires_at	timestamptz not null,
	used_at		timestamptz
);

-- Keys that sign and verify access tokens; secret is sealed.  retired_at: no
-- longer signs; expires_at: no longer verifies.
create table token_key (
	kid		text primary key
	    constraint token_key_kid_shape check (kid ~ '^[0-9A-Za-z_-]{16}$'),
	alg		text not null
	    constraint token_key_alg_domain check (alg in ('HS256', 'EdDSA')),
	secret		bytea not null check (octet_length(secret) between 33 and 1024),
	is_signing	bool not null default true,
	created_at	timestamptz not null default clock_timestamp(),
	retired_at	timestamptz,
	expires_at	timestamptz,
	constraint token_key_retired_signs_not
	    check (not is_signing or (retired_at is null and expires_at is null))
);
create unique index token_key_signing_key on token_key (is_signing)
    where is_signing;

-- Settings that administrators change at run time.  The defaults are here and
-- nowhere else; value is null while the default is in force.
create table setting (
	name		text primary key check (name ~ '^[a-z][a-z0-9_]{0,62}$'),
	kind		text not null
	    check (kind in ('bool', 'int', 'text', 'list')),
	default_value	jsonb not null,
	value		jsonb,
	min		int8,
	max		int8,
	pattern		text,
	description	text not null,
	updated_at	timestamptz,
	updated_by	uuid
);

create function setting_is_valid(kind text, v jsonb, min int8, max int8,
    pattern text)
returns bool
language sql immutable parallel safe
as $$
	select case
	    when v is null then true
	    when kind = 'bool' then jsonb_typeof(v) = 'boolean'
	    when kind = 'int' then jsonb_typeof(v) = 'number'
		and (v #>> '{}') ~ '^-?[0-9]{1,15}$'
		and (v #>> '{}')::int8 >= coalesce(min, (v #>> '{}')::int8)
		and (v #>> '{}')::int8 <= coalesce(max, (v #>> '{}')::int8)
	    when kind = 'text' then jsonb_typeof(v) = 'string'
		and char_length(v #>> '{}') <= coalesce(max, 1000)
		and char_length(v #>> '{}') >= coalesce(min, 0)
		and (pattern is null or (v #>> '{}') ~ pattern)
	    else jsonb_typeof(v) = 'array' and not exists (
		select from jsonb_array_elements(v) e
		where jsonb_typeof(e) <> 'string' or char_length(e #>> '{}') > 254
		or (pattern is not null and (e #>> '{}') !~ pattern))
	    end
$$;

alter table setting
	add constraint setting_value_valid
	    check (setting_is_valid(kind, value, min, max, pattern)),
	add constraint setting_default_valid
	    check (setting_is_valid(kind, default_value, min, max, pattern));

insert into setting (name, kind, default_value, min, max, pattern, description)
values
	('brand_name', 'text', '"Identity Services"', 1, 80, null,
	    'Name of this installation in messages and on pages'),
	('public_hostname', 'text', '""', null, 253, '^[A-Za-z0-9.:\[\]-]*$',
	    'Host under which applications reach the service; empty: as the environment says'),
	('default_country_code', 'text', '"91"', null, null, '^[1-9][0-9]{0,2}$',
	    'Dialling code put before national mobile numbers'),
	('access_ttl_s', 'int', '900', 60, 3600, null,
	    'Life of an access token'),
	('session_ttl_s', 'int', '604800', 300, 7776000, null,
	    'A session ends when it was not refreshed for this long'),
	('refresh_ttl_s', 'int', '604800', 300, 7776000, null,
	    'Life of a refresh token, begun anew at each refresh'),
	('refresh_absolute_s', 'int', '2592000', 300, 31536000, null,
	    'A session ends after this long, refreshed or not'),
	('refresh_grace_s', 'int', '10', 0, 60, null,
	    'A retry with the same spent refresh token gets the same successor'),
	('token_alg', 'text', '"HS256"', null, null, '^(HS256|EdDSA)$',
	    'How new token keys sign'),
	('token_overlap_s', 'int', '86400', 3600, 2592000, null,
	    'How long a replaced token key still verifies'),
	('password_min_len', 'int', '15', 8, 128, null,
	    'Least code points of a password'),
	('password_min_len_mfa', 'int', '8', 8, 128, null,
	    'Least code points of a password of a person with a second factor'),
	('reset_ttl_s', 'int', '1800', 300, 3600, null,
	    'Life of a password recovery token or code'),
	('login_address_max', 'int', '20', 0, 100000, null,
	    'Wrong passwords from one address of a person in 5 minutes, on each node; 0: no limit'),
	('login_app_max', 'int', '1000', 0, 1000000, null,
	    'Failed sign-ins of one application in 5 minutes, on each node; 0: no limit'),
	('otp_length', 'int', '6', 6, 8, null, 'Digits of a code'),
	('otp_ttl_s', 'int', '300', 60, 600, null, 'Life of a code'),
	('otp_resend_s', 'int', '30', 10, 600, null,
	    'Wait before another code is sent'),
	('otp_attempts', 'int', '5', 1, 5, null, 'Wrong tries that end a code'),
	('otp_window_max', 'int', '3', 1, 100, null,
	    'Codes for one person or destination in 15 minutes'),
	('otp_day_max', 'int', '6', 1, 1000, null,
	    'Codes for one person or destination in 24 hours'),
	('mfa_ttl_s', 'int', '300', 60, 600, null,
	    'Time for the second factor after the password'),
	('mfa_admin_required', 'bool', 'false', null, null, null,
	    'Administrators need a second factor'),
	('sms_countries', 'list', '[]', null, null, '^[1-9][0-9]{0,2}$',
	    'Dialling codes that messages may go to; empty: the default country only'),
	('sms_hour_max', 'int', '500', 0, 1000000, null,
	    'Text messages in an hour, all together'),
	('sms_day_max', 'int', '3000', 0, 10000000, null,
	    'Text messages in a day, all together'),
	('sms_hour_budget', 'int', '0', 0, 1000000000000, null,
	    'Money for an hour in millionths of the price table''s unit; 0: no limit beyond the counts'),
	('sms_day_budget', 'int', '0', 0, 1000000000000, null,
	    'Money for a day, likewise'),
	('email_fallback', 'bool', 'true', null, null, null,
	    'A code may go by e-mail where no text message can'),
	('console_idle_s', 'int', '1800', 300, 86400, null,
	    'An administrator''s session ends when idle for this long'),
	('console_absolute_s', 'int', '43200', 900, 86400, null,
	    'An administrator''s session ends after this long'),
	('tombstone_days', 'int', '90', 7, 3650, null,
	    'How long leavers are told to applications that sync'),
	('audit_days', 'int', '0', 0, 36500, null,
	    'Age at which audit rows are purged; 0: kept'),
	('metrics_allow', 'list', '["127.0.0.0/8", "::1"]', null, null, null,
	    'Addresses that may read /metrics');
