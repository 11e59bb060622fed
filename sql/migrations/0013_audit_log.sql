-- 0013_audit_log: the chain over the audit log, purges, the console's look at
-- it, hourly sums and backups.  docs/PROTOCOL.audit.md has the formats.

-- ---- the chain ----

-- In place of 0004's table, which nothing has ever filled.  line is the seal
-- itself: the text that is hashed and exported; it names the hash of the line
-- before it, so each hash speaks for all that came before.  mac is the same
-- under a key that is not in the database.  The other columns repeat what is in
-- the line, for queries; verifying never reads them.
-- (xid, id): place of the last row that is covered.  after_id: rows up to this
-- id are of an earlier cluster, whose transactions were counted differently.
-- total: rows covered since the beginning.  up_to: the rows of the seals up to
-- this one have been removed.
drop table audit_seal;
create table audit_seal (
	no		int8 primary key check (no >= 1),
	line		text not null check (octet_length(line) <= 2048),
	hash		bytea not null check (octet_length(hash) = 32),
	mac		bytea not null check (octet_length(mac) = 32),
	key_id		text not null check (octet_length(key_id) <= 64),
	kind		text not null
	    constraint audit_seal_kind_domain
	    check (kind in ('rows', 'purge', 'restore')),
	at		timestamptz not null,
	after_id	int8 not null,
	xid		xid8 not null,
	id		int8 not null,
	n_rows		int8 not null check (n_rows >= 0),
	total		int8 not null check (total >= 0),
	first_at	timestamptz,
	last_at		timestamptz,
	up_to		int8
);
create index audit_seal_last_idx on audit_seal (last_at, no)
    where kind = 'rows';
create index audit_seal_purge_idx on audit_seal (up_to) where kind = 'purge';
create index audit_seal_restore_idx on audit_seal (after_id)
    where kind = 'restore';

-- What a seal covers, in order: 8 bytes of the row's id, 32 of its hash.  The
-- seal's digest is the hash of this.  It goes when the rows go.
create table audit_mark (
	no		int8 primary key,
	marks		bytea not null
);
alter table audit_mark alter column marks set storage external;

-- A purge that was decided and is not finished: its rows are hidden at once
-- (audit_is_hidden), its seal is made by whoever has the key, and then the rows
-- are deleted a batch at a time.  up_to is null until what has to go is sealed.
create table audit_purge (
	only_row	bool primary key default true check (only_row),
	is_active	bool not null default false,
	is_sealed	bool not null default false,
	up_to		int8,
	after_id	int8 not null default 0,
	to_id		int8 not null default 0,
	xid		xid8 not null default '0',
	id		int8 not null default 0,
	before		timestamptz
);
insert into audit_purge default values;

create or replace function audit_append_only() returns trigger
language plpgsql
as $$
begin
	if tg_op = 'DELETE' and tg_table_name in ('audit', 'audit_mark')
	    and current_setting('identity.audit_purge', true) = 'on' then
		return null;
	end if;
	raise exception 'audit_append_only' using
	    detail = tg_op || ' on ' || tg_table_name || ' is not allowed';
end
$$;
create trigger audit_seal_append_only
    before update or delete or truncate on audit_seal
    for each statement execute function audit_append_only();
create trigger audit_mark_append_only
    before update or delete or truncate on audit_mark
    for each statement execute function audit_append_only();

