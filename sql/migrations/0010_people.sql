-- 0010_people: the directory as administrators work with it: one person, lists
-- and search, bulk actions, export, and the import of CSV files.
-- What a function is asked and answers with is told above it; the last
-- argument of those that write is the origin of the request, the six texts of
-- audit_origin().  Outcomes are the codes of src/http/problem.def.

-- Lists go by id, which begins with the time; by name; by the last sign-in.
-- A million tombstones must not stand before the first live person, so each
-- index has the live ones alone.
create index person_live_idx on person (auth_user_id) where deleted_at is null;
create index person_disabled_idx on person (auth_user_id)
    where status = 'disabled' and deleted_at is null;
create index person_mfa_idx on person (mfa_enabled, auth_user_id)
    where deleted_at is null;
drop index person_import_idx;
create index person_import_idx on person (import_id, auth_user_id)
    where import_id is not null and deleted_at is null;
-- Digits are looked for at both ends of a number.  Collation C: LIKE can use
-- no other index.
create index person_mobile_prefix_idx on person (mobile_number collate "C")
    where deleted_at is null and mobile_number is not null;
create index person_mobile_suffix_idx
    on person (reverse(mobile_number) collate "C")
    where deleted_at is null and mobile_number is not null;
create index person_emp_id_prefix_idx on person (emp_id collate "C")
    where deleted_at is null and emp_id is not null;
-- Only a sign-in that succeeded moves last_login_at: counting tries stays
-- within the page as before.
create index person_login_last_idx
    on person_login (last_login_at, person_id)
    where last_login_at is not null;

-- ---- one person -------------------------------------------------------------

-- The act of an administrator; |o| the origin.
create function person_audit(event text, actor uuid, subject uuid,
    application uuid, detail jsonb, o text[])
returns int8
language sql volatile
as $$
	select audit_act($1, $2, $3, $4, $5, $6[1], $6[2], $6[3], $6[4], $6[5],
	    $6[6])
$$;

-- Persons of the console, each with its place in |ids|.
create function people_json(ids uuid[])
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
	    'import_id', p.import_id, 'version', p.version)
	from unnest($1) with ordinality i (id, n)
	join person p on p.auth_user_id = i.id
$$;

-- One of them, as it stands now.
create function person_json(p person) returns json
language sql stable
as $$
	select doc from people_json(array[p.auth_user_id])
$$;

-- What an edit changed, field by field: {"name": [before, after]}.
create function person_changes(before person, after person) returns jsonb
language sql stable
as $$
	select coalesce(jsonb_object_agg(k, jsonb_build_array(o -> k, n -> k)),
	    '{}') || case when ($1).password_hash
	    is distinct from ($2).password_hash
	    then '{"password": "changed"}'::jsonb else '{}' end
	from (select to_jsonb($1) as o, to_jsonb($2) as n) v,
	    unnest(array['name', 'email', 'mobile_number', 'emp_id', 'status',
	    'mfa_enabled', 'is_admin', 'language', 'carrier']) k
	where o -> k is distinct from n -> k
$$;

-- What a violated constraint, or a refusal of a trigger, means to the
-- administrator who sent |fields|; no row: nothing, it is a fault of ours.
create function person_refused(name_of_constraint text, message text,
    fields jsonb)
returns table (outcome text, body text)
language sql stable rows 1
as $$
	select 'contact_taken', json_build_object('field', k.field,
	    'auth_user_id', p.auth_user_id)::text
	from (values ('person_email_key', 'email'),
	    ('person_mobile_number_key', 'mobile_number'),
	    ('person_emp_id_key', 'emp_id')) k (name, field)
	left join person p on p.deleted_at is null and case k.field
	    when 'email' then lower(p.email collate "C")
	    = lower(($3 ->> 'email') collate "C")
	    when 'mobile_number' then p.mobile_number = $3 ->> 'mobile_number'
	    else p.emp_id = $3 ->> 'emp_id' end
	where k.name = $1
	union all
	select 'invalid', json_build_array(json_build_object('field',
	    'applications', 'message',
	    'One of these applications does not exist.'))::text
	where $1 = 'assignment_application_id_fkey'
	union all
	select 'last_administrator', null where $2 = 'last_administrator'
$$;

-- A new person.  $1 fields  $2 password hash, or null  $3 actor  $4 origin
create function person_create(jsonb, text, uuid, text[])
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
	    is_admin, language, carrier, password_hash, password_set_at)
	select f.name, f.email, f.mobile_number, f.emp_id,
	    coalesce(f.mfa_enabled, false), coalesce(f.is_admin, false),
	    f.language, f.carrier, $2,
	    case when $2 is not null then clock_timestamp() end
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

-- Changes the fields that are given.  $1 person  $2 version  $3 fields
-- $4 actor  $5 origin
create function person_edit(uuid, int8, jsonb, uuid, text[])
returns table (outcome text, version int8, body text)
language plpgsql volatile rows 1 set search_path from current
as $$
#variable_conflict use_column
declare
	o	person;
	n	person;
	apps	uuid[];
	gone	uuid[];
	added	uuid[];
	changes	jsonb;
	why	text;
	what	text;
begin
	select * into o from person p
	    where p.auth_user_id = $1 and p.deleted_at is null
	    for no key update;
	if not found then
		return query select 'not_found', null::int8, null::text;
		return;
	elsif o.version <> $2 then
		return query select 'precondition_failed', null::int8, null::text;
		return;
	end if;
	n := jsonb_populate_record(o, $3 - 'applications');
	if o.is_admin and not n.is_admin and $1 = $4 then
		return query select 'not_yourself', null::int8, null::text;
		return;
	end if;
	gone := '{}';
	added := '{}';
	if $3 ? 'applications' then
		apps := array(select distinct a::uuid
		    from jsonb_array_elements_text($3 -> 'applications') a);
		with d as (
			delete from assignment s where s.person_id = $1
			    and s.application_id <> all (apps)
			returning s.application_id
		)
		select coalesce(array_agg(d.application_id), '{}') into gone
		    from d;
		with i as (
			insert into assignment as s (application_id, person_id,
			    created_by)
			select a, $1, $4 from unnest(apps) a
			on conflict do nothing
			returning s.application_id
		)
		select coalesce(array_agg(i.application_id), '{}') into added
		    from i;
	end if;
	changes := person_changes(o, n);
	-- Who is assigned belongs to what was read: its version moves too.
	if changes <> '{}' or cardinality(gone || added) > 0 then
		update person p set name = n.name, email = n.email,
		    mobile_number = n.mobile_number, emp_id = n.emp_id,
		    mfa_enabled = n.mfa_enabled, is_admin = n.is_admin,
		    language = n.language, carrier = n.carrier
		    where p.auth_user_id = $1
		    returning * into n;
		if cardinality(gone || added) > 0 then
			changes := changes || jsonb_build_object('applications',
			    jsonb_build_object('added', to_jsonb(added),
			    'removed', to_jsonb(gone)));
		end if;
		perform person_audit(case when n.is_admin and not o.is_admin
		    then 'admin_promoted' when o.is_admin and not n.is_admin
		    then 'admin_demoted' else 'user_updated' end, $4, $1, null,
		    jsonb_build_object('changes', changes), $5);
	end if;
	return query select 'ok', n.version, person_json(n)::text;
exception when unique_violation or foreign_key_violation
    or raise_exception then
	get stacked diagnostics why = constraint_name, what = message_text;
	return query select r.outcome, null::int8, r.body
	    from person_refused(why, what, $3) r;
	if not found then
		raise;
	end if;
end
$$;

-- Ends what a person is signed in to; how many sessions that were.
create function person_sign_out(person_id uuid, reason text) returns int4
language plpgsql volatile set search_path from current
as $$
#variable_conflict use_column
declare
	n	int4;
	m	int4;
begin
	update session s set revoked_at = clock_timestamp(), revoke_reason = $2
	    where s.person_id = $1 and s.revoked_at is null
	    and s.expires_at > now();
	get diagnostics n = row_count;
	update console_session s set revoked_at = clock_timestamp()
	    where s.person_id = $1 and s.revoked_at is null
	    and s.expires_at > now();
	get diagnostics m = row_count;
	return n + m;
end
$$;

