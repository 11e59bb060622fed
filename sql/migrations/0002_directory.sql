-- 0002_directory: people, applications, their keys and addresses, assignments,
-- and the feed that /users/sync reads.

-- The columns that applications see have their names from the HTTP contract,
-- since operators write SQL too: a change by hand is as good as any other.

-- Lower-case hex SHA-256 of the RFC 8785 JSON of the five mirrored fields.
-- to_json(text) escapes exactly as RFC 8785 s.3.2.2.2 wants: \b \t \n \f \r
-- \" \\ and \u00xx in lower case, nothing else.  It is declared stable for the
-- sake of other types; for text it depends on nothing but its argument.
create function person_sync_hash(email text, emp_id text, mobile_number text,
    name text, status text)
returns text
language plpgsql immutable parallel safe
as $$
begin
	return encode(sha256(convert_to('{"email":'
	    || coalesce(to_json(email)::text, 'null') || ',"emp_id":'
	    || coalesce(to_json(emp_id)::text, 'null') || ',"mobile_number":'
	    || coalesce(to_json(mobile_number)::text, 'null') || ',"name":'
	    || coalesce(to_json(name)::text, 'null') || ',"status":'
	    || coalesce(to_json(status)::text, 'null') || '}', 'UTF8')), 'hex');
end
$$;

