-- 0005_delivery: codes and notices, their ceiling, and the import of people.

create table provider (
	id		uuid primary key default uuid_v7(),
	name		text not null
	    constraint provider_name_length
	    check (char_length(name) between 1 and 100),
	type		text not null
	    constraint provider_type_domain
	    check (type in ('generic', 'fast2sms', 'carrier_email', 'smtp')),
	is_enabled	bool not null default false,
	priority	int4 not null default 100 check (priority between 0 and 10000),
	countries	text[] not null default '{}',
	timeout_s	int4 not null default 10 check (timeout_s between 1 and 60),
	config		jsonb not null default '{}',	-- no secret in it
	secrets		bytea,				-- sealed
	tested_at	timestamptz,
	last_ok_at	timestamptz,
	last_error_at	timestamptz,
	last_error	text check (char_length(last_error) <= 500),
	paused_until	timestamptz,
	created_at	timestamptz not null default clock_timestamp(),
	updated_at	timestamptz not null default clock_timestamp(),
	version		int8 not null default 1
);
create unique index provider_name_key on provider (lower(name));

-- What still has to be sent.  id is the idempotency id that goes along to the
-- provider.  payload holds the message, sealed, until it is sent.  A dispatcher
-- takes due rows with "for update skip locked" and sets locked_until; a row
-- whose dispatcher died is due again after it.
create table outbox (
	id		uuid primary key default uuid_v7(),
	state		text not null default 'queued'
	    constraint outbox_state_domain check (state in
	    ('queued', 'sending', 'sent', 'failed', 'expired', 'refused')),
	kind		text not null
	    constraint outbox_kind_domain
	    check (kind in ('code', 'reset', 'notice', 'test')),
	channel		text not null
	    constraint outbox_channel_domain check (channel in ('sms', 'email')),
	person_id	uuid,
	application_id	uuid,
	challenge_id	uuid,
	destination	text not null check (octet_length(destination) <= 254),
	payload		bytea,
	attempts	int4 not null default 0,
	next_attempt_at	timestamptz not null default clock_timestamp(),
	locked_until	timestamptz,
	expires_at	timestamptz not null,
	created_at	timestamptz not null default clock_timestamp(),
	ended_at	timestamptz,
	provider_id	uuid,
	provider_ref	text check (octet_length(provider_ref) <= 200),
	last_error	text check (char_length(last_error) <= 500),
	cost		int8,
	constraint outbox_ended_has_no_payload
	    check (ended_at is null or payload is null)
) with (fillfactor = 70);
create index outbox_due_idx on outbox (next_attempt_at)
    where state in ('queued', 'sending');
create index outbox_challenge_idx on outbox (challenge_id)
    where challenge_id is not null;

-- Prices: longest matching prefix of the E.164 digits; any provider when null.
create table sms_price (
	prefix		text not null check (prefix ~ '^[0-9]{1,15}$'),
	provider_id	uuid references provider on delete cascade,
	price		int8 not null check (price >= 0)
);
create unique index sms_price_key on sms_price (prefix,
    coalesce(provider_id, '00000000-0000-0000-0000-000000000000'::uuid));

-- What was spent, by hour; what a ceiling is checked against.  key: 'all',
-- 'country:91', 'prefix:91987654', 'app:<uuid>', 'address:<ip>'.
create table spend_hour (
	hour		timestamptz not null
	    check (hour = date_trunc('hour', hour, 'UTC')),
	key		text not null check (octet_length(key) between 1 and 128),
	sent		int4 not null default 0,
	verified	int4 not null default 0,
	refused		int4 not null default 0,
	cost		int8 not null default 0,
	primary key (hour, key)
) with (fillfactor = 70);

-- A CSV import: staged, checked, then committed as a whole.
create table import_job (
	id		uuid primary key default uuid_v7(),
	file_name	text check (octet_length(file_name) <= 255),
	file_hash	bytea not null check (octet_length(file_hash) = 32),
	mode		text not null
	    constraint import_job_mode_domain
	    check (mode in ('create', 'update', 'both')),
	state		text not null default 'staging'
	    constraint import_job_state_domain check (state in ('staging',
	    'checked', 'importing', 'done', 'cancelled', 'failed', 'undone')),
	totals		jsonb not null default '{}',
	created_by	uuid,
	created_at	timestamptz not null default clock_timestamp(),
	ended_at	timestamptz,
	undo_until	timestamptz
);

-- Unlogged: after a crash the file is uploaded again; in return a million rows
-- are staged at twice the speed and leave nothing in a backup.
create unlogged table import_row (
	import_id	uuid not null,
	row_no		int4 not null check (row_no >= 1),
	data		jsonb not null,
	action		text
	    constraint import_row_action_domain
	    check (action in ('create', 'update', 'same', 'error')),
	person_id	uuid,
	problems	jsonb,
	primary key (import_id, row_no)
);
