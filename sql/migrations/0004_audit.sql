-- 0004_audit: the audit log: append-only, cheap to write from many sessions
-- at once, and sealed afterwards so that an outsider can verify it.

-- No foreign keys: a row outlives everything it speaks of.
-- event, category: the vocabulary of src/core/audit_event.def.
-- outcome: 'ok', or the code of the refusal.
-- count, first_at: a coalesced row stands for |count| events since first_at.
-- xid: transaction of the row.  Rows below pg_snapshot_xmin() are complete, so a
-- sealer can take them in order without ever locking a writer.
create table audit (
	id		int8 generated always as identity primary key,
	at		timestamptz not null default clock_timestamp(),
	event		text not null
	    constraint audit_event_shape check (event ~ '^[a-z][a-z0-9_]{0,63}$'),
	category	text not null
	    constraint audit_category_shape check (category ~ '^[a-z_]{1,32}$'),
	outcome		text not null default 'ok'
	    constraint audit_outcome_shape check (outcome ~ '^[a-z][a-z0-9_]{0,63}$'),
	actor_id	uuid,
	subject_id	uuid,
	application_id	uuid,
	session_id	uuid,
	key_id		text check (octet_length(key_id) <= 64),
	ip		inet,
	remote		inet,
	forwarded	text check (octet_length(forwarded) <= 255),
	client_ip	inet,
	user_agent	text check (octet_length(user_agent) <= 255),
	request_id	text check (octet_length(request_id) <= 64),
	detail		jsonb check (octet_length(detail::text) <= 16384),
	count		int8 not null default 1 check (count >= 1),
	first_at	timestamptz,
	xid		xid8 not null default pg_current_xact_id()
);

-- The newest first is the key read backwards; each filter of the console has
-- an index that ends in it.
create index audit_at_idx on audit using brin (at)
    with (pages_per_range = 32, autosummarize = on);
create index audit_xid_idx on audit (xid, id);
create index audit_event_idx on audit (event, id);
create index audit_subject_idx on audit (subject_id, id)
    where subject_id is not null;
create index audit_actor_idx on audit (actor_id, id)
    where actor_id is not null and actor_id is distinct from subject_id;
create index audit_application_idx on audit (application_id, id)
    where application_id is not null;
create index audit_ip_idx on audit (ip, id) where ip is not null;
create index audit_request_idx on audit (request_id)
    where request_id is not null and request_id <> 'cli';

-- The chain: each seal covers the rows with xid in [xid_from, xid_to), in order
-- of (xid, id), and the seal before it.  A purge leaves its own seal, which
-- says what was removed; the seals of removed rows stay.
create table audit_seal (
	no		int8 primary key check (no >= 1),
	kind		text not null
	    constraint audit_seal_kind_domain check (kind in ('rows', 'purge')),
	at		timestamptz not null default clock_timestamp(),
	xid_from	xid8 not null,
	xid_to		xid8 not null,
	n_rows		int8 not null check (n_rows >= 0),
	digest		bytea not null check (octet_length(digest) = 32),
	previous	bytea not null check (octet_length(previous) = 32),
	chain		bytea not null check (octet_length(chain) = 32),
	key_id		text check (octet_length(key_id) <= 64)
);

-- Deleting is for the purge alone, which says so for its transaction:
-- set_config('identity.audit_purge', 'on', true).
create function audit_append_only() returns trigger
language plpgsql
as $$
begin
	if tg_op = 'DELETE' and tg_table_name = 'audit'
	    and current_setting('identity.audit_purge', true) = 'on' then
		return null;
	end if;
	raise exception 'audit_append_only' using
	    detail = tg_op || ' on ' || tg_table_name || ' is not allowed';
end
$$;

-- For each statement, so that not even a statement that finds no row passes.
create trigger audit_append_only
    before update or delete or truncate on audit
    for each statement execute function audit_append_only();
create trigger audit_seal_append_only
    before update or delete or truncate on audit_seal
    for each statement execute function audit_append_only();

-- Hourly sums for the charts, so that no page scans the log.
create table stat_hour (
	hour		timestamptz not null
	    check (hour = date_trunc('hour', hour, 'UTC')),
	metric		text not null check (metric ~ '^[a-z][a-z0-9_]{0,63}$'),
	label		text not null default '' check (octet_length(label) <= 128),
	n		int8 not null default 0,
	total_us	int8 not null default 0,
	primary key (hour, metric, label)
) with (fillfactor = 70);
