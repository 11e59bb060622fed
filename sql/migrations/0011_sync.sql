-- 0011_sync: what /users/sync reads (the feed is explained in 0002), what
-- applications have seen of it, and webhooks.  docs/PROTOCOL.sync.md has the
-- argument why nothing can be lost.

-- RFC 9562 s.5.9, s.5.10: nobody's ids.  A place in the feed is (changed_xid,
-- id); with the greatest id it stands behind all of its transaction.
alter table person add constraint person_id_not_reserved check (
    auth_user_id not in ('00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff'));

-- When the application's cursor had passed it; older than removed_at: of an
-- earlier leave.
alter table assignment_tombstone add column acked_at timestamptz;
create index assignment_tombstone_latest_idx
    on assignment_tombstone (application_id, removed_at);
create index assignment_tombstone_unacked_idx
    on assignment_tombstone (application_id, changed_xid)
    where acked_at is null or acked_at < removed_at;

-- acked_xid: all of the feed up to this transaction was there when the
-- application came back; null: it has never come back with a cursor.
alter table sync_client alter column acked_xid drop not null,
    alter column acked_at drop not null, alter column acked_at drop default,
    add column last_sync_at timestamptz not null default clock_timestamp();

-- A cursor may stand behind what was committed, so what was committed must be
-- there after a crash: otherwise its transaction id would be given again, and
-- a change could hide behind cursors.  Whatever the session says.
create function feed_is_durable() returns trigger
language plpgsql
as $$
begin
	if current_setting('synchronous_commit') = 'off' then
		perform set_config('synchronous_commit', 'local', true);
	end if;
	return null;
end
$$;
create trigger person_is_durable after insert or update or delete on person
    for each statement execute function feed_is_durable();
create trigger assignment_is_durable
    after insert or update or delete on assignment
    for each statement execute function feed_is_durable();

-- The User object of the contract, in its order.
create function person_json(id uuid, name text, mobile_number text,
    email text, emp_id text, status text, mfa_enabled bool,
    updated_at timestamptz, sync_hash text)
returns text
language sql stable parallel safe
as $$
	select '{"auth_user_id":"' || id || '","name":' || to_json(name)
	    || ',"mobile_number":'
	    || coalesce('"' || mobile_number || '"', 'null')
	    || ',"email":' || coalesce(to_json(email)::text, 'null')
	    || ',"emp_id":' || coalesce(to_json(emp_id)::text, 'null')
	    || ',"status":"' || status || '","mfa_enabled":' || mfa_enabled
	    || ',"updated_at":"' || json_time(updated_at)
	    || '","sync_hash":"' || sync_hash || '"}'
$$;

-- XOR of SHA-256(id:sync_hash) over all that are assigned, as the statement's
-- snapshot sees them.
create function sync_set_hash(app uuid) returns text
language sql stable parallel safe
set jit = off
as $$
	select encode(substring(varbit_send(coalesce(bit_xor(('x' || encode(
	    sha256((p.auth_user_id || ':' || p.sync_hash)::bytea), 'hex')
	    )::bit(256)), 0::bit(256))) from 5), 'hex')
	from assignment a join person p on p.auth_user_id = a.person_id
	where a.application_id = $1
$$;

-- The greatest place of the application's feed that a cursor may stand at: all
-- transactions up to it have ended, and it was committed itself, so that a
-- crash cannot give its number again (pg_snapshot_xmin alone may be one that
-- nothing on disk knows of).
create function sync_settled(app uuid, cut xid8) returns xid8
-- Not sql, which is planned at each call: each arm is one step in an index.
language plpgsql stable parallel safe
as $$
begin
	return coalesce(greatest(
	    (select p.changed_xid from person p where p.changed_xid < $2
	    order by p.changed_xid desc limit 1),
	    (select a.changed_xid from assignment a
	    where a.application_id = $1 and a.changed_xid < $2
	    order by a.changed_xid desc limit 1),
	    (select t.changed_xid from assignment_tombstone t
	    where t.application_id = $1 and t.changed_xid < $2
	    order by t.changed_xid desc limit 1)), '0'::xid8);
end
$$;

-- The places of the feed behind (from_xid, from_id) and before |cut|, in order,
-- |max| at most.  Three ordered arms, each one index from where the reader
-- stands: people, if their place is their own change; assignments, if it is
-- theirs; leavers.  An arm looks at |scan| entries at most, since the people's
-- index is common to all applications and entries of the first two arms may
-- belong to the other one.  Where it stopped so, is_end marks the last place
-- looked at: all up to the first such mark is complete.
create function sync_places(app uuid, from_xid xid8, from_id uuid, cut xid8,
    max int4, scan int4)
