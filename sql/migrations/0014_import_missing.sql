-- 0014_import_missing: after an import, disabling the people who are missing
-- from its file, and enabling them again.  It is done as a commit is: asked
-- for, then taken up by a run, in one statement.

-- How many people are active: what is missing is held against them.
create function import_active() returns int8
language sql stable
as $$
	select count(*) from person p
	    where p.status = 'active' and p.deleted_at is null
$$;

-- The active people whom the file of an import does not have, in order of ids;
-- not |actor|, not who was added since the file came, and not the last
-- administrator.  Null when not every row is known: whom a row with errors is
-- about is not, and rows that are gone are of nobody.
create function import_missing(j import_job, actor uuid) returns uuid[]
language plpgsql stable set search_path from current set jit = off
    set work_mem = '64MB'
as $$
declare
	ids	uuid[];
begin
	if (select count(*) from import_row r where r.import_id = j.id
	    and r.action <> 'error')
	    is distinct from (j.totals ->> 'rows')::int8 then
		return null;
	end if;
	ids := array(select p.auth_user_id from person p
	    where p.status = 'active' and p.deleted_at is null
	    and p.created_at <= j.created_at
	    and p.auth_user_id is distinct from actor
	    and not exists (select from import_row r
	    where r.import_id = j.id and r.person_id = p.auth_user_id)
	    order by p.auth_user_id);
	if not exists (select from person p where p.is_admin
	    and p.status = 'active' and p.deleted_at is null
	    and p.auth_user_id <> all (ids)) then
		ids := array_remove(ids, (select p.auth_user_id from person p
		    where p.is_admin and p.status = 'active'
		    and p.deleted_at is null
		    order by p.auth_user_id limit 1));
	end if;
	return ids;
end
$$;

-- What stands in the way of disabling so many of |active| people; null:
-- nothing.
create function import_missing_refused(missing uuid[], active int8)
returns text
language sql immutable parallel safe
as $$
	select case when $1 is null then 'import_incomplete'
	    when cardinality($1) * 10 > $2 then 'too_many_missing' end
$$;

-- Who would be disabled, page by page.  $1 import  $2 actor  $3 after
-- $4 rows
create function import_missing_list(uuid, uuid, uuid, int4)
returns table (outcome text, version int8, body text)
language plpgsql stable rows 1 set search_path from current
as $$
#variable_conflict use_column
declare
	j	import_job;
	n	int8 := import_active();
	ids	uuid[];
	part	uuid[];
begin
	select * into j from import_job i where i.id = $1;
	if not found then
		return;
	elsif j.state not in ('checked', 'done') then
		return query select 'conflict', null::int8, json_build_object(
		    'state', j.state)::text;
		return;
	end if;
	ids := import_missing(j, $2);
	part := array(select i from unnest(ids) i
	    where $3 is null or i > $3 order by i limit $4 + 1);
	return query select 'ok', null::int8, json_build_object(
	    'count', cardinality(ids), 'active', n, 'most', n / 10,
	    'refused', import_missing_refused(ids, n),
	    'data', (select coalesce(json_agg(v.doc order by v.n), '[]')
	    from people_json(part[:$4]) v),
	    'page', json_build_object('next_cursor',
	    case when cardinality(part) > $4 then part[$4] end,
	    'has_more', cardinality(part) > $4))::text;
end
$$;

-- Asks for it.  $1 import  $2 state to go to: disabling or enabling  $3 how
-- many were confirmed (null: however many they are)  $4 actor
create function import_missing_start(uuid, text, int8, uuid)
returns table (outcome text, version int8, body text)
language plpgsql volatile rows 1 set search_path from current
as $$
#variable_conflict use_column
declare
	j	import_job;
	n	int8 := import_active();
	ids	uuid[];
	why	text;
begin
	select * into j from import_job i where i.id = $1
	    for no key update nowait;
	if not found then
		return query select 'not_found', null::int8, null::text;
		return;
	elsif j.state = $2 then
		return query select 'ok', null::int8, import_json(j)::text;
		return;
	elsif j.state <> 'done' or j.undo_until <= now()
	    or (j.totals ? 'disabled') <> ($2 = 'enabling') then
		return query select 'conflict', null::int8, json_build_object(
		    'state', j.state)::text;
		return;
	end if;
	if $2 = 'disabling' then
		ids := import_missing(j, $4);
		why := coalesce(import_missing_refused(ids, n),
		    case when $3 <> cardinality(ids) then 'rows_changed' end);
		if why is not null then
			return query select why, null::int8, json_build_object(
			    'missing', cardinality(ids), 'active', n)::text;
			return;
		end if;
	end if;
	update import_job i set state = $2, done = 0, problem = null,
	    run = null, run_until = now(), asked_by = $4,
	    totals = case $2 when 'disabling' then i.totals - 'enabled'
	    || jsonb_build_object('missing', cardinality(ids))
	    else i.totals end
	    where i.id = $1 returning * into j;
	return query select 'ok', null::int8, import_json(j)::text;