-- A deleted person is kept as a row without anything that proves something.
create function person_forget(people uuid[]) returns void
language sql volatile
as $$
	delete from totp t where t.person_id = any ($1);
	delete from recovery_code r where r.person_id = any ($1);
	delete from device d where d.person_id = any ($1);
	delete from mfa_ticket m where m.person_id = any ($1);
	update challenge c set ended_at = clock_timestamp()
	    where c.person_id = any ($1) and c.ended_at is null
	    and c.used_at is null;
	update password_reset r set ended_at = clock_timestamp()
	    where r.person_id = any ($1) and r.ended_at is null
	    and r.used_at is null;
$$;

-- Nobody has to wait for failures that were counted before.
create function person_unlock(person_id uuid) returns void
language sql volatile
as $$
	delete from throttle t using device d where d.person_id = $1
	    and t.bucket = 'login_device' and t.subject = login_device(
	    d.person_id, d.application_id, d.device_id);
	delete from throttle t where t.bucket = 'second_factor'
	    and t.subject = $1::text;
	update person_login l set failures = 0, wait_until = null
	    where l.person_id = $1;
$$;

-- Disables, enables, signs out, unlocks or deletes.  $1 act  $2 person
-- $3 version (delete)  $4 actor  $5 origin
create function person_act(text, uuid, int8, uuid, text[])
returns table (outcome text, version int8, body text)
language plpgsql volatile rows 1 set search_path from current
as $$
#variable_conflict use_column
declare
	o	person;
	n	person;
	k	int4;
	why	text;
	what	text;
begin
	select * into o from person p
	    where p.auth_user_id = $2 and p.deleted_at is null
	    for no key update;
	if not found then
		return query select 'not_found', null::int8, null::text;
		return;
	elsif $3 is not null and o.version <> $3 then
		return query select 'precondition_failed', null::int8, null::text;
		return;
	elsif $1 in ('disable', 'delete') and $2 = $4 then
		return query select 'not_yourself', null::int8, null::text;
		return;
	end if;
	n := o;
	case $1
	when 'disable', 'enable' then
		n.status := case $1 when 'enable' then 'active' else 'disabled' end;
		if n.status <> o.status then
			update person p set status = n.status
			    where p.auth_user_id = $2 returning * into n;
			perform person_audit('user_' || $1 || 'd', $4, $2, null,
			    '{}', $5);
		end if;
	when 'sign_out' then
		k := person_sign_out($2, 'admin');
		perform person_audit('user_signed_out', $4, $2, null,
		    jsonb_build_object('sessions', k), $5);
	when 'unlock' then
		perform person_unlock($2);
		perform person_audit('user_unlocked', $4, $2, null, '{}', $5);
	when 'delete' then
		update person p set deleted_at = clock_timestamp(),
		    password_hash = null where p.auth_user_id = $2;
		perform person_forget(array[$2]);
		perform person_audit('user_deleted', $4, $2, null,
		    jsonb_build_object('name', o.name, 'email', o.email,
		    'mobile_number', o.mobile_number, 'emp_id', o.emp_id), $5);
		return query select 'done', null::int8, null::text;
		return;
	end case;
	return query select 'ok', n.version, person_json(n)::text;
exception when raise_exception then
	get stacked diagnostics why = constraint_name, what = message_text;
	return query select r.outcome, null::int8, r.body
	    from person_refused(why, what, '{}') r;
	if not found then
		raise;
	end if;
end
$$;

-- Assigns or unassigns.  $1 is it to be there  $2 person  $3 application
-- $4 actor  $5 origin
create function person_assign(bool, uuid, uuid, uuid, text[])
returns table (outcome text, version int8, body text)
language plpgsql volatile rows 1 set search_path from current
as $$
#variable_conflict use_column
declare
	p	person;
begin
	select * into p from person q
	    where q.auth_user_id = $2 and q.deleted_at is null
	    for no key update;
	if not found or not exists (select from application a where a.id = $3)
	    then
		return query select 'not_found', null::int8, null::text;
		return;
	end if;
	if $1 then
		insert into assignment (application_id, person_id, created_by)
		    values ($3, $2, $4) on conflict do nothing;
	else
		delete from assignment s where s.application_id = $3
		    and s.person_id = $2;
	end if;
	if found then
		perform person_audit(case when $1 then 'user_assigned'
		    else 'user_unassigned' end, $4, $2, $3, '{}', $5);
	end if;
	return query select 'ok', p.version, person_json(p)::text;
end
$$;

-- Who would tell this person something, and where: null when nobody can.
create function person_channel(p person, is_dev bool) returns text
language sql stable
as $$
	select case when p.email is not null and ($2 or exists (select
	    from provider v where v.is_enabled and v.type = 'smtp'))
	    then 'email' when p.mobile_number is not null and ($2
	    or sms_reaches(p.mobile_number, p.carrier, p.email))
	    then 'sms' end
$$;

-- Takes the authenticator app and the recovery codes away.  $1 person
-- $2 outbox id  $3 sealed notice  $4 is_dev  $5 actor  $6 origin
create function person_totp_remove(uuid, uuid, bytea, bool, uuid, text[])
returns table (outcome text, version int8, body text)
language plpgsql volatile rows 1 set search_path from current
as $$
#variable_conflict use_column
declare
	p	person;
	k	int4;
	channel	text;
begin
	select * into p from person q
	    where q.auth_user_id = $1 and q.deleted_at is null
	    for no key update;
	if not found then
		return query select 'not_found', null::int8, null::text;
		return;
	end if;
	delete from totp t where t.person_id = $1;
	if not found then
		return query select 'totp_not_enrolled', null::int8, null::text;
		return;
	end if;
	delete from recovery_code r where r.person_id = $1;
	k := person_sign_out($1, 'mfa_changed');
	channel := person_channel(p, $4);
	perform notice_put($2, channel, case channel when 'email' then p.email
	    else p.mobile_number end, $3, $1, null);
	perform person_audit('user_totp_removed', $5, $1, null,
	    jsonb_build_object('sessions', k), $6);
	return query select 'ok', p.version, person_json(p)::text;
end
$$;

-- Starts a recovery: the person gets a token or a code, and alone chooses the
-- password.  $1 reset id  $2 person  $3 token hash  $4 MAC of the code
-- $5 ttl of a token, $6 of a code, in s  $7 outbox id  $8, $9 sealed messages
-- $10 is_dev  $11 actor  $12 origin
create function person_recover(uuid, uuid, bytea, bytea, int4, int4, uuid,
    bytea, bytea, bool, uuid, text[])
returns table (outcome text, version int8, body text)
language plpgsql volatile rows 1 set search_path from current
as $$
#variable_conflict use_column
declare
	p	person;
	channel	text;
	ttl_s	int4;
begin
	select * into p from person q
	    where q.auth_user_id = $2 and q.deleted_at is null
	    for no key update;
	if not found then
		return query select 'not_found', null::int8, null::text;
		return;
	elsif p.status <> 'active' then
		return query select 'user_disabled', null::int8, null::text;
		return;
	end if;
	channel := person_channel(p, $10);
	if channel is null then
		return query select 'delivery_unavailable', null::int8,
		    null::text;
		return;
	end if;
	ttl_s := case channel when 'email' then $5 else $6 end;
	insert into password_reset (id, person_id, channel, token_hash, code_mac,
	    expires_at)
	values ($1, $2, channel, case channel when 'email' then $3 end,
	    case channel when 'sms' then $4 end,
	    now() + make_interval(secs => ttl_s))
	on conflict (person_id) where used_at is null and ended_at is null
	do update set id = excluded.id, application_id = null,
	    channel = excluded.channel, token_hash = excluded.token_hash,
	    code_mac = excluded.code_mac, attempts = 0,
	    created_at = excluded.created_at, expires_at = excluded.expires_at;
	insert into outbox (id, kind, channel, person_id, destination, payload,
	    expires_at)
	values ($7, 'reset', channel, $2, case channel when 'email'
	    then p.email else p.mobile_number end, case channel when 'email'
	    then $8 else $9 end, now() + make_interval(secs => ttl_s));
	perform person_audit('user_recovery_started', $11, $2, null,
	    jsonb_build_object('channel', channel), $12);
	return query select 'ok', null::int8, json_build_object(
	    'reset_id', $1, 'channel', channel, 'destination',
	    case channel when 'email' then p.email else p.mobile_number end,
	    'expires_in', ttl_s)::text;