returns table (xid xid8, id uuid, is_removed bool, is_end bool)
language plpgsql stable rows 100
-- A plan that was made for few must not be kept for many.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_bitmapscan = off set enable_material = off set jit = off
set plan_cache_mode = force_generic_plan
as $$
begin
	return query
	with by_person as materialized (
		select w.changed_xid, w.auth_user_id
		from (select p.changed_xid, p.auth_user_id from person p
		    where (p.changed_xid, p.auth_user_id) > (from_xid, from_id)
		    and p.changed_xid < cut
		    order by p.changed_xid, p.auth_user_id limit scan) w
		join assignment a on a.application_id = app
		    and a.person_id = w.auth_user_id
		where a.changed_xid <= w.changed_xid
		order by w.changed_xid, w.auth_user_id limit max
	), by_assignment as materialized (
		select w.changed_xid, w.person_id
		from (select a.changed_xid, a.person_id from assignment a
		    where a.application_id = app
		    and (a.changed_xid, a.person_id) > (from_xid, from_id)
		    and a.changed_xid < cut
		    order by a.changed_xid, a.person_id limit scan) w
		join person p on p.auth_user_id = w.person_id
		where p.changed_xid < w.changed_xid
		order by w.changed_xid, w.person_id limit max
	), leavers as materialized (
		select t.changed_xid, t.person_id
		from assignment_tombstone t
		where t.application_id = app
		    and (t.changed_xid, t.person_id) > (from_xid, from_id)
		    and t.changed_xid < cut
		    and not exists (select from assignment a
		    where a.application_id = app
		    and a.person_id = t.person_id)
		order by t.changed_xid, t.person_id limit max
	), people_end as (
		select p.changed_xid, p.auth_user_id from person p
		where (select count(*) from by_person) < max
		    and (p.changed_xid, p.auth_user_id) > (from_xid, from_id)
		    and p.changed_xid < cut
		order by p.changed_xid, p.auth_user_id offset scan - 1 limit 1
	), assignment_end as (
		select a.changed_xid, a.person_id from assignment a
		where (select count(*) from by_assignment) < max
		    and a.application_id = app
		    and (a.changed_xid, a.person_id) > (from_xid, from_id)
		    and a.changed_xid < cut
		order by a.changed_xid, a.person_id offset scan - 1 limit 1
	)
	select b.changed_xid, b.auth_user_id, false, false from by_person b
	union all
	select b.changed_xid, b.person_id, false, false from by_assignment b
	union all
	select b.changed_xid, b.person_id, true, false from leavers b
	union all
	select b.changed_xid, b.auth_user_id, false, true from people_end b
	union all
	select b.changed_xid, b.person_id, false, true from assignment_end b
	order by 1, 2, 4 limit max;
end
$$;

-- What is wrong with a cursor: null, or 'resync_required': of another life of
-- the database, ahead of it, or older than the tombstones kept.
create function sync_verdict(epoch uuid, xid int8, id uuid, cut xid8)
returns text
language sql stable parallel safe
as $$
	select case when f.epoch <> $1 or $2 >= $4::text::int8
	    or ($2, $3) < (f.purged_before::text::int8 - 1,
	    'ffffffff-ffff-ffff-ffff-ffffffffffff')
	    then 'resync_required' end
	from sync_feed f
$$;

-- A page of changes behind (xid, id).  waits_for: a change newer than the page
-- is visible already, but a transaction as old as this one is still running;
-- null: there is none.
create function sync_delta(app uuid, epoch uuid, xid int8, id uuid, max int4,
    with_hash bool)
returns table (outcome text, people text, n_people int4, removed text,
    n_removed int4, has_more bool, next_xid int8, next_id uuid,
    waits_for int8, set_hash text)
language plpgsql stable rows 1
as $$
declare
	scan	constant int4 := 20000;
	last	constant uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
	cut	constant xid8 := pg_snapshot_xmin(pg_current_snapshot());
	found_n	int4;
	stop_x	xid8;
	stop_id	uuid;