-- Microseconds, which is all that is stored.
create function audit_time(at timestamptz) returns text
language sql immutable parallel safe
as $$
	select to_char($1 at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- A row as it is hashed and exported: one line of JSON, all columns, this
-- order.  to_json(text) escapes as RFC 8785 wants, line ends included.
create function audit_line(a audit) returns text
language sql stable parallel safe
as $$
	select '{"id":' || a.id || ',"at":"' || audit_time(a.at)
	    || '","event":' || to_json(a.event) || ',"category":'
	    || to_json(a.category) || ',"outcome":' || to_json(a.outcome)
	    || ',"actor_id":' || coalesce('"' || a.actor_id || '"', 'null')
	    || ',"subject_id":' || coalesce('"' || a.subject_id || '"', 'null')
	    || ',"application_id":'
	    || coalesce('"' || a.application_id || '"', 'null')
	    || ',"session_id":' || coalesce('"' || a.session_id || '"', 'null')
	    || ',"key_id":' || coalesce(to_json(a.key_id)::text, 'null')
	    || ',"ip":' || coalesce('"' || host(a.ip) || '"', 'null')
	    || ',"remote":' || coalesce('"' || host(a.remote) || '"', 'null')
	    || ',"forwarded":' || coalesce(to_json(a.forwarded)::text, 'null')
	    || ',"client_ip":' || coalesce('"' || host(a.client_ip) || '"', 'null')
	    || ',"user_agent":' || coalesce(to_json(a.user_agent)::text, 'null')
	    || ',"request_id":' || coalesce(to_json(a.request_id)::text, 'null')
	    || ',"detail":' || coalesce(a.detail::text, 'null')
	    || ',"count":' || a.count || ',"first_at":'
	    || coalesce('"' || audit_time(a.first_at) || '"', 'null')
	    || ',"xid":"' || a.xid || '"}'
$$;

-- 40 bytes of a mark.
create function audit_mark_of(a audit) returns bytea
language sql stable parallel safe
as $$
	select int8send(a.id) || sha256(convert_to(audit_line(a), 'UTF8'))
$$;

-- Rows between two places, in the order of the chain.  "+ 0" keeps the bounds
-- of the id from choosing the index: a plan that was made while the table was
-- empty might read all of it by the primary key.
create function audit_between(after_id int8, from_xid xid8, from_id int8,
    to_xid xid8, to_id int8, max_id int8, max_rows int4)
returns setof audit
language sql stable rows 100
as $$
	select * from audit a
	where (a.xid, a.id) > ($2, $3) and (a.xid, a.id) <= ($4, $5)
	    and a.id + 0 > $1 and a.id + 0 <= $6
	order by a.xid, a.id
	limit $7
$$;

-- Rows that lie where those of the seal lie, a few more than a seal can have at
-- most.  Before a restore that is everything up to the id it names.
create function audit_sealed(seal_no int8) returns setof audit
language plpgsql stable rows 500 set search_path from current
as $$
declare
	s	audit_seal;
	before	audit_seal;
	max_id	int8;
begin
	select * into s from audit_seal z where z.no = seal_no;
	select * into before from audit_seal z where z.no = seal_no - 1
	    and z.after_id = s.after_id;
	select min(z.after_id) into max_id from audit_seal z
	    where z.kind = 'restore' and z.after_id > s.after_id;
	if exists (select from audit_seal z where z.no = seal_no + 1
	    and z.kind = 'restore') then
		s.xid := '18446744073709551615';
		s.id := max_id;
	end if;
	return query select * from audit_between(s.after_id,
	    coalesce(before.xid, '0'), coalesce(before.id, 0), s.xid, s.id,
	    coalesce(max_id, 9223372036854775807), 100001);
end
$$;

-- The seal that is to be made now, or nothing.  Rows below the oldest running
-- transaction are complete, so no writer is ever waited for.  Fewer than
-- |max_rows| are sealed when the oldest of them is older than |age_s|, or a
-- purge waits for it.  |is_restored|: the rows come from another cluster, so
-- that the transactions of this one say nothing about them.
create function audit_seal_next(max_rows int4, age_s int4,
    is_restored bool default false)
returns table (no int8, line text, marks bytea)
language plpgsql volatile rows 1 set search_path from current
as $$
declare
	s	audit_seal;
	p	audit_purge;
	top	xid8 := case when is_restored then '18446744073709551615'
	    else pg_snapshot_xmin(pg_current_snapshot()) end;
	n	int8;
	first	timestamptz;
	last	timestamptz;
	at_xid	xid8;
	at_id	int8;
	gone	int8;
begin
	select * into s from audit_seal order by audit_seal.no desc limit 1;
	if s.no is null then
		s.no := 0;
		s.hash := decode(repeat('00', 32), 'hex');
		s.after_id := 0;
		s.xid := '0';
		s.id := 0;
		s.total := 0;
	end if;
	select * into p from audit_purge;
	if p.is_active and not p.is_sealed then
		top := least(top, p.xid);
	end if;
	-- Most times nothing is due, so what is dear comes after that is known.
	select count(*), min(a.at), max(a.at), (array_agg(a.xid))[count(*)],
	    (array_agg(a.id))[count(*)] into n, first, last, at_xid, at_id
	    from audit_between(s.after_id, s.xid, s.id, top, 0,
	    9223372036854775807, max_rows) a;
	audit_seal_next.no := s.no + 1;
	if n > 0 and (n = max_rows or p.is_active and not p.is_sealed
	    or first < clock_timestamp() - age_s * interval '1 second') then
		select string_agg(audit_mark_of(a), '') into marks
		    from audit_between(s.after_id, s.xid, s.id, at_xid, at_id,
		    9223372036854775807, max_rows) a;
		line := '"rows","at":"' || audit_time(clock_timestamp())
		    || '","previous":"' || encode(s.hash, 'hex')
		    || '","after_id":' || s.after_id || ',"xid":"' || at_xid
		    || '","id":' || at_id || ',"n":' || n || ',"total":'
		    || s.total + n || ',"first_at":"' || audit_time(first)
		    || '","last_at":"' || audit_time(last) || '","digest":"'
		    || encode(sha256(marks), 'hex') || '"}';
	elsif n = 0 and p.is_active and not p.is_sealed then
		-- Up to here; no row is left that should go and is not sealed.
		p.up_to := coalesce(p.up_to, s.no);
		select coalesce(max(z.total) filter (where z.no <= p.up_to), 0)
		    - coalesce(max(z.total) filter (where z.no <= (select
		    max(y.up_to) from audit_seal y where y.kind = 'purge')), 0)
		    into gone from audit_seal z where z.no = p.up_to or z.no =
		    (select max(y.up_to) from audit_seal y
		    where y.kind = 'purge');
		marks := null;
		line := '"purge","at":"' || audit_time(clock_timestamp())
		    || '","previous":"' || encode(s.hash, 'hex')
		    || '","after_id":' || s.after_id || ',"xid":"' || s.xid
		    || '","id":' || s.id || ',"n":' || gone || ',"total":'
		    || s.total || ',"up_to":' || p.up_to || ',"before":'
		    || coalesce('"' || audit_time(p.before) || '"', 'null')
		    || '}';
	else
		return;
	end if;
	line := '{"no":' || s.no + 1 || ',"kind":' || line;
	return next;
end
$$;

-- Adds the seal of |line|, unless somebody else was faster: then 0.  What its
-- rows add to the hourly sums is added with it, so once.
create function audit_seal_add(line text, mac bytea, key_id text, marks bytea)
returns int8
language plpgsql volatile set search_path from current
as $$
declare
	j	jsonb := line::jsonb;
	s	audit_seal;
begin
	insert into audit_seal select (j ->> 'no')::int8, audit_seal_add.line,
	    sha256(convert_to(audit_seal_add.line, 'UTF8')), audit_seal_add.mac,
	    audit_seal_add.key_id, j ->> 'kind', (j ->> 'at')::timestamptz,
	    (j ->> 'after_id')::int8, (j ->> 'xid')::xid8, (j ->> 'id')::int8,
	    (j ->> 'n')::int8, (j ->> 'total')::int8,
	    (j ->> 'first_at')::timestamptz, (j ->> 'last_at')::timestamptz,
	    (j ->> 'up_to')::int8
	    on conflict (no) do nothing returning * into s;
	if s.no is null then
		return 0;
	end if;
	if s.kind = 'purge' then
		update audit_purge set is_sealed = true, up_to = s.up_to
		    where is_active;
		return s.no;
	end if;
	if s.kind = 'restore' then
		update audit_purge set to_id = least(to_id, s.after_id)
		    where is_active;
		return s.no;
	end if;
	insert into audit_mark values (s.no, marks);
	insert into stat_hour as h (hour, metric, label, n)
	    select date_trunc('hour', t.at, 'UTC'), a.event, l.label,
	    sum(a.count)
	    from audit_sealed(s.no) a cross join lateral (select coalesce(
	    case a.event when 'otp_sent' then a.detail ->> 'channel'
	    when 'login_succeeded' then a.detail ->> 'method'
	    else a.outcome end, '') as label) l
	    cross join lateral (values (a.at), ('epoch')) t (at)
	    group by 1, 2, 3 order by 1, 2, 3
	    on conflict (hour, metric, label) do update set n = h.n + excluded.n;
	return s.no;
end
$$;

-- The seal behind the rows of a backup, which are all sealed by then.
create function audit_restore_line() returns text
language sql volatile set search_path from current
as $$
	select '{"no":' || coalesce(s.no, 0) + 1 || ',"kind":"restore","at":"'
	    || audit_time(clock_timestamp()) || '","previous":"'
	    || coalesce(encode(s.hash, 'hex'), repeat('00', 32))
	    || '","after_id":' || coalesce((select max(a.id) from audit a), 0)
	    || ',"xid":"0","id":0,"n":0,"total":' || coalesce(s.total, 0) || '}'
	from (select 1) x left join lateral (select z.no, z.hash, z.total
	    from audit_seal z order by z.no desc limit 1) s on true
$$;

-- What a restored database does differently from the one that was saved: it
-- has another feed, and nobody is signed in; messages are not sent again.
create function database_restored(actor uuid, detail jsonb, request_id text,
    ip text, remote text, forwarded text, client_ip text, user_agent text)
returns int8
language plpgsql volatile set search_path from current
as $$
declare
	n	int8;
begin
	update sync_feed set epoch = gen_random_uuid(), purged_before = '0';
	update session set revoked_at = clock_timestamp(),
	    revoke_reason = 'admin'
	    where revoked_at is null and expires_at > now();
	get diagnostics n = row_count;
	update outbox set state = 'expired', payload = null,
	    ended_at = clock_timestamp() where ended_at is null;
	perform audit_act('database_restored', actor, null, null, detail
	    || jsonb_build_object('sessions', n), request_id, ip, remote,
	    forwarded, client_ip, user_agent);
	perform pg_notify('identity_change', '*');
	perform pg_notify('identity_feed', '*');
	return n;
end
$$;

-- ---- purges ----

-- Is the row to be thought of as gone?
create function audit_is_hidden(a audit, p audit_purge) returns bool
language sql immutable parallel safe
as $$
	select (p).is_active and ((a).id <= (p).after_id or (a).id <= (p).to_id
	    and ((a).xid, (a).id) <= ((p).xid, (p).id))
$$;

-- The last seal all of whose rows, and of those before it, are older.
create function audit_purge_seal(before timestamptz) returns int8
language sql stable
as $$
	select coalesce((select min(no) - 1 from audit_seal
	    where kind = 'rows' and last_at >= $1),
	    (select max(no) from audit_seal), 0)
$$;

-- How many rows the purge would remove; |before| null: everything that is
-- there.  What is being written while it is decided stays.
create function audit_purge_count(before timestamptz) returns int8
language plpgsql stable set search_path from current
as $$
declare
	s	audit_seal;
	gone	int8;
	n	int8 := 0;
begin
	if before is null then
		select * into s from audit_seal order by no desc limit 1;
		select count(*) into n from audit_between(
		    coalesce(s.after_id, 0), coalesce(s.xid, '0'),
		    coalesce(s.id, 0), pg_snapshot_xmin(pg_current_snapshot()),
		    0, 9223372036854775807, 2147483647);
	else
		select * into s from audit_seal
		    where no = audit_purge_seal(before);
	end if;
	select z.total into gone from audit_seal z where z.no = (
	    select max(y.up_to) from audit_seal y where y.kind = 'purge');
	return greatest(coalesce(s.total, 0) - coalesce(gone, 0), 0) + n;
end
$$;

-- Decides a purge: the event, and from now on the rows are hidden.  |confirmed|
-- is the number that somebody saw and typed; null: nobody was asked.
-- outcome: 'ok', 'purge_running', 'rows_changed', 'nothing'.
create function audit_purge_begin(before timestamptz, confirmed int8,
    actor uuid, request_id text, ip text, remote text, forwarded text,
    client_ip text, user_agent text)
returns table (outcome text, n_rows int8)
language plpgsql volatile rows 1 set search_path from current
as $$
declare
	p	audit_purge;
	s	audit_seal;
begin
	select * into p from audit_purge for update;
	n_rows := audit_purge_count(before);
	outcome := case when p.is_active then 'purge_running'
	    when n_rows < confirmed or n_rows > confirmed + 100
	    + confirmed / 100 then 'rows_changed'
	    when n_rows = 0 then 'nothing' else 'ok' end;
	if outcome <> 'ok' then
		return next;
		return;
	end if;
	if before is null then
		select * into s from audit_seal order by no desc limit 1;
		-- No row has id 0, so this is up to the transaction before it.
		s.xid := pg_snapshot_xmin(pg_current_snapshot());
		s.id := 0;
		s.after_id := coalesce(s.after_id, 0);
		s.no := null;
	else
		select * into s from audit_seal
		    where no = audit_purge_seal(before);
	end if;
	update audit_purge set is_active = true, is_sealed = false,
	    up_to = s.no, after_id = s.after_id, xid = s.xid, id = s.id,
	    to_id = coalesce((select min(z.after_id) from audit_seal z
	    where z.kind = 'restore' and z.after_id > s.after_id),
	    9223372036854775807),
	    before = audit_purge_begin.before;
	perform audit_act('audit_purged', actor, null, null, jsonb_build_object(
	    'rows', n_rows, 'before', json_time(before)), request_id, ip,
	    remote, forwarded, client_ip, user_agent);
	return next;
end
$$;

-- Deletes some of the rows that a sealed purge has to remove.  It runs as the
-- owner of the tables, since the service's role may not delete here.
-- Returns how many; fewer than |max_rows|: the purge has ended.
create function audit_purge_batch(max_rows int4) returns int8
language plpgsql volatile security definer set search_path from current
as $$
declare
	p	audit_purge;
	n	int8;
begin
	select * into p from audit_purge for update;
	if not p.is_active or not p.is_sealed then
		return 0;
	end if;
	perform set_config('identity.audit_purge', 'on', true);
	delete from audit where id = any(array(select a.id from audit a
	    where audit_is_hidden(a, p) order by a.id limit max_rows));
	get diagnostics n = row_count;
	if n < max_rows then
		delete from audit_mark where no <= p.up_to;
		update audit_purge set is_active = false;
	end if;
	perform set_config('identity.audit_purge', 'off', true);
	return n;
end
$$;

-- ---- looking at it ----

-- The first id whose time may be |at| or later: ids follow time but for rows
-- that were counted in memory and transactions that took long, so five minutes
-- are added.  A search of the key, since no index of times leads to ids.
create function audit_id_at(at timestamptz) returns int8
language plpgsql stable set search_path from current
as $$
declare
	lo	int8 := 0;
	hi	int8;
	mid	int8;
	t	timestamptz;
begin
	select coalesce(max(a.id), 0) + 1 into hi from audit a;
	while lo < hi loop
		mid := (lo + hi) / 2;
		select a.at into t from audit a where a.id >= mid
		    order by a.id limit 1;
		if t < audit_id_at.at - interval '5 minutes' then
			lo := mid + 1;
		else
			hi := mid;
		end if;
	end loop;
	return lo;
end
$$;

-- What a filter leaves of the log, newest first, from below |before_id|.  f:
-- events [text], user, application, ip, outcome, from, to, request_id, q; each
-- may be missing.  Costs no more than 20 000 rows looked at, whatever is asked:
-- where they are used up, |next| leads on though |items| is not full.
--
-- The most telling condition chooses the index, each of which ends in id; the
-- statement is made for what is asked, so that each is planned for itself.
create function audit_find(f jsonb, before_id int8, max_rows int4)
returns table (items audit[], next int8)
language plpgsql stable rows 100 set search_path from current
as $$
declare
	p	audit_purge;
	base	text := 'a.id < $2';
	other	text[] := '{}';
	arms	text[];
	scan	int4 := 20000;
	people	uuid[];
	n_events int4 := coalesce(jsonb_array_length(f -> 'events'), 0);
	source	text;
begin
	select * into p from audit_purge;
	if p.is_active then
		base := base || ' and not audit_is_hidden(a, $3)';
	end if;
	if f ? 'from' then
		base := base || format(' and a.id >= %s',
		    audit_id_at((f ->> 'from')::timestamptz));
		other := other || '($1 ->> ''from'')::timestamptz <= a.at'::text;
	end if;
	if f ? 'to' then
		base := base || format(' and a.id < %s', audit_id_at(
		    (f ->> 'to')::timestamptz + interval '10 minutes'));
		other := other || '($1 ->> ''to'')::timestamptz > a.at'::text;
	end if;
	if f ? 'request_id' then
		other := other || format('a.request_id = %L',
		    f ->> 'request_id');
		if f ->> 'request_id' <> 'cli' then
			arms := array[format('a.request_id = %L and '
			    'a.request_id is not null and a.request_id '
			    '<> ''cli''', f ->> 'request_id')];
		end if;
	end if;
	if f ? 'user' then
		other := other || format('(a.subject_id = %L or a.actor_id '
		    '= %1$L)', (f ->> 'user')::uuid);
		arms := coalesce(arms, array[format('a.subject_id = %L',
		    (f ->> 'user')::uuid), format('a.actor_id = %L and '
		    'a.actor_id is not null and a.actor_id is distinct from '
		    'a.subject_id', (f ->> 'user')::uuid)]);
	end if;
	if f ? 'ip' then
		other := other || format('a.ip <<= %L::inet', f ->> 'ip');
		if masklen((f ->> 'ip')::inet) = (case family((f ->> 'ip')::inet)
		    when 4 then 32 else 128 end) then
			arms := coalesce(arms, array[format('a.ip = %L::inet',
			    f ->> 'ip')]);
		end if;
	end if;
	if f ? 'application' then
		other := other || format('a.application_id = %L',
		    (f ->> 'application')::uuid);
		arms := coalesce(arms, array[format('a.application_id = %L',
		    (f ->> 'application')::uuid)]);
	end if;
	if n_events > 0 then
		other := other || format('a.event = any(%L::text[])',
		    array(select jsonb_array_elements_text(f -> 'events')));
		if n_events <= 32 then
			arms := coalesce(arms, array(select format(
			    'a.event = %L', e)
			    from jsonb_array_elements_text(f -> 'events') e));
		end if;
	end if;
	if f ? 'outcome' then
		other := other || case f ->> 'outcome'
		    when 'refused' then 'a.outcome <> ''ok'''
		    else format('a.outcome = %L', f ->> 'outcome') end;
	end if;
	if f ? 'q' then
		people := array(select x.auth_user_id from person x
		    where x.search_text like '%' || replace(replace(replace(
		    lower(f ->> 'q'), '\', '\\'), '%', '\%'), '_', '\_') || '%'
		    and x.deleted_at is null limit 200);
		other := other || format('(a.subject_id = any(%1$L::uuid[]) or '
		    'a.actor_id = any(%1$L::uuid[]) or a.request_id = %2$L or '
		    'strpos(a.event, lower(%2$L)) > 0 or strpos(lower('
		    'a.user_agent), lower(%2$L)) > 0 or strpos(lower('
		    'a.detail::text), lower(%2$L)) > 0)', people, f ->> 'q');
	end if;
	-- One arm and one condition: the index answers alone.
	if array_length(other, 1) is null or (array_length(other, 1) = 1
	    and arms is not null) then
		other := '{}';
		scan := max_rows;
	end if;
	arms := coalesce(arms, array['true']);
	select string_agg(format('(select a.* from audit a where %s and %s '
	    'order by a.id desc limit %s)', base, x, scan), ' union all ')
	    into source from unnest(arms) x;
	execute format('select array_agg(z) from (select a.* from (%s) a%s '
	    'order by a.id desc limit %s) z', source, coalesce(' where '
	    || nullif(array_to_string(other, ' and '), ''), ''), max_rows)
	    into items using f, before_id, p;
	items := coalesce(items, '{}');
	if cardinality(items) = max_rows then
		next := items[max_rows].id;
	elsif scan > max_rows then
		-- An arm that was not read to its end ends there.
		select string_agg(format('(select a.id from audit a where %s '
		    'and %s order by a.id desc offset %s limit 1)', base, x,
		    scan - 1), ' union all ') into source from unnest(arms) x;
		execute 'select max(id) from (' || source || ') a'
		    into next using f, before_id, p;
		items := array(select z from unnest(items) z
		    where next is null or z.id >= next);
	end if;
	return next;
end
$$;

-- A row as the console shows it.
create function audit_json(a audit) returns jsonb
language sql stable
as $$
	select jsonb_build_object('id', a.id, 'at', json_time(a.at),
	    'event', a.event, 'category', a.category, 'outcome', a.outcome,
	    'actor', case when a.actor_id is not null then
	    jsonb_build_object('id', a.actor_id, 'name', (select p.name
	    from person p where p.auth_user_id = a.actor_id)) end,
	    'subject', case when a.subject_id is not null then
	    jsonb_build_object('id', a.subject_id, 'name', (select p.name
	    from person p where p.auth_user_id = a.subject_id)) end,
	    'application', case when a.application_id is not null then
	    jsonb_build_object('id', a.application_id, 'name', (select x.name
	    from application x where x.id = a.application_id)) end,
	    'session_id', a.session_id, 'key_id', a.key_id, 'ip', a.ip::inet,
	    'remote', a.remote, 'forwarded', a.forwarded,
	    'client_ip', a.client_ip, 'user_agent', a.user_agent,
	    'request_id', a.request_id, 'detail', a.detail, 'count', a.count,
	    'first_at', json_time(a.first_at))
$$;

-- Checks a filter's values: [{"field","message"}], or null when all are good.
create function audit_filter_faults(f jsonb) returns jsonb
language plpgsql stable
as $$
declare
	faults	jsonb := '[]';
	k	text;
begin
	foreach k in array array['user', 'application', 'ip', 'from', 'to'] loop
	begin
		if k in ('user', 'application') then
			perform (f ->> k)::uuid;
		elsif k = 'ip' then
			perform network((f ->> k)::inet);
		else
			perform (f ->> k)::timestamptz;
			if f ->> k !~ '^\d{4}-\d\d-\d\d' then
				raise exception 'no time';
			end if;
		end if;
	exception when others then
		faults := faults || jsonb_build_object('field', k, 'message',
		    case when k in ('user', 'application')
		    then 'must be a UUID' when k = 'ip'
		    then 'must be an address or a block'
		    else 'must be a time of RFC 3339' end);
	end;
	end loop;
	return nullif(faults, '[]');
end
$$;

-- The body of a list; the version is that of what is shown, for an ETag.
create function audit_list(f jsonb, before_id int8, max_rows int4, is_count bool)
returns table (outcome text, version int8, body text)
language plpgsql stable rows 1 set search_path from current
as $$
declare
	r	record;
	n	int8;
	faults	jsonb := audit_filter_faults(f);
begin
	if faults is not null then
		return query select 'invalid', null::int8, faults::text;
		return;
	end if;
	select * into r from audit_find(f, before_id, max_rows);
	if is_count then
		select cardinality(x.items) into n from audit_find(f,
		    9223372036854775807, 10001) x;
	end if;
	return query select 'ok', coalesce(hashtextextended(string_agg(
	    a.id::text, ',' order by a.id), 0) & 9223372036854775807, 0),
	    jsonb_build_object('data', coalesce(jsonb_agg(audit_json(a)
	    order by a.id desc), '[]'), 'page', jsonb_strip_nulls(
	    jsonb_build_object('count', case when n > 10000 then 10000
	    else n end, 'count_capped',
	    n > 10000)) || jsonb_build_object('next_cursor', r.next::text,
	    'has_more', r.next is not null))::text
	    from unnest(r.items) a;
end
$$;

-- One row, with what happened around it: in the same request and session, or
-- from the same address within five minutes.
create function audit_show(row_id int8)
returns table (outcome text, version int8, body text)
language plpgsql stable rows 1 set search_path from current
as $$
declare
	a	audit;
	p	audit_purge;
begin
	select * into p from audit_purge;
	select * into a from audit x where x.id = row_id
	    and not audit_is_hidden(x, p);
	if a.id is null then
		return query select 'not_found', null::int8, null::text;
		return;
	end if;
	return query select 'ok', a.id, (audit_json(a) || jsonb_build_object(
	    'related', coalesce((select jsonb_agg(audit_json(x)
	    order by x.id desc) from audit x where x.id in (
	    (select y.id from audit y where y.request_id = a.request_id
	    and y.request_id is not null and y.request_id <> 'cli'
	    and a.request_id <> 'start' limit 20)
	    union (select y.id from audit y where y.subject_id = a.subject_id
	    and y.session_id = a.session_id order by y.id desc limit 10)
	    union (select y.id from audit y where y.ip = a.ip
	    and y.id between a.id - 1000 and a.id + 1000
	    and y.at between a.at - interval '5 minutes'
	    and a.at + interval '5 minutes' order by abs(y.id - a.id) limit 10))
	    and x.id <> a.id and not audit_is_hidden(x, p)), '[]')))::text;
end
$$;

-- What the console says about the chain.  ok: the newest thousand seals hang
-- together, and the rows of the newest are as they were sealed.
create function audit_chain()
returns table (outcome text, version int8, body text)
language plpgsql stable rows 1 set search_path from current
as $$
declare
	s	audit_seal;
	p	audit_purge;
	z	audit_seal;
	gone	int8;
	n	int8;
	fine	bool;
begin
	select * into s from audit_seal order by no desc limit 1;
	select * into p from audit_purge;
	select y.total into gone from audit_seal y where y.no = (select
	    max(x.up_to) from audit_seal x where x.kind = 'purge');
	select count(*) into n from (select from audit a
	    where a.id > coalesce(s.after_id, 0)
	    and (a.xid, a.id) > (coalesce(s.xid, '0'), coalesce(s.id, 0))
	    limit 100000) u;
	select coalesce(bool_and(x.hash = sha256(convert_to(x.line, 'UTF8'))
	    and (x.line::jsonb ->> 'previous' = encode(x.before, 'hex')
	    or x.before is null)), true) into fine
	    from (select y.no, y.line, y.hash, lag(y.hash) over (order by y.no)
	    as before from audit_seal y order by y.no desc limit 1000) x;
	select * into z from audit_seal y where y.kind = 'rows'
	    and y.no > coalesce((select max(x.up_to) from audit_seal x
	    where x.kind = 'purge'), 0) order by y.no desc limit 1;
	if z.no is not null then
		fine := fine and (select sha256(coalesce(string_agg(
		    audit_mark_of(a), ''), '')) from audit_sealed(z.no) a)
		    = decode(z.line::jsonb ->> 'digest', 'hex');
	end if;
	return query select 'ok', null::int8, jsonb_build_object(
	    'sealed_rows', coalesce(s.total, 0) - coalesce(gone, 0),
	    'last_seal', case when s.no is not null then jsonb_build_object(
	    'no', s.no, 'at', json_time(s.at), 'chain', encode(s.hash, 'hex'))
	    end, 'unsealed', n, 'is_purging', p.is_active, 'ok', fine)::text;
end
$$;

-- ---- exports ----

-- Lines of CSV of what a filter leaves, newest first; the first page begins
-- with the names.
create function audit_csv(f jsonb, place text)
returns table (piece text, next text)
language plpgsql stable rows 1 set search_path from current
as $$
declare
	r	record;
begin
	select * into r from audit_find(f, coalesce(place::int8,
	    9223372036854775807), 1000);
	return query select case when place is null then 'id,at,event,category,'
	    'outcome,actor_id,actor,subject_id,subject,application_id,'
	    'application,session_id,key_id,ip,remote,forwarded,client_ip,'
	    'user_agent,request_id,detail,count,first_at' || E'\r\n'
	    else '' end || coalesce(string_agg(concat_ws(',', a.id,
	    json_time(a.at), a.event, a.category, a.outcome,
	    coalesce(a.actor_id::text, ''), csv_cell(coalesce(x.name, '')),
	    coalesce(a.subject_id::text, ''), csv_cell(coalesce(y.name, '')),
	    coalesce(a.application_id::text, ''),
	    csv_cell(coalesce(z.name, '')), coalesce(a.session_id::text, ''),
	    csv_cell(coalesce(a.key_id, '')), coalesce(host(a.ip), ''),
	    coalesce(host(a.remote), ''), csv_cell(coalesce(a.forwarded, '')),
	    coalesce(host(a.client_ip), ''),
	    csv_cell(coalesce(a.user_agent, '')),
	    csv_cell(coalesce(a.request_id, '')),
	    csv_cell(coalesce(a.detail::text, '')), a.count,
	    coalesce(json_time(a.first_at), '')), E'\r\n'
	    order by a.id desc) || E'\r\n', ''), r.next::text
	    from unnest(r.items) a
	    left join person x on x.auth_user_id = a.actor_id
	    left join person y on y.auth_user_id = a.subject_id
	    left join application z on z.id = a.application_id;
end
$$;

-- The same as lines of JSON.  What a filter leaves is no chain, and says so.
create function audit_ndjson(f jsonb, place text)
returns table (piece text, next text)
language plpgsql stable rows 1 set search_path from current
as $$
declare
	r	record;
begin
	select * into r from audit_find(f, coalesce(place::int8,
	    9223372036854775807), 1000);
	return query select case when place is null then jsonb_build_object(
	    'audit_export', 1, 'at', audit_time(clock_timestamp()),
	    'is_chain', false, 'filter', f)::text || E'\n' else '' end
	    || coalesce(string_agg(audit_line(a), E'\n' order by a.id desc)
	    || E'\n', ''), r.next::text from unnest(r.items) a;
end
$$;

-- One seal and, before it, the rows that it covers; the first page begins with
-- a head, the last one ends with where the chain stood.  place: "no.last".
-- from, to: the seals that have a row of that time.
create function audit_chain_page(f jsonb, place text)
returns table (piece text, next text)
language plpgsql stable rows 100 set search_path from current
as $$
declare
	at_no	int8;
	to_no	int8;
	s	audit_seal;
	gone	int8;
	rows	text;
begin
	if place is null then
		select coalesce(min(z.no) filter (where z.last_at >= coalesce(
		    (f ->> 'from')::timestamptz, '-infinity')),
		    max(z.no), 0) into at_no from audit_seal z
		    where z.kind = 'rows';
		if not f ? 'from' then
			at_no := 1;
		end if;
		select coalesce(max(z.no), 0) into to_no from audit_seal z
		    where not f ? 'to' or z.at < (f ->> 'to')::timestamptz
		    or z.first_at < (f ->> 'to')::timestamptz;
		piece := jsonb_build_object('audit_export', 1, 'at',
		    audit_time(clock_timestamp()), 'is_chain', true,
		    'filter', f)::text || E'\n';
	else
		at_no := split_part(place, '.', 1)::int8;
		to_no := split_part(place, '.', 2)::int8;
		piece := '';
	end if;
	-- The seal that says what was removed goes along.
	select greatest(to_no, max(z.no)) into to_no from audit_seal z
	    where z.kind = 'purge' and z.up_to >= at_no;
	select * into s from audit_seal z where z.no = at_no and at_no <= to_no;
	if s.no is not null then
		select coalesce(max(z.up_to), 0) into gone from audit_seal z
		    where z.kind = 'purge';
		if s.kind = 'rows' and s.no > gone then
			select string_agg(audit_line(a), E'\n') || E'\n'
			    into rows from audit_sealed(s.no) a;
		end if;
		piece := piece || coalesce(rows, '') || '{"seal":'
		    || to_json(s.line) || ',"hash":"' || encode(s.hash, 'hex')
		    || '","mac":"' || encode(s.mac, 'hex') || '","key_id":'
		    || to_json(s.key_id) || coalesce(',"marks":"' || (
		    select translate(encode(m.marks, 'base64'), E'\n', '')
		    from audit_mark m where m.no = s.no and s.no > gone)
		    || '"', '') || '}' || E'\n';
	end if;
	if at_no < to_no then
		next := at_no + 1 || '.' || to_no;
	else
		piece := piece || '{"end":' || to_no || '}' || E'\n';
	end if;
	return next;
end
$$;

-- A page of an export in the form and with the filter that were asked for.
create function audit_export(form text, f jsonb, place text)
returns table (piece text, next text)
language plpgsql stable rows 1 set search_path from current
as $$
begin
	if form = 'csv' then
		return query select * from audit_csv(f, place);
	elsif f - 'from' - 'to' = '{}' then
		return query select * from audit_chain_page(f, place);
	else
		return query select * from audit_ndjson(f, place);
	end if;
end
$$;

insert into setting (name, kind, default_value, min, max, pattern, description)
values
	('audit_seal_s', 'int', '60', 1, 3600, null,
	    'Audit rows are sealed when they are this old, or a thousand');

-- ---- the overview ----

-- Index of the code's one question, how many of an hour were used.
create index challenge_created_idx on challenge using brin (created_at);

-- The last backup that identityd made or was told of.
create table backup_run (
	only_row	bool primary key default true check (only_row),
	at		timestamptz not null,
	bytes		int8 not null,
	seconds		float8 not null
);

-- Counts that take long are kept for a hundred times as long as they took.
create table overview_count (
	only_row	bool primary key default true check (only_row),
	at		timestamptz not null,
	took		interval not null,
	body		jsonb not null
);

create function overview_counts() returns jsonb
language plpgsql volatile set search_path from current
as $$
declare
	c	overview_count;
	began	timestamptz := clock_timestamp();
begin
	select * into c from overview_count;
	if c.at > began - greatest(c.took * 100, interval '1 second') then
		return c.body;
	end if;
	c.body := (select jsonb_build_object(
	    'active_24h', count(*) filter
	    (where l.last_login_at > began - interval '1 day'),
	    'active_7d', count(*) filter
	    (where l.last_login_at > began - interval '7 days'),
	    'active_30d', count(*)) from person_login l
	    where l.last_login_at > began - interval '30 days')
	    || (select jsonb_build_object('people', count(*)) from person
	    where deleted_at is null)
	    || (select jsonb_build_object('sessions', count(*)) from session
	    where revoked_at is null and expires_at > began)
	    || (select jsonb_build_object('applications', count(*))
	    from application)
	    || (select jsonb_build_object('keys_expiring', count(*) filter
	    (where expires_at < began + interval '30 days'),
	    'keys_unused', count(*) filter (where coalesce(last_used_at,
	    created_at) < began - interval '90 days')) from application_key
	    where is_enabled and (expires_at is null or expires_at > began));
	insert into overview_count as o (at, took, body)
	    values (began, clock_timestamp() - began, c.body)
	    on conflict (only_row) do update set at = excluded.at,
	    took = excluded.took, body = excluded.body where o.at < excluded.at;
	return c.body;
end
$$;

-- Steps of a sound installation.  env: what only the service knows.
create function overview_checklist(env jsonb) returns jsonb
language sql stable set search_path from current
as $$
	select jsonb_agg(jsonb_build_object('id', c.id, 'done', c.done,
	    'title', c.title, 'link', c.link) order by c.n)
	from (values
	(1, 'second_admin', (select count(*) > 1 from person where is_admin
	    and deleted_at is null), 'A second administrator',
	    '/setup/users'),
	(2, 'admin_mfa', not exists (select from person where is_admin
	    and deleted_at is null and not mfa_enabled),
	    'A second factor for every administrator', '/setup/account'),
	(3, 'email_tested', exists (select from provider where type = 'smtp'
	    and is_enabled and coalesce(tested_at, last_ok_at) is not null),
	    'E-mail is set up and tested', '/setup/authentication'),
	(4, 'sms_tested', exists (select from provider where type <> 'smtp'
	    and is_enabled and coalesce(tested_at, last_ok_at) is not null),
	    'Text messages are set up and tested', '/setup/authentication'),
	(5, 'public_url', (env ->> 'has_public_url')::bool or exists (
	    select from setting where name = 'public_hostname'
	    and coalesce(value, default_value) <> '""'),
	    'The public address is set', '/setup/platform'),
	(6, 'trusted_proxies', (env ->> 'has_proxies')::bool,
	    'The proxy in front is trusted', '/setup/platform/runtime'),
	(7, 'application', exists (select from application_key
	    where last_used_at is not null),
	    'An application has used its key', '/setup/applications'),
	(8, 'backup', exists (select from backup_run
	    where at > now() - interval '1 day'),
	    'A backup younger than a day', '/setup/guide')
	) c (n, id, done, title, link)
$$;

-- Wrong and used codes of the last hour's challenges, of all nodes.  Typing
-- errors are few beside the codes that are used; more wrong ones than used ones
-- are guesses, each of them within its own code's five (security.md 3.3).
create function codes_of_hour(out wrong int8, out used int8, out is_odd bool)
language sql stable set search_path from current
as $$
	select c.wrong, c.used, c.wrong > 50 and c.wrong > c.used
	from (select coalesce(sum(k.attempts - (k.used_at is not null)::int4),
	    0) as wrong, count(k.used_at) as used from challenge k
	    where k.created_at > now() - interval '1 hour') c
$$;

-- Tells of guesses at codes once an hour, whichever node sees them first.
-- Null: nothing to tell.
create function codes_alarm() returns int8
language plpgsql volatile set search_path from current
as $$
declare
	h	record;
begin
	select * into h from codes_of_hour();
	if not h.is_odd or not pg_try_advisory_xact_lock(hashtextextended(
	    'codes_alarm', 0)) or exists (select from audit a
	    where a.event = 'wrong_codes' and a.at > now() - interval '1 hour')
	    then
		return null;
	end if;
	insert into audit (event, category, outcome, detail)
	    values ('wrong_codes', 'sign_in', 'alarm', jsonb_build_object(
	    'wrong', h.wrong, 'used', h.used));
	return h.wrong;
end
$$;

create function overview_health(env jsonb) returns jsonb
language plpgsql volatile set search_path from current
as $$
declare
	h	jsonb := '[]';
	r	record;
	n	int8;
	age	interval;
begin
	h := h || jsonb_build_object('id', 'database', 'state', case
	    when (env ->> 'db_waiting')::int8 > 10 then 'warn' else 'ok' end,
	    'text', format('PostgreSQL %s, schema %s, %s of %s connections '
	    'busy', split_part(current_setting('server_version'), ' ', 1),
	    env ->> 'schema_version', env ->> 'db_busy', env ->> 'db_ready'));
	for r in select name, is_enabled, last_ok_at, last_error_at, last_error,
	    paused_until from provider where is_enabled order by priority, name
	    limit 20 loop
		h := h || jsonb_build_object('id', 'provider:' || r.name,
		    'state', case when r.paused_until > now() then 'bad'
		    when r.last_error_at > coalesce(r.last_ok_at, '-infinity')
		    then 'warn' else 'ok' end, 'text', case
		    when r.paused_until > now() or r.last_error_at
		    > coalesce(r.last_ok_at, '-infinity') then format(
		    '%s: %s', r.name, coalesce(r.last_error, 'failing'))
		    when r.last_ok_at is null then format(
		    '%s has sent nothing yet', r.name)
		    else format('%s works', r.name) end);
	end loop;
	select count(*), now() - min(created_at) into n, age from (select
	    o.created_at from outbox o where o.state in ('queued', 'sending')
	    limit 10000) o;
	h := h || jsonb_build_object('id', 'outbox', 'state', case
	    when age > interval '5 minutes' then 'bad'
	    when age > interval '1 minute' then 'warn' else 'ok' end,
	    'text', case when n = 0 then 'No message waits' else format(
	    '%s messages wait, the oldest for %s s', n,
	    extract(epoch from age)::int8) end);
	select * into r from audit_seal order by no desc limit 1;
	select now() - min(a.at) into age from (select z.at from audit z
	    where z.id > coalesce(r.after_id, 0) and (z.xid, z.id)
	    > (coalesce(r.xid, '0'), coalesce(r.id, 0))
	    order by z.xid, z.id limit 1) a;
	h := h || jsonb_build_object('id', 'audit_chain', 'state', case
	    when age > interval '2 hours' then 'bad'
	    when age > interval '1 hour 10 minutes' then 'warn' else 'ok' end,
	    'text', case when r.no is null then 'No audit row is sealed yet'
	    else format('Audit log sealed up to seal %s', r.no) end);
	select * into r from backup_run;
	h := h || jsonb_build_object('id', 'backup', 'state', case
	    when r.at is null or r.at < now() - interval '7 days' then 'warn'
	    else 'ok' end, 'text', case when r.at is null
	    then 'No backup was made yet' else format('Last backup %s',
	    to_char(r.at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')) end);
	select * into r from codes_of_hour();
	if r.is_odd then
		h := h || jsonb_build_object('id', 'codes', 'state', 'bad',
		    'text', format('Somebody guesses codes: %s wrong and %s '
		    'used in the last hour', r.wrong, r.used));
	end if;
	if (env ->> 'dev_otp')::bool then
		h := h || jsonb_build_object('id', 'dev_otp', 'state', 'bad',
		    'text', 'IDENTITY_DEV_OTP shows one-time codes in answers');
	end if;
	return h;
end
$$;

-- The same minute counted again gives the same: used codes and sent messages of
-- this hour and the last one.
create function stat_codes() returns int8
language sql volatile set search_path from current
as $$
	with c as (
		select date_trunc('hour', created_at, 'UTC') as hour,
		    'otp_verified' as metric, channel as label, count(*) as n
		from challenge where used_at is not null and created_at
		    >= date_trunc('hour', now(), 'UTC') - interval '1 hour'
		group by 1, 3
		union all
		select date_trunc('hour', ended_at, 'UTC'), 'otp_delivered',
		    channel, count(*)
		from outbox where state = 'sent' and kind = 'code'
		    and ended_at >= date_trunc('hour', now(), 'UTC')
		    - interval '1 hour'
		group by 1, 3
	), u as (
		insert into stat_hour as h (hour, metric, label, n)
		select c.hour, c.metric, c.label, c.n from c
		order by 1, 2, 3
		on conflict (hour, metric, label) do update
		set n = greatest(h.n, excluded.n)
		returning 1
	)
	select count(*) from u
$$;

-- Sums of the time range in steps; every step is there.
create function overview_charts(span interval, step interval) returns jsonb
language sql stable set search_path from current
as $$
	with t as (
		select g as at from generate_series(date_bin(step, now() - span
		    + step, '2000-01-01 00:00Z'), now(), step) g
	), s as (
		select date_bin(step, h.hour, '2000-01-01 00:00Z') as at,
		    h.metric, h.label, sum(h.n)::int8 as n
		from stat_hour h where h.hour >= (select min(t.at) from t)
		group by 1, 2, 3
	), b as (
		select s.at, case s.label when 'inf' then 60000000::float8
		    else s.label::float8 end as le, s.n,
		    sum(s.n) over (partition by s.at order by case s.label
		    when 'inf' then 60000000::float8 else s.label::float8 end)
		    as upto, sum(s.n) over (partition by s.at) as total
		from s where s.metric = 'latency_us'
	)
	select jsonb_build_object(
	    'sign_ins', (select jsonb_agg(jsonb_build_object(
	    'at', json_time(t.at),
	    'ok', coalesce((select sum(n) from s where s.at = t.at
	    and s.metric = 'login_succeeded'), 0),
	    'failed', coalesce((select sum(n) from s where s.at = t.at
	    and (s.metric = 'login_failed' or s.metric = 'login_refused'
	    and s.label <> 'mfa_required')), 0),
	    'mfa_failed', coalesce((select sum(n) from s where s.at = t.at
	    and s.metric in ('factor_refused', 'otp_failed')), 0))
	    order by t.at) from t),
	    'denied', (select jsonb_agg(jsonb_build_object(
	    'at', json_time(t.at)) || coalesce((select jsonb_object_agg(
	    d.metric, d.n) from (select s.metric, sum(s.n) as n from s
	    where s.at = t.at and s.metric in ('api_key_missing',
	    'api_key_invalid', 'application_disabled', 'ip_not_allowed',
	    'rate_limited', 'too_many_attempts', 'session_refused',
	    'refresh_refused') group by 1) d), '{}') order by t.at) from t),
	    'otp', (select jsonb_agg(jsonb_build_object('channel', c.channel,
	    'requested', coalesce((select sum(n) from s where s.metric
	    = 'otp_sent' and s.label = c.channel), 0),
	    'sent', coalesce((select sum(n) from s where s.metric
	    = 'otp_delivered' and s.label = c.channel), 0),
	    'verified', coalesce((select sum(n) from s where s.metric
	    = 'otp_verified' and s.label = c.channel), 0)) order by c.channel)
	    from (values ('email'), ('sms')) c (channel)),
	    'latency', coalesce((select jsonb_agg(jsonb_build_object(
	    'at', json_time(q.at), 'p50_ms', q.p50 / 1000, 'p95_ms',
	    q.p95 / 1000) order by q.at) from (select b.at,
	    min(b.le) filter (where b.upto >= b.total * 0.5) as p50,
	    min(b.le) filter (where b.upto >= b.total * 0.95) as p95
	    from b where b.total > 0 group by b.at) q), '[]'))
$$;

-- What matters lately: no sign-in that went well, no everyday call.
create function overview_recent() returns jsonb
language sql stable set search_path from current
as $$
	select coalesce(jsonb_agg(audit_json(a) order by a.id desc), '[]')
	from (select a.* from (select z.* from audit z, audit_purge p
	    where not audit_is_hidden(z, p) order by z.id desc limit 500) a
	    where a.category in ('admin', 'denied', 'system')
	    or a.outcome <> 'ok' order by a.id desc limit 6) a
$$;

create function overview(span text, env jsonb)
returns table (outcome text, version int8, body text)
language plpgsql volatile rows 1 set search_path from current
as $$
declare
	range	interval := case span when '7d' then interval '7 days'
	    when '30d' then interval '30 days' when '90d'
	    then interval '90 days' else interval '1 day' end;
	step	interval := case span when '30d' then interval '1 day'
	    when '90d' then interval '1 day' when '7d' then interval '6 hours'
	    else interval '1 hour' end;
begin
	return query select 'ok', null::int8, jsonb_build_object(
	    'checklist', overview_checklist(env),
	    'health', overview_health(env), 'kpis', overview_counts(),
	    'charts', overview_charts(range, step),
	    'recent', overview_recent(), 'version', env ->> 'version')::text;
end
$$;

-- Adds to the sums of this hour: [{metric, label, n}].
create function stat_add(sums jsonb) returns int8
language sql volatile set search_path from current
as $$
	with u as (
		insert into stat_hour as h (hour, metric, label, n, total_us)
		select date_trunc('hour', now(), 'UTC'), x.metric, x.label,
		    x.n, coalesce(x.total_us, 0)
		from jsonb_to_recordset(sums) x (metric text, label text,
		    n int8, total_us int8)
		order by x.metric, x.label
		on conflict (hour, metric, label) do update
		set n = h.n + excluded.n,
		    total_us = h.total_us + excluded.total_us
		returning 1
	)
	select count(*) from u
$$;

-- ---- metrics ----

-- Sums since the beginning, which only grow: the rows of the epoch's hour.
create view stat_total as
	select metric, label, n from stat_hour where hour = 'epoch';

-- Text with a label's value escaped (exposition format 0.0.4).
create function metrics_label(v text) returns text
language sql immutable parallel safe
as $$
	select replace(replace(replace(v, '\', '\\'), '"', '\"'), E'\n', '\n')
$$;

create function metrics(ip text)
returns table (is_allowed bool, body text)
language plpgsql volatile rows 1 set search_path from current
as $$
declare
	c	jsonb;
	b	text;
begin
	if not exists (select from setting s, jsonb_array_elements_text(
	    coalesce(s.value, s.default_value)) a
	    where s.name = 'metrics_allow' and $1::inet <<= a.value::inet) then
		return query select false, null::text;
		return;
	end if;
	c := overview_counts();
	select string_agg(x.line, E'\n' order by x.n, x.line) into b from (
	    select 1 as n, '# HELP identityd_sign_ins_total By method or '
	    'reason, up to a minute late.' || E'\n'
	    '# TYPE identityd_sign_ins_total counter' as line
	    union all select 2, format('identityd_sign_ins_total{method="%s",'
	    'result="%s"} %s', case s.metric when 'login_succeeded'
	    then metrics_label(s.label) else '' end, case s.metric
	    when 'login_succeeded' then 'ok' else metrics_label(s.label) end,
	    sum(s.n)) from stat_total s where s.metric in
	    ('login_succeeded', 'login_failed', 'login_refused')
	    group by case s.metric when 'login_succeeded'
	    then metrics_label(s.label) else '' end, case s.metric
	    when 'login_succeeded' then 'ok' else metrics_label(s.label) end
	    union all select 3, '# HELP identityd_denied_requests_total By '
	    'reason.' || E'\n# TYPE identityd_denied_requests_total counter'
	    union all select 4, format('identityd_denied_requests_total'
	    '{reason="%s"} %s', s.metric, sum(s.n)) from stat_total s
	    where s.metric in ('api_key_missing', 'api_key_invalid',
	    'application_disabled', 'ip_not_allowed', 'rate_limited',
	    'too_many_attempts', 'session_refused', 'refresh_refused')
	    group by s.metric
	    union all select 5, '# HELP identityd_otp_messages_total Codes '
	    'made, by channel.' || E'\n# TYPE identityd_otp_messages_total '
	    'counter'
	    union all select 6, format('identityd_otp_messages_total'
	    '{channel="%s"} %s', metrics_label(s.label), s.n)
	    from stat_total s where s.metric = 'otp_sent'
	    union all select 7, '# HELP identityd_otp_failures_total Codes '
	    'that were wrong.' || E'\n# TYPE identityd_otp_failures_total '
	    'counter'
	    union all select 8, format('identityd_otp_failures_total %s',
	    coalesce(sum(s.n), 0)) from stat_total s where s.metric in
	    ('otp_failed', 'factor_refused')
	    union all select 9, '# HELP identityd_sessions_active Live '
	    'sessions.' || E'\n# TYPE identityd_sessions_active gauge' || E'\n'
	    || 'identityd_sessions_active ' || (c ->> 'sessions')
	    union all select 10, '# HELP identityd_users People in the '
	    'directory.' || E'\n# TYPE identityd_users gauge' || E'\n'
	    || 'identityd_users ' || (c ->> 'people')
	    union all select 11, '# HELP identityd_schema_version Of the '
	    'database.' || E'\n# TYPE identityd_schema_version gauge' || E'\n'
	    || 'identityd_schema_version ' || (select max(num)
	    from schema_migration)
	    union all select 12, '# HELP identityd_audit_sealed_rows_total '
	    'Audit rows under a seal.' || E'\n# TYPE '
	    'identityd_audit_sealed_rows_total counter' || E'\n'
	    || 'identityd_audit_sealed_rows_total ' || coalesce((select total
	    from audit_seal order by no desc limit 1), 0)
	    union all select 13, '# HELP identityd_outbox_waiting Messages '
	    'to be sent.' || E'\n# TYPE identityd_outbox_waiting gauge' || E'\n'
	    || 'identityd_outbox_waiting ' || (select count(*) from outbox
	    where state in ('queued', 'sending'))
	    union all select 14, '# HELP '
	    'identityd_last_backup_timestamp_seconds When the last backup was '
	    'made.' || E'\n# TYPE identityd_last_backup_timestamp_seconds '
	    'gauge' || E'\nidentityd_last_backup_timestamp_seconds '
	    || extract(epoch from at)::int8 from backup_run) x;
	return query select true, b || E'\n';
end
$$;