end
$$;

-- A device is not known any more, and signed out.  $1 person
-- $2 application  $3 device id  $4 actor  $5 origin
create function person_device_forget(uuid, uuid, text, uuid, text[])
returns table (outcome text, version int8, body text)
language plpgsql volatile rows 1 set search_path from current
as $$
#variable_conflict use_column
declare
	k	int4;
begin
	delete from device d where d.person_id = $1 and d.application_id = $2
	    and d.device_id = $3;
	if not found then
		return query select 'not_found', null::int8, null::text;
		return;
	end if;
	update session s set revoked_at = clock_timestamp(),
	    revoke_reason = 'admin' where s.person_id = $1
	    and s.application_id = $2 and s.device_id = $3
	    and s.revoked_at is null and s.expires_at > now();
	get diagnostics k = row_count;
	delete from throttle t where t.bucket = 'login_device'
	    and t.subject = login_device($1, $2, $3);
	perform person_audit('user_device_forgotten', $4, $1, $2,
	    jsonb_build_object('device_id', $3, 'sessions', k), $5);
	return query select 'done', null::int8, null::text;
end
$$;

-- ---- lists ------------------------------------------------------------------

-- Text with the wildcards of LIKE made harmless.
create function like_text(s text) returns text
language sql immutable parallel safe
as $$
	select replace(replace(replace($1, '\', '\\'), '%', '\%'), '_', '\_')
$$;

-- Digits, when |q| is a (part of a) number that somebody typed; else null.
create function search_digits(q text) returns text
language sql immutable parallel safe
as $$
	select case when $1 ~ '^[0-9+(). -]{3,32}$'
	    and d ~ '^[0-9]{3,15}$' then d end
	from (select regexp_replace($1, '[^0-9]', '', 'g') as d) v
$$;

-- How many people have to be looked at, one after the other, to find |rows| for
-- whom a condition over p holds, as the planner guesses; null: very many.
create function person_window(condition text, rows int4) returns int4
language plpgsql volatile set search_path from current
as $$
declare
	plan	json;
	n	float8;
begin
	execute 'explain (format json) select from person p where ' || $1
	    into plan;
	select 2 * $2 * greatest(c.reltuples, 1)
	    / greatest((plan -> 0 -> 'Plan' ->> 'Plan Rows')::float8, 1) into n
	    from pg_class c where c.oid = 'person'::regclass;
	return case when n <= 4000 then greatest(n, 200)::int4 end;
end
$$;

-- A word of |q| that few people have, or null.  An index of trigrams that is
-- asked for all of an address reads the long lists of its domain; a rare word
-- is enough to find it.
create function search_word(q text) returns text
language plpgsql volatile set search_path from current
as $$
declare
	word	text;
begin
	for word in select w from regexp_split_to_table(lower(q),
	    '[^[:alnum:]]+') with ordinality v (w, i)
	    where char_length(w) between 4 and char_length(q) - 1
	    order by char_length(w) desc, i limit 4 loop
		if person_window(format('p.search_text like %L',
		    '%' || like_text(word) || '%'), 1) is null then
			return word;
		end if;
	end loop;
	return null;
end
$$;

-- The condition of a search over person p.  Digits: how a mobile number ends
-- or begins, with or without the country code, or how an employee id begins.
-- Two characters: how a word begins, since three make a trigram.
create function person_where_q(q text) returns text
language plpgsql volatile set search_path from current
as $$
declare
	d	text := search_digits(q);
	t	text := like_text(lower(q));
	word	text;
	cc	text;
begin
	if d is null then
		word := search_word(q);
		-- What is appended keeps the index from being asked for both.
		return case when word is not null
		    then format('p.search_text like %L'
		    || ' and p.search_text || '''' like %L',
		    '%' || like_text(word) || '%', '%' || t || '%')
		    when char_length(q) > 2
		    then format('p.search_text like %L', '%' || t || '%')
		    else format('(p.search_text like %L or p.search_text like %L)',
		    t || '%', '% ' || t || '%') end;
	end if;
	select coalesce(s.value, s.default_value) #>> '{}' into cc
	    from setting s where s.name = 'default_country_code';
	return format('(p.mobile_number collate "C" like %L'
	    || ' or p.mobile_number collate "C" like %L'
	    || ' or reverse(p.mobile_number) collate "C" like %L'
	    || ' or p.emp_id collate "C" like %L)', '+' || d || '%',
	    '+' || cc || ltrim(d, '0') || '%', reverse(d) || '%', d || '%');
end
$$;

-- The condition of the filters |f| over person p, as text; every value in it
-- is quoted.
create function person_where(f jsonb) returns text
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
	if f ? 'q' then
		w := w || ' and ' || person_where_q(f ->> 'q');
	end if;
	return w;
end
$$;

-- Who has exactly this address, number or employee id.
create function person_exact(q text) returns uuid[]
language sql stable
as $$
	select coalesce(array_agg(v.id), '{}') from (
	    select p.auth_user_id as id from person p
	    where lower(p.email collate "C") = lower($1 collate "C")
	    and p.email is not null and p.deleted_at is null
	    union
	    select p.auth_user_id from person p where p.emp_id = $1
	    and p.emp_id is not null and p.deleted_at is null
	    union
	    select p.auth_user_id from person p
	    where p.mobile_number = '+' || search_digits($1)
	    and p.mobile_number is not null and p.deleted_at is null) v
$$;

-- The first ids in order for whom a condition over p holds, among the next so
-- many people.  $1 condition  $2 where the page begins  $3 order  $4 people
-- $5 rows
create function person_near(text, text, text, int4, int4) returns uuid[]
language plpgsql volatile set search_path from current
    set enable_seqscan = off set jit = off
as $$
declare
	ids	uuid[];
begin
	execute format('select array(select p.auth_user_id from ('
	    || 'select p.* from person p where p.deleted_at is null'
	    || ' and %s order by %s limit %s) p where %s'
	    || ' order by %s limit %s)', $2, $3, $4, $1, $3, $5) into ids;
	return ids;
end
$$;

-- One page of ids in order.  $1 condition over p  $2 sort: created, name or
-- last_login  $3 is it descending  $4 rows  $5 id and $6 key that the page
-- comes after (null: the first page)  $7 'all', or 'search', or 'cut': a
-- search of which a page was cut
-- A search for what is frequent looks first among as many people in order as
-- should be enough; what is rare is found in the indexes.  What is neither is
-- cut at a thousand matches before they are put in order, and is_cut says so:
-- no order can be had of what was not read.
create function person_page(text, text, bool, int4, uuid, text, text)
returns table (ids uuid[], is_cut bool)
language plpgsql volatile rows 100 set search_path from current
    set enable_seqscan = off set jit = off
as $$
declare
	key	text := case $2 when 'name' then 'lower(p.name)'
	    when 'last_login' then 'coalesce((select l.last_login_at from'
	    || ' person_login l where l.person_id = p.auth_user_id),'
	    || ' ''-infinity'')' end;
	dir	text := case when $3 then ' desc' else '' end;
	cmp	text := case when $3 then '<' else '>' end;
	by_what	text := coalesce(key || dir || ', ', '') || 'p.auth_user_id'
	    || dir;
	later	text := case when $5 is null then 'true'
	    when key is null then format('p.auth_user_id %s %L', cmp, $5)
	    else format('(%s, p.auth_user_id) %s (%L, %L)', key, cmp, $6, $5)
	    end;
	near	int4;
	n	int4;
	more	uuid[];
begin
	is_cut := false;
	if $7 = 'search' and $2 <> 'last_login' then
		near := person_window($1, $4);
		-- The guess knows nothing of the order: where it falls short,
		-- there is one more try.
		foreach n in array case when near is null then '{}'
		    else array[near, 4000] end loop
			ids := person_near($1, later, by_what, n, $4);
			if cardinality(ids) >= $4 then
				return next;
				return;
			end if;
		end loop;
	end if;
	if $7 <> 'all' then
		execute format('with m as materialized (select p.auth_user_id as'
		    || ' id, %s as k, %s as is_later from person p where %s'
		    || ' limit 1000) select array(select m.id from m'
		    || ' where m.is_later order by m.k%s, m.id%s limit %s),'
		    || ' (select count(*) from m)', coalesce(key, '1'), later,
		    $1, dir, dir, $4) into ids, n;
		is_cut := n = 1000;
		-- Nor does it know who came a minute ago.
		if is_cut and $7 = 'search' and $2 <> 'last_login'
		    and near is null then
			more := person_near($1, later, by_what, 4000, $4);
			if cardinality(more) >= $4 then
				ids := more;
				is_cut := false;
			end if;
		end if;
	elsif $2 = 'last_login' then
		ids := person_page_last($1, $3, $4, $5, $6);
	else
		execute format('select array(select p.auth_user_id'
		    || ' from person p where %s and %s order by %s limit %s)',
		    $1, later, by_what, $4) into ids;
	end if;
	return next;
end
$$;

-- The same by the last sign-in, in which two tables take part: those who have
-- one, in the order of its index, and those who never had, by id; they count
-- as the longest ago.  $1 condition  $2 is it descending  $3 rows  $4, $5 after
create function person_page_last(text, bool, int4, uuid, text)
returns uuid[]
language plpgsql stable set search_path from current
    set enable_seqscan = off set jit = off
as $$
declare
	dir	text := case when $2 then ' desc' else '' end;
	cmp	text := case when $2 then '<' else '>' end;
	is_never bool := $4 is not null and $5 = '-infinity';
	ids	uuid[] := '{}';
	more	uuid[];
	arm	text;
begin
	foreach arm in array case when $2 then array['some', 'never']
	    else array['never', 'some'] end loop
		if arm = 'some' and ($4 is null or not is_never or not $2) then
			execute format('select array(select p.auth_user_id'
			    || ' from person_login l join person p'
			    || ' on p.auth_user_id = l.person_id'
			    || ' where l.last_login_at is not null and %s and %s'
			    || ' order by l.last_login_at%s, l.person_id%s'
			    || ' limit %s)', $1, case when $4 is null or is_never
			    then 'true' else format(
			    '(l.last_login_at, l.person_id) %s (%L, %L)', cmp,
			    $5, $4) end, dir, dir, $3 - cardinality(ids))
			    into more;
		elsif arm = 'never' and ($4 is null or is_never or $2) then
			execute format('select array(select p.auth_user_id'
			    || ' from person p where %s and %s'
			    || ' and not exists (select from person_login l'
			    || ' where l.person_id = p.auth_user_id'
			    || ' and l.last_login_at is not null)'
			    || ' order by p.auth_user_id%s limit %s)', $1,
			    case when is_never then format(
			    'p.auth_user_id %s %L', cmp, $4) else 'true' end,
			    dir, $3 - cardinality(ids)) into more;
		else
			more := '{}';
		end if;
		ids := ids || more;
		if cardinality(ids) >= $3 then
			return ids;
		end if;
	end loop;
	return ids;
end
$$;

-- Where a page ended, for core/list_cursor.h: kind (2: of a search that was
-- cut), digest of the list, id, key.
create function list_cursor(bound bytea, id uuid, key text, is_cut bool)
returns text
language sql immutable parallel safe
as $$
	select translate(encode(case when $4 then '\x02'::bytea
	    else '\x01'::bytea end || $1 || uuid_send($2)
	    || convert_to($3, 'UTF8'), 'base64'), E'+/=\n', '-_')
$$;

-- A page of people.  $1 filters  $2 sort  $3 is it descending  $4 rows
-- $5, $6 id and key of the last row of the page before (null: the first page)
-- $7 count them too, as far as 10 000  $8 digest of the list, for its cursor
-- $9 was the search cut
-- An exact hit comes first, on the first page.
create function person_list(jsonb, text, bool, int4, uuid, text, bool, bytea,
    bool)
returns table (outcome text, version int8, body text)
language plpgsql volatile rows 1 set search_path from current
    set enable_seqscan = off set jit = off
as $$
#variable_conflict use_column
declare
	w	text := person_where($1);
	ids	uuid[];
	exact	uuid[] := '{}';
	is_cut	bool;
	room	int4 := $4;
	page	jsonb;
	n	int4;
begin
	if $1 ? 'q' then
		exact := person_exact($1 ->> 'q');
		if cardinality(exact) > 0 then
			execute format('select array(select p.auth_user_id'
			    || ' from person p where p.auth_user_id = any (%L)'
			    || ' and %s)', exact, person_where($1 - 'q'))
			    into exact;
		end if;
		if cardinality(exact) >= $4 then
			exact := '{}';
		end if;
		w := w || format(' and p.auth_user_id <> all (%L::uuid[])',
		    exact);
		room := $4 - cardinality(exact);
	end if;
	if $5 is not null then
		exact := '{}';
		room := $4;
	end if;
	select * into ids, is_cut
	    from person_page(w, $2, $3, room + 1, $5, $6,
	    case when not $1 ? 'q' then 'all' when $9 then 'cut'
	    else 'search' end);
	if $7 then
		execute format('select count(*) from (select from person p'
		    || ' where %s limit 10001) v', person_where($1)) into n;
	end if;
	select jsonb_build_object('next_cursor', case
	    when cardinality(ids) > room then list_cursor($8, p.auth_user_id,
	    case $2 when 'name' then lower(p.name) when 'last_login'
	    then coalesce((select l.last_login_at from person_login l
	    where l.person_id = p.auth_user_id), '-infinity')::text
	    else '' end, is_cut) end, 'has_more', cardinality(ids) > room) into page
	    from (select ids[room] as id) i
	    left join person p on p.auth_user_id = i.id;
	if $7 then
		page := page || jsonb_build_object('count',
		    least(n, 10000), 'count_capped', n > 10000);
	end if;
	if is_cut then
		page := page || '{"first_matches": 1000}';
	end if;
	return query select 'ok', null::int8, '{"data":' || (
	    select coalesce(json_agg(j.doc order by j.n), '[]')
	    from people_json(exact || ids[:room]) j)
	    || ',"page":' || page || '}';
end
$$;

-- A cell of a CSV file; a spreadsheet must not take it for a formula.
create function csv_cell(s text) returns text
language sql immutable parallel safe
as $$
	select case when t ~ '[",\r\n]' then '"' || replace(t, '"', '""') || '"'
	    else t end
	from (select case when $1 ~ '^[=+@\t\r-]' then '''' || $1
	    else coalesce($1, '') end as t) v
$$;

-- ---- many people ------------------------------------------------------------

-- One act on many.  $1 act: disable, enable, sign_out, assign, unassign,
-- require_mfa, delete  $2 application (assign, unassign)  $3 ids, or null for
-- $4 filters  $5 actor  $6 origin
-- Rows are locked in the order of ids, so that two of these wait for each
-- other instead of ending in a deadlock.
create function person_bulk(text, uuid, uuid[], jsonb, uuid, text[])
returns table (outcome text, version int8, body text)
language plpgsql volatile rows 1 set search_path from current set jit = off
as $$
#variable_conflict use_column
declare
	ids	uuid[] := $3;
	live	uuid[];
	done	uuid[] := '{}';
	k	int4 := 0;
	why	text;
	what	text;
begin
	if $2 is not null and not exists (select from application a
	    where a.id = $2) then
		return query select 'invalid', null::int8, json_build_array(
		    json_build_object('field', 'application_id', 'message',
		    'This application does not exist.'))::text;
		return;
	end if;
	if ids is null then
		execute format('select array(select p.auth_user_id from person p'
		    || ' where %s limit 10001)', person_where($4)) into ids;
	end if;
	if cardinality(ids) > 10000 then
		return query select 'invalid', null::int8, json_build_array(
		    json_build_object('field', case when $3 is null
		    then 'filter' else 'ids' end, 'message',
		    'This is for 10 000 people at a time.'))::text;
		return;
	end if;
	live := array(select p.auth_user_id from person p
	    where p.auth_user_id = any (ids) and p.deleted_at is null
	    order by p.auth_user_id for no key update);
	if $1 in ('disable', 'delete') then
		live := array_remove(live, $5);
	end if;
	case $1
	when 'disable', 'enable' then
		with u as (
			update person p set status = case $1 when 'enable'
			    then 'active' else 'disabled' end
			where p.auth_user_id = any (live)
			    and p.status <> case $1 when 'enable'
			    then 'active' else 'disabled' end
			returning p.auth_user_id
		)
		select coalesce(array_agg(u.auth_user_id), '{}') into done
		    from u;
	when 'require_mfa' then
		with u as (
			update person p set mfa_enabled = true
			where p.auth_user_id = any (live) and not p.mfa_enabled
			returning p.auth_user_id
		)
		select coalesce(array_agg(u.auth_user_id), '{}') into done
		    from u;
	when 'assign' then
		with u as (
			insert into assignment as s (application_id, person_id,
			    created_by)
			select $2, i, $5 from unnest(live) i
			on conflict do nothing
			returning s.person_id
		)
		select coalesce(array_agg(u.person_id), '{}') into done from u;
	when 'unassign' then
		with u as (
			delete from assignment s where s.application_id = $2
			    and s.person_id = any (live)
			returning s.person_id
		)
		select coalesce(array_agg(u.person_id), '{}') into done from u;
	when 'sign_out' then
		with u as (
			update session s set revoked_at = clock_timestamp(),
			    revoke_reason = 'admin'
			where s.person_id = any (live) and s.revoked_at is null
			    and s.expires_at > now()
			returning s.person_id
		), c as (
			update console_session s set revoked_at = clock_timestamp()
			where s.person_id = any (live) and s.revoked_at is null
			    and s.expires_at > now()
			returning s.person_id
		), b as (
			select u.person_id from u union select c.person_id from c
		)
		select coalesce(array_agg(b.person_id), '{}') into done from b;
	when 'delete' then
		update person p set deleted_at = clock_timestamp(),
		    password_hash = null where p.auth_user_id = any (live);
		perform person_forget(live);
		done := live;
	end case;
	perform person_audit(case $1 when 'sign_out' then 'user_signed_out'
	    when 'assign' then 'user_assigned' when 'unassign'
	    then 'user_unassigned' when 'require_mfa' then 'user_updated'
	    when 'delete' then 'user_deleted' else 'user_' || $1 || 'd' end, $5,
	    i, $2, '{"bulk": true}', $6) from unnest(done) i;
	perform person_audit('users_changed', $5, null, $2,
	    jsonb_build_object('action', $1, 'changed', cardinality(done),
	    'asked', cardinality(ids), 'filter', $4), $6);
	return query
	select 'ok', null::int8, json_build_object(
	    'changed', cardinality(done), 'skipped', (select coalesce(
	    json_agg(json_build_object('auth_user_id', i, 'reason',
	    case when not exists (select from person p
	    where p.auth_user_id = i and (p.deleted_at is null
	    or i = any (done))) then 'not_found'
	    when i = $5 and $1 in ('disable', 'delete') then 'not_yourself'
	    else 'unchanged' end)), '[]')
	    from (select i from unnest(ids) i where i <> all (done)
	    limit 1000) v), 'skipped_count', cardinality(ids)
	    - cardinality(done))::text;
exception when raise_exception then
	get stacked diagnostics why = constraint_name, what = message_text;
	return query select r.outcome, null::int8, r.body
	    from person_refused(why, what, '{}') r;
	if not found then
		raise;
	end if;
end
$$;

-- A page of the export: lines of CSV, and the id it ended with (null: the
-- last).  $1 filters  $2 after  $3 rows  $4 actor  $5 origin
create function person_export(jsonb, uuid, int4, uuid, text[])
returns table (piece text, next text)
language plpgsql volatile rows 1 set search_path from current
    set enable_seqscan = off set jit = off
as $$
declare
	ids	uuid[];
	head	text := '';
	lines	text;
begin
	if $2 is null then
		perform person_audit('users_exported', $4, null, null,
		    jsonb_build_object('filter', $1), $5);
		head := 'auth_user_id,name,email,mobile_number,emp_id,status,'
		    || 'mfa_enabled,is_admin,language,carrier,applications,'
		    || E'created_at,last_login_at\r\n';
	end if;
	execute format('select array(select p.auth_user_id from person p'
	    || ' where %s and %s order by p.auth_user_id limit %s)',
	    person_where($1), case when $2 is null then 'true'
	    else format('p.auth_user_id > %L', $2) end, $3) into ids;
	select coalesce(string_agg(concat_ws(',', p.auth_user_id,
	    csv_cell(p.name), csv_cell(p.email), csv_cell(p.mobile_number),
	    csv_cell(p.emp_id), p.status, p.mfa_enabled::text,
	    p.is_admin::text, coalesce(p.language, ''), coalesce(p.carrier, ''), csv_cell((
	    select string_agg(a.name, '; ' order by lower(a.name))
	    from assignment s join application a on a.id = s.application_id
	    where s.person_id = p.auth_user_id)), json_time(p.created_at),
	    coalesce(json_time(l.last_login_at), '')) || E'\r\n', ''
	    order by p.auth_user_id), '') into lines
	    from unnest(ids) i (id) join person p on p.auth_user_id = i.id
	    left join person_login l on l.person_id = p.auth_user_id;
	return query select head || lines, case when cardinality(ids) >= $3
	    then ids[cardinality(ids)]::text end;
end
$$;

-- ---- import of CSV files ----------------------------------------------------

-- A file arrives in chunks, as it is (import_chunk).  A check reads it from the
-- first chunk to the last, and stages each row with what it would do
-- (import_row); a commit does all of it in one statement, or nothing.  What
-- takes long is done by one service at a time: |run| is its ticket, good until
-- run_until; whoever finds it stale begins afresh.  asked_by: whose act it is
-- that is being done.
alter table import_job
	alter column file_hash drop not null,
	drop constraint import_job_state_domain,
	add constraint import_job_state_domain check (state in ('staging',
	    'checking', 'checked', 'importing', 'done', 'disabling',
	    'enabling', 'undoing', 'undone', 'cancelled', 'failed')),
	add asked_by	uuid,
	add match	text[] not null default '{emp_id,email,mobile_number}',
	add applications uuid[] not null default '{}',
	add delimiter	text check (char_length(delimiter) = 1),
	add encoding	text,
	add columns	jsonb,
	add mapping	jsonb,
	add preview	jsonb,
	add n_chunks	int4 not null default 0,
	add received	int8 not null default 0,
	add done	int8 not null default 0,
	add problem	text,
	add run		uuid,
	add run_until	timestamptz;
create index import_job_created_idx on import_job (created_at desc, id desc);

create unlogged table import_chunk (
	import_id	uuid not null,
	no		int4 not null check (no between 0 and 1023),
	data		bytea not null check (octet_length(data) <= 1048576),
	primary key (import_id, no)
);
-- Names and numbers: compressing them costs more than it saves.
alter table import_chunk alter column data set storage external;

-- cells: the row as it came, a JSON array; the others what was read from it.
drop table import_row;
create unlogged table import_row (
	import_id	uuid not null,
	row_no		int4 not null check (row_no >= 1),
	cells		text not null,
	name		text,
	email		text,
	mobile_number	text,
	emp_id		text,
	language	text,
	carrier		text,
	status		text,
	mfa_enabled	bool,
	action		text not null
	    constraint import_row_action_domain
	    check (action in ('create', 'update', 'same', 'error')),
	person_id	uuid,
	person_version	int8,
	problems	jsonb,
	primary key (import_id, row_no)
);
create index import_row_action_idx on import_row (import_id, action, row_no)
    where action <> 'create';
create index import_row_problem_idx on import_row (import_id, row_no)
    where problems is not null;

-- What the people that an import updated were like; who was created has its
-- import_id.  version: after the import.  is_missing: of who was disabled
-- because the file does not have them.
create table import_undo (
	import_id	uuid not null references import_job on delete cascade,
	person_id	uuid not null references person on delete cascade,
	version		int8 not null,
	before		jsonb not null,
	assigned	uuid[] not null default '{}',
	is_missing	bool not null default false,
	primary key (import_id, person_id)
);
create index import_undo_person_idx on import_undo (person_id);

-- One thing that is wrong with a row.
create function import_problem(name text, value text, problem text, fix text)
returns jsonb
language sql immutable parallel safe
as $$
	select jsonb_build_array(jsonb_build_object('column', $1, 'value', $2,
	    'problem', $3, 'fix', $4, 'severity', 'error'))
$$;

-- A commit and an undo go in steps of so many rows.
create function import_step() returns int4
language sql immutable parallel safe as $$ select 5000 $$;

-- How far a commit or an undo is.  Nothing that it writes is seen by anybody
-- before its end, but the name of its connection is, at once, and is gone with
-- the transaction whatever ends that.  $1 import  $2 people done
create function import_tell(uuid, int8) returns void
language sql volatile
as $$
	select set_config('application_name', format('import %s %s', $1, $2),
	    true)
$$;

-- What import_tell() says now; 0 when nobody is at it.
create function import_told(uuid) returns int8
language sql volatile
as $$
	select coalesce(max(substring(a.application_name from '^import '
	    || $1 || ' ([0-9]{1,9})$')::int8), 0)
	from pg_stat_activity a where a.datname = current_database()
$$;

-- Import of the console.  Progress is bytes of the file while it is read, and
-- people while they are written.
create function import_json(j import_job) returns json
language sql volatile
as $$
	select json_build_object('id', j.id, 'state', j.state,
	    'file_name', j.file_name, 'mode', j.mode, 'match', j.match,
	    'applications', j.applications, 'delimiter', j.delimiter,
	    'encoding', j.encoding, 'received_bytes', j.received,
	    'next_chunk', j.n_chunks, 'progress', case
	    when j.state in ('importing', 'undoing', 'disabling', 'enabling')
	    then json_build_object('done', import_told(j.id), 'total',
	    case j.state when 'disabling' then (j.totals ->> 'missing')::int8
	    when 'enabling' then (j.totals ->> 'disabled')::int8
	    else (j.totals ->> 'create')::int8 + (j.totals ->> 'update')::int8
	    + coalesce((j.totals ->> 'disabled')::int8, 0) end)
	    else json_build_object('done',
	    case when j.state in ('checked', 'done', 'undone') then j.received
	    else j.done end, 'total', j.received) end,
	    'columns', coalesce(j.columns, '[]'),
	    'mapping', coalesce(j.mapping, '{}'),
	    'preview', coalesce(j.preview, '[]'), 'totals', j.totals,
	    'problem', j.problem, 'file_hash', encode(j.file_hash, 'hex'),
	    'created_by', j.created_by, 'created_at', json_time(j.created_at),
	    'ended_at', json_time(j.ended_at),
	    'undo_until', json_time(case when j.state = 'done'
	    and j.undo_until > now() then j.undo_until end))
$$;

-- $1 file name  $2 mode  $3 match  $4 delimiter  $5 encoding (null: as found)
-- $6 applications  $7 actor
create function import_create(text, text, text[], text, text, uuid[], uuid)
returns table (outcome text, version int8, body text)
language plpgsql volatile rows 1 set search_path from current
as $$
#variable_conflict use_column
declare
	j	import_job;
begin
	if exists (select from unnest($6) a where not exists (
	    select from application p where p.id = a)) then
		return query select 'invalid', null::int8, json_build_array(
		    json_build_object('field', 'applications', 'message',
		    'One of these applications does not exist.'))::text;
		return;
	end if;
	insert into import_job (file_name, mode, match, delimiter, encoding,
	    applications, created_by)
	    values ($1, $2, $3, $4, $5, $6, $7) returning * into j;
	return query select 'created', null::int8, import_json(j)::text;
end
$$;

-- A chunk; the first one brings what the file looks like.  $1 import  $2 no
-- $3 bytes  $4 delimiter, $5 encoding, $6 columns, $7 mapping, $8 preview: null
-- but with the first.  Sent once more, it replaces itself.
create function import_chunk_put(uuid, int4, bytea, text, text, jsonb, jsonb,
    jsonb)
returns table (outcome text, version int8, body text)
language plpgsql volatile rows 1 set search_path from current
as $$
#variable_conflict use_column
declare
	j	import_job;
	had	int8;
begin
	select * into j from import_job i where i.id = $1 for no key update;
	if not found then
		return query select 'not_found', null::int8, null::text;
		return;
	elsif j.state <> 'staging' or $2 > j.n_chunks then
		return query select 'conflict', null::int8, json_build_object(
		    'state', j.state, 'next_chunk', j.n_chunks)::text;
		return;
	end if;
	select octet_length(c.data) into had from import_chunk c
	    where c.import_id = $1 and c.no = $2;
	insert into import_chunk (import_id, no, data) values ($1, $2, $3)
	    on conflict (import_id, no) do update set data = excluded.data;
	update import_job i set n_chunks = greatest(i.n_chunks, $2 + 1),
	    received = i.received - coalesce(had, 0) + octet_length($3),
	    delimiter = coalesce($4, i.delimiter),
	    encoding = coalesce($5, i.encoding),
	    columns = coalesce($6, i.columns), mapping = coalesce($7, i.mapping),
	    preview = coalesce($8, i.preview)
	    where i.id = $1 returning * into j;
	return query select 'ok', null::int8, json_build_object(
	    'received_bytes', j.received, 'next_chunk', j.n_chunks)::text;
end
$$;

-- Asks for what takes long.  $1 import  $2 state to go to: checking, importing
-- or undoing  $3 mapping (checking)  $4 not when there are errors (importing)
-- $5 actor: another administrator may commit or undo what one has uploaded.
create function import_start(uuid, text, jsonb, bool, uuid)
returns table (outcome text, version int8, body text)
language plpgsql volatile rows 1 set search_path from current
as $$
#variable_conflict use_column
declare
	j	import_job;
begin
	select * into j from import_job i where i.id = $1
	    for no key update nowait;
	if not found then
		return query select 'not_found', null::int8, null::text;
		return;
	elsif j.state = $2 then
		return query select 'ok', null::int8, import_json(j)::text;
		return;
	elsif $2 = 'checking' and (j.n_chunks = 0
	    or j.state not in ('staging', 'checked', 'failed'))
	    or $2 = 'importing' and j.state <> 'checked'
	    or $2 = 'undoing' and (j.state <> 'done'
	    or j.undo_until <= now()) then
		return query select 'conflict', null::int8, json_build_object(
		    'state', j.state)::text;
		return;
	elsif $2 = 'importing' and $4
	    and (j.totals ->> 'error')::int8 > 0 then
		return query select 'import_has_errors', null::int8, null::text;
		return;
	end if;
	update import_job i set state = $2, mapping = coalesce($3, i.mapping),
	    done = 0, problem = null, run = null, run_until = now(),
	    asked_by = $5,
	    totals = case $2 when 'checking' then '{}' else i.totals end
	    where i.id = $1 returning * into j;
	return query select 'ok', null::int8, import_json(j)::text;
exception when lock_not_available then
	return query select 'conflict', null::int8, null::text;
end
$$;

-- Takes the work over that nobody does.  $1 import  $2 ticket
create function import_claim(uuid, uuid)
returns table (state text, encoding text, delimiter text, columns text,
    mapping text, n_chunks int4, received int8)
language sql volatile rows 1
as $$
	update import_job j set run = $2,
	    run_until = now() + interval '60 seconds', done = 0
	from (select i.id from import_job i where i.id = $1
	    and i.state in ('checking', 'importing', 'undoing', 'disabling',
	    'enabling')
	    and i.run_until <= now() for no key update skip locked) c
	where j.id = c.id
	returning j.state, j.encoding, j.delimiter, j.columns::text,
	    j.mapping::text, j.n_chunks, j.received
$$;

-- Stages rows.  $1 import  $2 ticket  $3 number of the first  $4 cells  $5..$12
-- what was read, null: nothing  $13 problems, null: none  $14 is it an error
-- $15 bytes of the file that are read now
-- How many rows; null when the ticket is void.
create function import_stage(uuid, uuid, int4, text[], text[], text[], text[],
    text[], text[], text[], text[], text[], text[], bool[], int8)
returns int8
language plpgsql volatile set search_path from current
    set enable_seqscan = off set enable_hashjoin = off
    set enable_mergejoin = off set enable_material = off set jit = off
-- Each row is looked up by its keys, also where a file was committed a moment
-- ago and the statistics know of a handful of people.
as $$
declare
	j	import_job;
	n	int8;
begin
	update import_job i set done = $15,
	    run_until = now() + interval '60 seconds'
	    where i.id = $1 and i.run = $2 and i.state = 'checking'
	    returning * into j;
	if not found then
		return null;
	end if;
	insert into import_row (import_id, row_no, cells, name, email,
	    mobile_number, emp_id, language, carrier, status, mfa_enabled,
	    action, person_id, person_version, problems)
	select $1, $3 + s.i::int4 - 1, s.cells, s.name, s.email, s.mobile,
	    s.emp, s.language, s.carrier, s.status, s.mfa::bool,
	    case when s.is_bad or q.problems is not null then 'error'
	    when p.auth_user_id is null then 'create'
	    when (s.name is null or s.name = p.name)
	    and (s.email is null or s.email = p.email)
	    and (s.mobile is null or s.mobile = p.mobile_number)
	    and (s.emp is null or s.emp = p.emp_id)
	    and (s.language is null or s.language = p.language)
	    and (s.carrier is null or s.carrier = p.carrier)
	    and (s.status is null or s.status = p.status)
	    and (s.mfa is null or s.mfa::bool = p.mfa_enabled)
	    and not exists (select from unnest(j.applications) a
	    where not exists (select from assignment t
	    where t.application_id = a and t.person_id = p.auth_user_id))
	    then 'same' else 'update' end,
	    p.auth_user_id, p.version,
	    nullif(coalesce(s.problems::jsonb, '[]')
	    || coalesce(q.problems, '[]'), '[]')
	from unnest($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
	    with ordinality s (cells, name, email, mobile, emp, language,
	    carrier, status, mfa, problems, is_bad, i)
	left join person pe on pe.emp_id = s.emp and pe.emp_id is not null
	    and pe.deleted_at is null
	left join person pm on lower(pm.email collate "C") = s.email
	    and pm.email is not null and pm.deleted_at is null
	left join person pn on pn.mobile_number = s.mobile
	    and pn.mobile_number is not null and pn.deleted_at is null
	left join person p on p.auth_user_id = coalesce(
	    case j.match[1] when 'emp_id' then pe.auth_user_id
	    when 'email' then pm.auth_user_id
	    when 'mobile_number' then pn.auth_user_id end,
	    case j.match[2] when 'emp_id' then pe.auth_user_id
	    when 'email' then pm.auth_user_id
	    when 'mobile_number' then pn.auth_user_id end,
	    case j.match[3] when 'emp_id' then pe.auth_user_id
	    when 'email' then pm.auth_user_id
	    when 'mobile_number' then pn.auth_user_id end)
	cross join lateral (select case when
	    p.auth_user_id is null and (j.mode = 'update' or s.name is null
	    and not s.is_bad)
	    or p.auth_user_id is not null and j.mode = 'create'
	    or pe.auth_user_id <> p.auth_user_id is not false
	    and pe.auth_user_id is not null
	    or pm.auth_user_id <> p.auth_user_id is not false
	    and pm.auth_user_id is not null
	    or pn.auth_user_id <> p.auth_user_id is not false
	    and pn.auth_user_id is not null
	    then import_conflicts(j.mode, p.auth_user_id, s.name is null,
	    array[s.emp, s.email, s.mobile], array[pe.auth_user_id,
	    pm.auth_user_id, pn.auth_user_id]) end as problems) q;
	get diagnostics n = row_count;
	return n;
end
$$;

-- Why a row cannot be done.  $1 mode  $2 who it is about  $3 has it no name
-- $4 employee id, e-mail and mobile of the row  $5 who has them
create function import_conflicts(text, uuid, bool, text[], uuid[])
returns jsonb
language plpgsql immutable
as $$
declare
	names	text[] := '{emp_id,email,mobile_number}';
	r	jsonb := '[]';
	i	int4;
begin
	if $2 is null and $1 = 'update' then
		r := r || import_problem(null, null, 'Nobody matches this row.',
		    'Check the employee id, e-mail address or mobile number, or'
		    ' import with creating as well.');
	elsif $2 is null and $3 then
		r := r || import_problem('name', null, 'The name is missing.',
		    'Fill in a name.');
	elsif $2 is not null and $1 = 'create' then
		i := array_position($5, $2);
		return import_problem(names[i], $4[i],
		    'This person is in the directory already.',
		    'Remove the row, or import with updating as well.');
	end if;
	for i in 1 .. 3 loop
		if $5[i] is not null and $5[i] is distinct from $2 then
			r := r || import_problem(names[i], $4[i],
			    'Another person in the directory has this.',
			    'Correct it here, or change that person first.');
		end if;
	end loop;
	return nullif(r, '[]');
end
$$;

-- The import, locked, when it is in this state and the ticket is good; else
-- nulls.  $1 import  $2 ticket (null: the command line)  $3 state
create function import_held(uuid, uuid, text) returns import_job
language sql volatile
as $$
	select i from import_job i where i.id = $1
	    and i.run is not distinct from $2 and i.state = $3
	    for no key update
$$;

-- The file is read to its end: finds what is in it twice, and counts.
-- $1 import  $2 ticket  $3 SHA-256 of the file
-- How many rows; null when the ticket is void.
create function import_check_end(uuid, uuid, bytea) returns int8
language plpgsql volatile set search_path from current
    set enable_seqscan = on set jit = off set work_mem = '64MB'
as $$
declare
	n	int8;
	key	text;
	what	text;
begin
	if (import_held($1, $2, 'checking')).id is null then
		return null;
	end if;
	foreach key in array array['emp_id', 'email', 'mobile_number',
	    'person_id'] loop
		what := case key when 'person_id' then 'null' else 'r.' || key end;
		execute format('update import_row r set action = ''error'','
		    || ' problems = coalesce(r.problems, ''[]'')'
		    || ' || import_problem(%L, %s, ''The same as in row '''
		    || ' || d.first || ''.'', ''Leave one of the two.'')'
		    || ' from (select %I as key, min(row_no) as first'
		    || ' from import_row where import_id = $1'
		    || ' and %I is not null group by 1 having count(*) > 1) d'
		    || ' where r.import_id = $1 and r.%I = d.key'
		    || ' and r.row_no > d.first', case key when 'person_id'
		    then null else key end, what, key, key, key) using $1;
	end loop;
	update import_job i set state = 'checked', file_hash = $3, run = null,
	    run_until = null, totals = (select jsonb_build_object(
	    'rows', count(*), 'create', count(*) filter (
	    where r.action = 'create'), 'update', count(*) filter (
	    where r.action = 'update'), 'same', count(*) filter (
	    where r.action = 'same'), 'error', count(*) filter (
	    where r.action = 'error'), 'warning', count(*) filter (
	    where r.action <> 'error' and r.problems is not null))
	    from import_row r where r.import_id = $1)
	    where i.id = $1 returning (i.totals ->> 'rows')::int8 into n;
	return n;
end
$$;

-- All of it, or nothing.  $1 import  $2 ticket  $3 origin.  The number of
-- rows; null when the ticket is void.
create function import_apply(uuid, uuid, text[]) returns int8
language plpgsql volatile set search_path from current set jit = off
    set work_mem = '64MB'
as $$
declare
	j	import_job := import_held($1, $2, 'importing');
	step	constant int4 := import_step();
	at	int4;
	k	int8;
	n_new	int8 := 0;
	n_old	int8;
	n_done	int8 := 0;
begin
	if j.id is null then
		return null;
	end if;
	for at in select generate_series(1, (select max(r.row_no)
	    from import_row r where r.import_id = $1), step) loop
		with n as (
			insert into person (name, email, mobile_number, emp_id,
			    language, carrier, status, mfa_enabled, import_id)
			select r.name, r.email, r.mobile_number, r.emp_id,
			    r.language, r.carrier, coalesce(r.status, 'active'),
			    coalesce(r.mfa_enabled, false), $1
			from import_row r
			where r.import_id = $1 and r.action = 'create'
			    and r.row_no >= at and r.row_no < at + step
			order by r.row_no
			returning auth_user_id
		), a as (
			insert into assignment (application_id, person_id,
			    created_by)
			select a, n.auth_user_id,
			    coalesce(j.asked_by, j.created_by)
			from n cross join unnest(j.applications) a
		)
		select count(*) into k from n;
		n_new := n_new + k;
		perform import_tell($1, n_new);
	end loop;
	-- A row is of the person as it was checked, or the whole is off.
	insert into import_undo (import_id, person_id, version, before)
	select $1, p.auth_user_id, p.version + 1, jsonb_build_object(
	    'name', p.name, 'email', p.email, 'mobile_number', p.mobile_number,
	    'emp_id', p.emp_id, 'language', p.language, 'carrier', p.carrier,
	    'status', p.status, 'mfa_enabled', p.mfa_enabled)
	from import_row r join person p on p.auth_user_id = r.person_id
	where r.import_id = $1 and r.action = 'update'
	    and p.version = r.person_version and p.deleted_at is null
	order by p.auth_user_id
	for no key update of p;
	get diagnostics n_old = row_count;
	if n_old <> (j.totals ->> 'update')::int8
	    or n_new <> (j.totals ->> 'create')::int8 then
		raise exception 'import_stale';
	end if;
	for at in select generate_series(1, (select max(r.row_no)
	    from import_row r where r.import_id = $1
	    and r.action = 'update'), step) loop
		update person p set name = coalesce(r.name, p.name),
		    email = coalesce(r.email, p.email),
		    mobile_number = coalesce(r.mobile_number, p.mobile_number),
		    emp_id = coalesce(r.emp_id, p.emp_id),
		    language = coalesce(r.language, p.language),
		    carrier = coalesce(r.carrier, p.carrier),
		    status = coalesce(r.status, p.status),
		    mfa_enabled = coalesce(r.mfa_enabled, p.mfa_enabled)
		from import_row r
		where r.import_id = $1 and r.action = 'update'
		    and r.row_no >= at and r.row_no < at + step
		    and p.auth_user_id = r.person_id;
		get diagnostics k = row_count;
		n_done := n_done + k;
		perform import_tell($1, n_new + n_done);
	end loop;
	with a as (
		insert into assignment as t (application_id, person_id,
		    created_by)
		select a, u.person_id,
		    coalesce(j.asked_by, j.created_by)
		from import_undo u cross join unnest(j.applications) a
		where u.import_id = $1
		on conflict do nothing
		returning t.application_id, t.person_id
	), g as (
		select a.person_id, array_agg(a.application_id) as ids
		from a group by a.person_id
	)
	update import_undo u set assigned = g.ids from g
	    where u.import_id = $1 and u.person_id = g.person_id;
	perform person_audit('users_imported',
	    coalesce(j.asked_by, j.created_by), null, null,
	    j.totals || jsonb_build_object('import_id', $1, 'file_name',
	    j.file_name, 'mode', j.mode, 'applications', j.applications,
	    'sha256', encode(j.file_hash, 'hex')), $3);
	update import_job i set state = 'done', ended_at = now(), run = null,
	    run_until = null, undo_until = now() + interval '24 hours'
	    where i.id = $1;
	return n_new + n_old;
end
$$;

-- Takes an import back: who was created is deleted, who was updated gets the
-- old values again; who was changed since is left alone.  $1 import  $2 ticket
-- $3 origin.  How many people; null when the ticket is void.
create function import_revert(uuid, uuid, text[]) returns int8
language plpgsql volatile set search_path from current set jit = off
    set work_mem = '64MB'
as $$
declare
	j	import_job := import_held($1, $2, 'undoing');
	step	constant int4 := import_step();
	actor	uuid := coalesce(j.asked_by, j.created_by);
	told	jsonb;
	ids	uuid[];
	after	uuid;
	k	int8;
	n_new	int8 := 0;
	n_old	int8 := 0;
	n_on	int8;
begin
	if j.id is null then
		return null;
	end if;
	loop
		ids := array(select p.auth_user_id from person p
		    where p.import_id = $1 and p.deleted_at is null
		    and (after is null or p.auth_user_id > after)
		    order by p.auth_user_id limit step);
		exit when ids = '{}';
		after := ids[cardinality(ids)];
		update person p set deleted_at = clock_timestamp(),
		    password_hash = null where p.auth_user_id = any (ids)
		    and p.version = 1 and p.deleted_at is null;
		get diagnostics k = row_count;
		n_new := n_new + k;
		perform import_tell($1, n_new);
	end loop;
	delete from assignment t using import_undo u, person p
	    where u.import_id = $1 and p.auth_user_id = u.person_id
	    and p.version = u.version and p.deleted_at is null
	    and t.person_id = u.person_id
	    and t.application_id = any (u.assigned);
	after := null;
	loop
		ids := array(select u.person_id from import_undo u
		    where u.import_id = $1 and not u.is_missing
		    and (after is null or u.person_id > after)
		    order by u.person_id limit step);
		exit when ids = '{}';
		after := ids[cardinality(ids)];
		update person p set name = b.name, email = b.email,
		    mobile_number = b.mobile_number, emp_id = b.emp_id,
		    language = b.language, carrier = b.carrier,
		    status = b.status, mfa_enabled = b.mfa_enabled
		from import_undo u cross join lateral
		    jsonb_populate_record(null::person, u.before) b
		where u.import_id = $1 and u.person_id = any (ids)
		    and p.auth_user_id = u.person_id
		    and p.version = u.version and p.deleted_at is null;
		get diagnostics k = row_count;
		n_old := n_old + k;
		perform import_tell($1, n_new + n_old);
	end loop;
	n_on := import_enable_missing($1, n_new + n_old, actor, $3);
	told := jsonb_build_object('deleted', n_new, 'restored', n_old)
	    || case when j.totals ? 'disabled'
	    then jsonb_build_object('enabled', n_on) else '{}' end;
	perform person_audit('users_import_undone', actor, null, null,
	    told || jsonb_build_object('import_id', $1), $3);
	update import_job i set state = 'undone', run = null, run_until = null,
	    totals = i.totals || told || jsonb_build_object('left_alone',
	    (i.totals ->> 'create')::int8 + (i.totals ->> 'update')::int8
	    + coalesce((i.totals ->> 'disabled')::int8, 0)
	    - n_new - n_old - n_on)
	    where i.id = $1;
	return n_new + n_old + n_on;
end
$$;

-- It cannot go on; what was to be done is not done.  $1 import  $2 ticket
-- $3 why.  After a commit the file is to be checked again.
create function import_fail(uuid, uuid, text) returns int8
language sql volatile
as $$
	with u as (
		update import_job j set state = case
		    when j.state in ('undoing', 'disabling', 'enabling')
		    then 'done' else 'failed' end,
		    problem = left($3, 500), run = null, run_until = null,
		    totals = j.totals - 'missing'
		    where j.id = $1 and j.run is not distinct from $2
		    and j.state in ('checking', 'importing', 'undoing',
		    'disabling', 'enabling')
		    returning 1
	)
	select count(*) from u
$$;

-- A page of what is wrong, as lines of CSV: the columns as they came, the
-- number of the row, and why.  $1 import  $2 after row (0: from the first, with
-- the names of the columns)  $3 rows.  No row: there is no such import.
create function import_errors(uuid, int4, int4)
returns table (piece text, next text)
language plpgsql stable rows 100 set search_path from current set jit = off
as $$
declare
	names	jsonb;
	k	int4;
begin
	select j.columns into names from import_job j where j.id = $1;
	if not found then
		return;
	end if;
	k := jsonb_array_length(coalesce(names, '[]'));
	select string_agg(v.line, '' order by v.row_no),
	    case when count(*) = $3 then max(v.row_no)::text end
	    into piece, next
	from (select r.row_no, (select string_agg(csv_cell(r.cells::json ->> i),
	    ',' order by i) from generate_series(0, k - 1) i) || ',' || r.row_no
	    || ',' || csv_cell((select string_agg(concat_ws(': ',
	    p ->> 'column', concat_ws(' ', p ->> 'problem', p ->> 'fix')), ' '
	    order by n) from jsonb_array_elements(r.problems)
	    with ordinality e (p, n))) || E'\r\n' as line
	    from import_row r where r.import_id = $1 and r.action = 'error'
	    and r.row_no > $2 order by r.row_no limit $3) v;
	if $2 = 0 then
		piece := coalesce((select string_agg(csv_cell(c), ',' order by i)
		    from jsonb_array_elements_text(names)
		    with ordinality e (c, i)) || ',', '') || E'_row,_errors\r\n'
		    || coalesce(piece, '');
	end if;
	return next;
end
$$;