begin
	outcome := sync_verdict(epoch, xid, id, cut);
	if outcome is not null then
		return next;
		return;
	end if;
	outcome := 'ok';
	with f as materialized (
		select s.xid, s.id, s.is_removed, s.is_end, row_number() over w
		    as no, bool_or(s.is_end) over w as is_past
		from sync_places(app, xid::text::xid8, id, cut, max + 1, scan) s
		window w as (order by s.xid, s.id, s.is_end
		    rows unbounded preceding)
	), taken as (
		select f.no, f.id, f.is_removed from f
		where f.no <= max and not f.is_past order by f.no
	), users as (
		select string_agg(person_json(p.auth_user_id, p.name,
		    p.mobile_number, p.email, p.emp_id, p.status,
		    p.mfa_enabled, p.updated_at, p.sync_hash), ','
		    order by t.no) as body, count(*)::int4 as n
		from taken t join person p on p.auth_user_id = t.id
		where not t.is_removed
	), gone as (
		select string_agg('{"auth_user_id":"' || t.id || '","reason":"'
		    || d.reason || '","removed_at":"' || json_time(d.removed_at)
		    || '"}', ',' order by t.no) as body, count(*)::int4 as n
		from taken t join assignment_tombstone d
		    on d.application_id = app and d.person_id = t.id
		where t.is_removed
	), stop as (
		-- The end of an arm, or the last that fits when there are more.
		select f.xid, f.id from f
		where f.is_end or (f.no = max
		    and exists (select from f g where g.no > max))
		order by f.no limit 1
	)
	select coalesce(u.body, ''), u.n, coalesce(g.body, ''), g.n, s.xid, s.id
	into people, n_people, removed, n_removed, stop_x, stop_id
	from users u cross join gone g left join stop s on true;
	has_more := stop_x is not null;
	if not has_more then
		stop_x := sync_settled(app, cut);
		stop_id := last;
		if stop_x < xid::text::xid8 then
			stop_x := xid::text::xid8;
		end if;
		waits_for := (select s.xid::text::int8
		    from sync_places(app, stop_x, last,
		    '9223372036854775807'::xid8, 1, scan) s);
	end if;
	next_xid := stop_x::text::int8;
	next_id := stop_id;
	if with_hash and not has_more and waits_for is null then
		set_hash := sync_set_hash(app);
	end if;
	return next;
end
$$;

-- A page of a full snapshot: people by id behind |after|.  Its changes since
-- the first page follow as a delta from |start|; a first page (start null)
-- finds out where that is.
create function sync_snapshot(app uuid, epoch uuid, start int8, after uuid,
    max int4, with_hash bool)
returns table (outcome text, people text, n_people int4, has_more bool,
    is_end bool, next_id uuid, start_xid int8, feed_epoch uuid,
    waits_for int8, set_hash text)
language plpgsql stable rows 1
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_bitmapscan = off set enable_material = off set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
	scan	constant int4 := 20000;
	last	constant uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
	cut	constant xid8 := pg_snapshot_xmin(pg_current_snapshot());
begin
	select f.epoch into feed_epoch from sync_feed f;
	start_xid := coalesce(start, sync_settled(app, cut)::text::int8);
	if start is not null then
		outcome := sync_verdict(epoch, start, last, cut);
		if outcome is not null then
			return next;
			return;
		end if;
	end if;
	outcome := 'ok';
	-- The assignments lead, one index from |after| on; their people follow.
	-- string_agg takes the rows as they come.
	select coalesce(string_agg(person_json(t.auth_user_id, t.name,
	    t.mobile_number, t.email, t.emp_id, t.status, t.mfa_enabled,
	    t.updated_at, t.sync_hash), ','), ''), count(*)::int4,
	    (array_agg(t.auth_user_id))[count(*)]
	into people, n_people, next_id
	from (select p.auth_user_id, p.name, p.mobile_number, p.email, p.emp_id,
	    p.status, p.mfa_enabled, p.updated_at, p.sync_hash
	    from (select a.person_id from assignment a
	    where a.application_id = app and a.person_id > coalesce(after,
	    '00000000-0000-0000-0000-000000000000')
	    order by a.person_id limit max) w
	    join person p on p.auth_user_id = w.person_id
	    order by w.person_id) t;
	is_end := n_people < max or not exists (select from assignment a
	    where a.application_id = app and a.person_id > next_id);
	if is_end then
		waits_for := (select s.xid::text::int8
		    from sync_places(app, start_xid::text::xid8, last,
		    '9223372036854775807'::xid8, 1, scan) s);
	end if;
	has_more := not is_end or coalesce(waits_for < cut::text::int8, false);
	if has_more then
		waits_for := null;
	elsif with_hash and waits_for is null then
		set_hash := sync_set_hash(app);
	end if;
	return next;
end
$$;

-- A change that comes while a call is under way is told by another one.
alter table webhook add column dirty_at timestamptz,
    add column claimed_at timestamptz;

create function webhook_json(w webhook) returns jsonb
language sql stable
as $$
	select jsonb_build_object('url', $1.url, 'is_enabled', $1.is_enabled,
	    'last_ok_at', json_time($1.last_ok_at), 'last_error', $1.last_error,
	    'next_attempt_at', case when $1.is_enabled
	    then json_time($1.next_attempt_at) end)
$$;
