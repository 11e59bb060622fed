-- 0019_person_source: where a person came from, to show and to filter by.

-- An import is told by import_id, which has its file; the column has the other
-- ways.  Null in both: not known.
alter table person add column source text constraint person_source_domain
    check (source in ('console', 'cli', 'setup'));

-- Of who is here already the audit log knows it, as far as it reaches back.
-- Nothing that applications see changes, so neither do version and time.
alter table person disable trigger user;
update person p set source = a.source
from (select distinct on (a.subject_id) a.subject_id,
    case when a.detail ->> 'by' = 'setup_link' then 'setup'
    when a.actor_id is null then 'cli' else 'console' end as source
    from audit a
    where a.event in ('user_created', 'admin_created')
    and a.subject_id is not null
    order by a.subject_id, a.id) a
where p.auth_user_id = a.subject_id and p.import_id is null;
alter table person enable trigger user;

-- A page by id of one source, also of one that few came from.
create index person_source_idx on person (source, auth_user_id)
    where source is not null and deleted_at is null;
create index person_imported_idx on person (auth_user_id)
    where import_id is not null and deleted_at is null;

-- ---- as in 0010, with the source ----

-- Persons of the console, each with its place in |ids|.
create or replace function people_json(ids uuid[])
returns table (n int8, doc json)
language sql stable rows 100
as $$
	select i.n, json_build_object(
	    'auth_user_id', p.auth_user_id, 'name', p.name,
	    'mobile_number', p.mobile_number, 'email', p.email,
	    'emp_id', p.emp_id, 'status', p.status,
	    'mfa_enabled', p.mfa_enabled, 'updated_at', json_time(p.updated_at),
	    'sync_hash', p.sync_hash, 'is_admin', p.is_admin,
	    'language', p.language, 'carrier', p.carrier,
	    'created_at', json_time(p.created_at),
	    'last_login_at', (select json_time(l.last_login_at)
	    from person_login l where l.person_id = p.auth_user_id),
	    'has_password', p.password_hash is not null,
	    'has_totp', exists (select from totp t
	    where t.person_id = p.auth_user_id and t.confirmed_at is not null),
	    'applications', (select coalesce(json_agg(json_build_object(
	    'id', a.id, 'name', a.name) order by lower(a.name), a.id), '[]')
	    from assignment s join application a on a.id = s.application_id
	    where s.person_id = p.auth_user_id),
	    'devices', (select count(*) from device d
	    where d.person_id = p.auth_user_id),
	    'sessions', (select count(*) from session s
	    where s.person_id = p.auth_user_id and s.revoked_at is null
	    and s.expires_at > now()),
	    'source', coalesce(p.source, case when p.import_id is not null
	    then 'import' end),
	    'import_id', p.import_id, 'version', p.version)
	from unnest($1) with ordinality i (id, n)
	join person p on p.auth_user_id = i.id
$$;

-- The condition of the filters |f| over person p, as text; every value in it
-- is quoted.
create or replace function person_where(f jsonb) returns text
language plpgsql volatile set search_path from current
as $$
declare
	w	text := 'p.deleted_at is null';
begin
	if f ? 'status' then
		w := w || format(' and p.status = %L', f ->> 'status');
	end if;
	if f ? 'admin' then
		w := w || ' and p.is_admin';
	end if;
	if f ? 'app' then
		w := w || format(' and exists (select from assignment s'
		    || ' where s.application_id = %L::uuid'
		    || ' and s.person_id = p.auth_user_id)', f ->> 'app');
	end if;
	if f ? 'mfa' then
		w := w || case f ->> 'mfa' when 'none'
		    then ' and not p.mfa_enabled' when 'on'
		    then ' and p.mfa_enabled'
		    else ' and exists (select from totp t'
		    || ' where t.person_id = p.auth_user_id'
		    || ' and t.confirmed_at is not null)' end;
	end if;
	if f ? 'never' then
		w := w || ' and not exists (select from person_login l'
		    || ' where l.person_id = p.auth_user_id'
		    || ' and l.last_login_at is not null)';
	end if;
	if f ? 'inactive_days' then
		w := w || format(' and p.auth_user_id < %L'
		    || ' and not exists (select from person_login l'
		    || ' where l.person_id = p.auth_user_id'
		    || ' and l.last_login_at >= %L)',
		    uuid_v7_at(now() - make_interval(
		    days => (f ->> 'inactive_days')::int4)), now()
		    - make_interval(days => (f ->> 'inactive_days')::int4));
	end if;
	if f ? 'import' then
		w := w || format(' and p.import_id = %L::uuid', f ->> 'import');
	end if;
	if f ? 'source' then
		w := w || case f ->> 'source' when 'import'
		    then ' and p.import_id is not null'
		    else format(' and p.source = %L', f ->> 'source') end;
	end if;
	if f ? 'q' then
		w := w || ' and ' || person_where_q(f ->> 'q');
	end if;
	return w;
end
$$;

-- A new person.  $1 fields  $2 password hash, or null  $3 actor  $4 origin
create or replace function person_create(jsonb, text, uuid, text[])
returns table (outcome text, version int8, body text)
language plpgsql volatile rows 1 set search_path from current
as $$
#variable_conflict use_column
declare
	p	person;
	why	text;
	what	text;
begin
	insert into person (name, email, mobile_number, emp_id, mfa_enabled,
	    is_admin, language, carrier, password_hash, password_set_at,
	    source)
	select f.name, f.email, f.mobile_number, f.emp_id,
	    coalesce(f.mfa_enabled, false), coalesce(f.is_admin, false),
	    f.language, f.carrier, $2,
	    case when $2 is not null then clock_timestamp() end, 'console'
	from jsonb_populate_record(null::person, $1 - 'applications') f
	returning * into p;
	insert into assignment (application_id, person_id, created_by)
	select distinct a::uuid, p.auth_user_id, $3
	from jsonb_array_elements_text(coalesce($1 -> 'applications', '[]')) a;
	perform person_audit(case when p.is_admin then 'admin_created'
	    else 'user_created' end, $3, p.auth_user_id, null,
	    ($1 - array['password', 'applications']) || jsonb_build_object(
	    'applications', coalesce($1 -> 'applications', '[]'),
	    'password', $2 is not null), $4);
	return query select 'created', p.version, person_json(p)::text;
exception when unique_violation or foreign_key_violation then
	get stacked diagnostics why = constraint_name, what = message_text;
	return query select r.outcome, null::int8, r.body
	    from person_refused(why, what, $1) r;
	if not found then
		raise;
	end if;
end
$$;