exception when lock_not_available then
	return query select 'conflict', null::int8, null::text;
end
$$;

-- Disables all of them, or nobody: as many as were confirmed.  $1 import
-- $2 ticket  $3 origin.  How many; null when the ticket is void.
create function import_disable(uuid, uuid, text[]) returns int8
language plpgsql volatile set search_path from current set jit = off
as $$
declare
	j	import_job := import_held($1, $2, 'disabling');
	step	constant int4 := import_step();
	active	int8 := import_active();
	ids	uuid[];
	part	uuid[];
	at	int4;
	k	int8;
	n	int8 := 0;
begin
	if j.id is null then
		return null;
	end if;
	ids := import_missing(j, j.asked_by);
	if import_missing_refused(ids, active) is not null
	    or cardinality(ids) <> (j.totals ->> 'missing')::int8 then
		raise exception 'import_stale';
	end if;
	for at in select generate_series(1, cardinality(ids), step) loop
		part := ids[at : at + step - 1];
		insert into import_undo (import_id, person_id, version, before,
		    is_missing)
		select $1, p.auth_user_id, p.version + 1, jsonb_build_object(
		    'status', p.status), true
		from person p
		where p.auth_user_id = any (part) and p.status = 'active'
		    and p.deleted_at is null
		order by p.auth_user_id
		for no key update;
		update person p set status = 'disabled' from import_undo u
		    where u.import_id = $1 and u.is_missing
		    and u.person_id = any (part)
		    and p.auth_user_id = u.person_id;
		get diagnostics k = row_count;
		n := n + k;
		perform person_audit('user_disabled', j.asked_by, u.person_id,
		    null, jsonb_build_object('import_id', $1, 'bulk', true),
		    $3)
		from import_undo u where u.import_id = $1 and u.is_missing
		    and u.person_id = any (part);
		perform import_tell($1, n);
	end loop;
	if n <> cardinality(ids) then
		raise exception 'import_stale';
	end if;
	perform person_audit('users_missing_disabled', j.asked_by, null, null,
	    jsonb_build_object('import_id', $1, 'file_name', j.file_name,
	    'sha256', encode(j.file_hash, 'hex'), 'rows',
	    (j.totals ->> 'rows')::int8, 'disabled', n, 'active', active), $3);
	update import_job i set state = 'done', run = null, run_until = null,
	    totals = i.totals - 'missing' || jsonb_build_object('disabled', n)
	    where i.id = $1;
	return n;
end
$$;

-- Enables again whom an import disabled because they were missing, and nobody
-- changed since.  $1 import  $2 people done before  $3 actor  $4 origin
-- How many.
create function import_enable_missing(uuid, int8, uuid, text[]) returns int8
language plpgsql volatile set search_path from current
as $$
declare
	step	constant int4 := import_step();
	ids	uuid[];
	live	uuid[];
	after	uuid;
	n	int8 := 0;
begin
	loop
		ids := array(select u.person_id from import_undo u
		    where u.import_id = $1 and u.is_missing
		    and (after is null or u.person_id > after)
		    order by u.person_id limit step);
		exit when ids = '{}';
		after := ids[cardinality(ids)];
		with p as (
			update person p set status = 'active' from import_undo u
			where u.import_id = $1 and u.person_id = any (ids)
			    and p.auth_user_id = u.person_id
			    and p.version = u.version and p.deleted_at is null
			returning p.auth_user_id
		)
		select array_agg(p.auth_user_id) into live from p;
		perform person_audit('user_enabled', $3, i, null,
		    jsonb_build_object('import_id', $1, 'bulk', true), $4)
		from unnest(live) i;
		n := n + coalesce(cardinality(live), 0);
		perform import_tell($1, $2 + n);
	end loop;
	return n;
end
$$;

-- Takes the disabling back, and leaves the import.  $1 import  $2 ticket
-- $3 origin.  How many people; null when the ticket is void.
create function import_enable(uuid, uuid, text[]) returns int8
language plpgsql volatile set search_path from current set jit = off
as $$
declare
	j	import_job := import_held($1, $2, 'enabling');
	n	int8;
begin
	if j.id is null then
		return null;
	end if;
	n := import_enable_missing($1, 0, j.asked_by, $3);
	delete from import_undo u where u.import_id = $1 and u.is_missing;
	perform person_audit('users_missing_enabled', j.asked_by, null, null,
	    jsonb_build_object('import_id', $1, 'enabled', n, 'left_alone',
	    (j.totals ->> 'disabled')::int8 - n), $3);
	update import_job i set state = 'done', run = null, run_until = null,
	    totals = i.totals - 'disabled' || jsonb_build_object('enabled', n)
	    where i.id = $1;
	return n;
end
$$;