create table person (
	auth_user_id	uuid primary key default uuid_v7(),
	name		text not null
	    constraint person_name_length check (
	    char_length(name) between 1 and 200 and octet_length(name) <= 400),
	mobile_number	text
	    constraint person_mobile_number_e164
	    check (mobile_number ~ '^\+[1-9][0-9]{7,14}$'),
	email		text
	    constraint person_email_shape check (octet_length(email) <= 254
	    and email ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$'),
	emp_id		text
	    constraint person_emp_id_length
	    check (octet_length(emp_id) between 1 and 64),
	status		text not null default 'active'
	    constraint person_status_domain
	    check (status in ('active', 'disabled')),
	mfa_enabled	bool not null default false,
	updated_at	timestamptz not null default clock_timestamp(),
	-- Generated, so that it can be wrong in no way.
	sync_hash	text not null generated always as (person_sync_hash(
	    email, emp_id, mobile_number, name, status)) stored,

	is_admin	bool not null default false,
	password_hash	text
	    constraint person_password_hash_length
	    check (octet_length(password_hash) between 1 and 255),
	password_set_at	timestamptz,
	password_must_change bool not null default false,
	language	text
	    constraint person_language_tag
	    check (language ~ '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$'),
	carrier		text
	    constraint person_carrier_id check (carrier ~ '^[a-z0-9_.-]{1,64}$'),
	import_id	uuid,
	created_at	timestamptz not null default clock_timestamp(),
	-- Kept as a row, out of every list: a deleted person's contacts and
	-- employee id are free again.
	deleted_at	timestamptz,
	version		int8 not null default 1,
	-- Transaction of the last change that applications see; see sync_feed.
	changed_xid	xid8 not null default pg_current_xact_id(),
	search_text	text not null generated always as (lower(name || ' '
	    || coalesce(email, '') || ' ' || coalesce(emp_id, '') || ' '
	    || coalesce(mobile_number, ''))) stored,
	constraint person_deleted_is_disabled
	    check (deleted_at is null or (status = 'disabled' and not is_admin))
);

-- Collation C: only ASCII letters fold, as in the service's own code, and a
-- change of the system's locale data cannot break the index.
create unique index person_email_key on person (lower(email collate "C"))
    where deleted_at is null and email is not null;
create unique index person_mobile_number_key on person (mobile_number)
    where deleted_at is null and mobile_number is not null;
create unique index person_emp_id_key on person (emp_id)
    where deleted_at is null and emp_id is not null;
create index person_name_idx on person (lower(name), auth_user_id)
    where deleted_at is null;
create index person_admin_idx on person (auth_user_id)
    where is_admin and deleted_at is null;
create index person_import_idx on person (import_id) where import_id is not null;
-- A short list of pending entries: every search reads all of it.
create index person_search_idx on person using gin (search_text gin_trgm_ops)
    with (gin_pending_list_limit = 256) where deleted_at is null;
create index person_changed_idx on person (changed_xid, auth_user_id);

-- The live person behind an identifier.  Two arms with one-time filters: each
-- is a look-up in its own unique index, whatever the planner knows of $1.
create function person_by_contact(kind text, value text) returns setof person
language sql stable parallel safe
as $$
	select * from person where $1 = 'email'
	    and lower(email collate "C") = lower($2 collate "C")
	    and email is not null and deleted_at is null
	union all
	select * from person where $1 = 'phone' and mobile_number = $2
	    and mobile_number is not null and deleted_at is null
$$;

-- What every sign-in writes stays out of person: narrow rows, no index but the
-- key, so updates stay in their page.
create table person_login (
	person_id	uuid primary key
	    references person on delete cascade,
	failures	int4 not null default 0 check (failures >= 0),
	last_failed_at	timestamptz,
	wait_until	timestamptz,
	last_login_at	timestamptz
) with (fillfactor = 70);

create table application (
	id		uuid primary key default uuid_v7(),
	name		text not null
	    constraint application_name_length check (
	    char_length(name) between 1 and 100 and octet_length(name) <= 200
	    and name = btrim(name)),
	is_enabled	bool not null default true,
	rate_per_minute	int4
	    constraint application_rate_range
	    check (rate_per_minute between 1 and 100000000),
	created_at	timestamptz not null default clock_timestamp(),
	updated_at	timestamptz not null default clock_timestamp(),
	version		int8 not null default 1
);
create unique index application_name_key on application (lower(name));

-- No row: everybody is refused.
create table application_allow (
	application_id	uuid not null references application on delete cascade,
	block		cidr not null,
	label		text
	    constraint application_allow_label_length
	    check (char_length(label) between 1 and 100),
	created_at	timestamptz not null default clock_timestamp(),
	primary key (application_id, block)
);

create table application_key (
	key_id		text primary key
	    constraint application_key_id_shape
	    check (key_id ~ '^[0-9A-Za-z]{12}$'),
	application_id	uuid not null references application on delete cascade,
	hash		bytea not null
	    constraint application_key_hash_length check (octet_length(hash) = 32),
	last4		text not null
	    constraint application_key_last4_length check (char_length(last4) = 4),
	label		text
	    constraint application_key_label_length
	    check (char_length(label) between 1 and 100),
	is_enabled	bool not null default true,
	created_at	timestamptz not null default clock_timestamp(),
	created_by	uuid,
	expires_at	timestamptz,
	last_used_at	timestamptz
) with (fillfactor = 80);
create index application_key_application_idx on application_key (application_id);

create table assignment (
	application_id	uuid not null references application on delete cascade,
	person_id	uuid not null references person on delete cascade,
	created_at	timestamptz not null default clock_timestamp(),
	created_by	uuid,
	changed_xid	xid8 not null default pg_current_xact_id(),
	primary key (application_id, person_id)
);
create index assignment_person_idx on assignment (person_id);
create index assignment_changed_idx
    on assignment (application_id, changed_xid, person_id);

-- Who left an application, for clients that still hold the copy.  No reference
-- to person: it outlives a row deleted by hand.  A live assignment of the same
-- pair always outweighs its tombstone.
create table assignment_tombstone (
	application_id	uuid not null references application on delete cascade,
	person_id	uuid not null,
	reason		text not null
	    constraint assignment_tombstone_reason_domain
	    check (reason in ('unassigned', 'deleted')),
	removed_at	timestamptz not null default clock_timestamp(),
	changed_xid	xid8 not null default pg_current_xact_id(),
	primary key (application_id, person_id)
);
create index assignment_tombstone_changed_idx
    on assignment_tombstone (application_id, changed_xid, person_id);
create index assignment_tombstone_removed_idx
    on assignment_tombstone using brin (removed_at);

-- The feed is not a log: each row carries the transaction of its last change
-- (xid8, never wraps).  The place of a person in an application's feed is
-- greatest(person.changed_xid, assignment.changed_xid), that of a leaver its
-- tombstone's.  A reader takes the places below pg_snapshot_xmin(
-- pg_current_snapshot()): every transaction below it has ended, so nothing can
-- still appear behind a cursor, in whatever order transactions commit.  As both
-- rows of a pair count, an edit and an assignment that do not see each other
-- cannot hide each other either.
--
-- epoch: part of every cursor.  It is made anew when the database is restored,
-- since another cluster counts its own transactions.
-- purged_before: tombstones older than this are gone; such a cursor is 410.
create table sync_feed (
	only_row	bool primary key default true check (only_row),
	epoch		uuid not null default gen_random_uuid(),
	purged_before	xid8 not null default '0'::xid8
);
insert into sync_feed default values;

-- How far each application has come (the cursor it last presented).
create table sync_client (
	application_id	uuid primary key
	    references application on delete cascade,
	acked_xid	xid8 not null,
	acked_at	timestamptz not null default clock_timestamp(),
	full_at		timestamptz
) with (fillfactor = 70);

create table webhook (
	application_id	uuid primary key
	    references application on delete cascade,
	url		text not null check (octet_length(url) <= 2000),
	secret		bytea not null,		-- sealed
	is_enabled	bool not null default true,
	attempts	int4 not null default 0,
	next_attempt_at	timestamptz,
	last_ok_at	timestamptz,
	last_error	text check (char_length(last_error) <= 500)
);
create index webhook_due_idx on webhook (next_attempt_at)
    where next_attempt_at is not null;
