-- 0012_console: administrators' sessions, applications, branding.

-- As in 0007, but $4 may be two MACs of the recovery code, one behind the other:
-- the second under the master key before the present one.
create or replace function second_factor_try(uuid, bytea, int8, bytea)
returns table (outcome text, attempts_left int4, retry_after_s int4)
language plpgsql volatile rows 1
as $$
#variable_conflict use_column
declare
	k	int4;
	found_by text;
begin
	insert into throttle as l (bucket, subject, n)
	    values ('second_factor', $1::text, 1)
	    on conflict (bucket, subject) do update
	    set n = login_count(l.n, l.window_start),
	    window_start = clock_timestamp(),
	    wait_until = login_wait_until(login_count(l.n, l.window_start))
	    where l.wait_until is null or l.wait_until <= clock_timestamp()
	    returning l.n into k;
	if k is null then
		return query select 'too_many_attempts', 0,
		    login_retry_s(l.wait_until) from throttle l
		    where l.bucket = 'second_factor' and l.subject = $1::text;
		return;
	end if;
	if $3 is not null then
		update totp t set last_step = $3, last_used_at = clock_timestamp()
		    where t.person_id = $1 and t.secret = $2
		    and t.confirmed_at is not null and t.last_step < $3
		    returning 'totp' into found_by;
	elsif $4 is not null then
		update recovery_code r set used_at = clock_timestamp()
		    where r.person_id = $1 and r.code_mac in (substr($4, 1, 32),
		    substr($4, 33, 32))
		    and r.used_at is null
		    returning 'recovery' into found_by;
	end if;
	if found_by is not null then
		delete from throttle l
		    where l.bucket = 'second_factor' and l.subject = $1::text;
	end if;
	return query select coalesce(found_by, 'otp_invalid'),
	    greatest(0, 5 - k), 0;
end
$$;

-- ---- sessions ------------------------------------------------------------

-- The hash says who has the cookie; the id is what is shown of a session.
alter table console_session
	add column id uuid not null default uuid_v7(),
	add column method text not null default 'password'
	    constraint console_session_method_domain check (method in
	    ('password', 'otp', 'password_otp', 'password_totp',
	    'password_recovery', 'otp_totp', 'otp_recovery', 'link')),
	add constraint console_session_id_key unique (id),
	add constraint console_session_expires_within
	    check (expires_at <= absolute_expires_at);

-- The first factor of a sign-in that waits for the second one.
alter table mfa_ticket add column first_factor text not null default 'password'
    constraint mfa_ticket_first_factor_domain
    check (first_factor in ('password', 'otp'));

-- Does an administrator need a second factor?
create function console_needs_factor(person) returns bool
language sql stable parallel safe
as $$
	select $1.mfa_enabled or setting_value('mfa_admin_required') = 'true'
$$;

-- Opens a session: the person is looked at once more and held until the commit,
-- the count of wrong passwords starts afresh.  Null: no active administrator,
-- or the password was changed meanwhile.
-- $1 person (null: no row)  $2 hash of the cookie  $3 method  $4 checked
-- password hash (null: not looked at)  $5 new password hash (null: stays)
-- $6..$11 origin
create function console_session_open(uuid, bytea, text, text, text, text, text,
    text, text, text, text) returns uuid
language sql volatile
as $$
	with p as (
		select p.auth_user_id from person p
		where p.auth_user_id = $1 and p.is_admin and p.status = 'active'
		    and p.deleted_at is null
		    and ($4 is null or p.password_hash = $4)
		for share
	), o as (
		select o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
		    o.user_agent
		from audit_origin($6, $7, $8, $9, $10, $11) o
	), l as (
		insert into person_login (person_id, last_login_at)
		select p.auth_user_id, now() from p
		on conflict (person_id) do update
		set failures = 0, wait_until = null, last_login_at = now()
		returning person_id
	), h as (
		update person q set password_hash = $5 from p
		where q.auth_user_id = p.auth_user_id and $5 is not null
		returning q.auth_user_id
	), s as (
		insert into console_session (hash, person_id, method, ip,
		    user_agent, created_at, last_seen_at, expires_at,
		    absolute_expires_at)
		select $2, p.auth_user_id, $3, o.ip, o.user_agent, now(), now(),
		    now() + make_interval(secs => least(
		    (setting_value('console_idle_s') #>> '{}')::int4,
		    (setting_value('console_absolute_s') #>> '{}')::int4)),
		    now() + make_interval(secs =>
		    (setting_value('console_absolute_s') #>> '{}')::int4)
		from p cross join o
		returning id
	), a as (
		insert into audit (event, category, actor_id, subject_id,
		    session_id, request_id, ip, remote, forwarded, client_ip,
		    user_agent, detail)
		select e.event, 'sign_in', p.auth_user_id, p.auth_user_id, s.id,
		    o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
		    o.user_agent, case when e.event = 'login_succeeded' then
		    jsonb_build_object('method', $3, 'console', true) end
		from p cross join o cross join s
		cross join (values ('login_succeeded'), ('password_rehashed'))
		    e (event)
		where e.event = 'login_succeeded' or exists (select from h)
		returning id
	)
	select s.id from s
$$;

insert into setting (name, kind, default_value, min, max, pattern, description)
values
	('brand_accent', 'text', '"#1f5fbf"', null, null,
	    '^#[0-9a-f]{6}$', 'Colour of links and buttons'),
	('brand_support_url', 'text', '""', null, 500,
	    '^(|https://[^\s"<>]+|mailto:[^\s"<>]+)$',
	    'Where people find help; empty: nowhere');

-- ---- second factor and codes ---------------------------------------------

-- As challenge_try() of 0007, for the console's own codes, which belong to no
-- application.  $1 challenge  $2 purpose  $3 MAC of what was typed
create function console_challenge_try(uuid, text, bytea)
returns table (outcome text, person_id uuid)
language plpgsql volatile rows 1
as $$
#variable_conflict use_column
declare
	c	challenge;
begin
	select * into c from challenge k where k.id = $1
	    and k.application_id is null and k.purpose = $2 for no key update;
	if not found or c.used_at is not null or c.ended_at is not null
	    or c.attempts >= c.max_attempts
	    or c.expires_at <= clock_timestamp() then
		return query select 'otp_invalid', null::uuid;
		return;
	end if;
	update challenge k set attempts = k.attempts + 1,
	    used_at = case when k.code_mac = $3 then clock_timestamp() end
	    where k.id = $1;
	return query select
	    case when c.code_mac = $3 then 'ok' else 'otp_invalid' end,
	    case when c.code_mac = $3 then c.person_id end;
end
$$;

-- One try of the second factor of a sign-in to the console; five wrong ones end
-- the ticket, the right one uses it up (mfa_try() of 0007).
-- $1 hash of the ticket  $2 MAC for its challenge (null: none)
-- $3 sealed secret, $4 step, $5 MAC of a recovery code: second_factor_try()
-- outcome: 'ok' (then person_id and method), 'otp_invalid',
-- 'too_many_attempts'
create function console_factor_try(bytea, bytea, bytea, int8, bytea)
returns table (outcome text, retry_after_s int4, person_id uuid, method text)
language plpgsql volatile rows 1
as $$
#variable_conflict use_column
declare
	t	mfa_ticket;
	c	record;
	f	record;
	how	text;
begin
	select * into t from mfa_ticket k where k.hash = $1
	    and k.application_id is null for no key update;
	if not found or t.used_at is not null or t.attempts >= 5
	    or t.expires_at <= clock_timestamp() then
		return query select 'otp_invalid', 0, null::uuid, null::text;
		return;
	end if;
	if $2 is not null and t.challenge_id is not null then
		select * into c from console_challenge_try(t.challenge_id, 'mfa',
		    $2);
		if c.outcome = 'ok' then
			how := 'otp';
		end if;
	end if;
	if how is null and ($3 is not null or $5 is not null) then
		select * into f from second_factor_try(t.person_id, $3, $4, $5);
		if f.outcome = 'too_many_attempts' then
			return query select f.outcome, f.retry_after_s, null::uuid,
			    null::text;
			return;
		elsif f.outcome <> 'otp_invalid' then
			how := f.outcome;
		end if;
	end if;
	update mfa_ticket k set attempts = k.attempts + 1,
	    used_at = case when how is not null then clock_timestamp() end
	    where k.hash = $1;
	return query select case when how is null then 'otp_invalid' else 'ok' end,
	    0, case when how is not null then t.person_id end,
	    t.first_factor || '_' || how;
end
$$;

-- ---- step-up --------------------------------------------------------------

-- After a step-up the cookie is another one; calls that were under way with the
-- old one are answered for a moment still, without the step-up.
alter table console_session
	add column previous_hash bytea
	    constraint console_session_previous_length
	    check (octet_length(previous_hash) = 32),
	add column rotated_at timestamptz;
create unique index console_session_previous_key
    on console_session (previous_hash) where previous_hash is not null;

-- Proof that the administrator is there, and the new cookie that comes with it.
-- $1 session  $2 new hash  $3 checked password hash (null: another proof)
-- $4 challenge, $5 MAC of what was typed (null: another proof)
-- $6 secret, $7 step, $8 recovery MAC: second_factor_try()
-- $9..$14 origin
-- outcome: 'ok', 'otp_invalid', 'too_many_attempts'
create function console_step_up(uuid, bytea, text, uuid, bytea, bytea, int8,
    bytea, text, text, text, text, text, text)
returns table (outcome text, retry_after_s int4, step_up_until timestamptz)
language plpgsql volatile rows 1
as $$
#variable_conflict use_column
declare
	person	uuid;
	how	text;
	f	record;
begin
	select s.person_id into person from console_session s
	    where s.id = $1 and s.revoked_at is null;
	if $3 is not null then
		perform from person p where p.auth_user_id = person
		    and p.password_hash = $3 for share;
		if found then
			how := 'password';
			update person_login l set failures = 0, wait_until = null
			    where l.person_id = person;
		end if;
	elsif $5 is not null then
		select 'otp' into how
		    from console_challenge_try($4, 'step_up', $5) c
		    where c.outcome = 'ok' and c.person_id = person;
	else
		select * into f from second_factor_try(person, $6, $7, $8);
		if f.outcome = 'too_many_attempts' then
			return query select f.outcome, f.retry_after_s,
			    null::timestamptz;
			return;
		elsif f.outcome <> 'otp_invalid' then
			how := f.outcome;
		end if;
	end if;
	if how is not null then
		return query
		with s as (
			update console_session s set previous_hash = s.hash,
			    hash = $2, rotated_at = clock_timestamp(),
			    step_up_at = clock_timestamp()
			where s.id = $1 and s.revoked_at is null
			returning s.step_up_at + interval '5 minutes' as until
		), a as (
			insert into audit (event, category, actor_id, subject_id,
			    session_id, request_id, ip, remote, forwarded,
			    client_ip, user_agent, detail)
			select 'console_step_up', 'sign_in', person, person, $1,
			    o.request_id, o.ip, o.remote, o.forwarded,
			    o.client_ip, o.user_agent,
			    jsonb_build_object('method', how)
			from s cross join audit_origin($9, $10, $11, $12, $13,
			    $14) o
			returning id
		)
		select 'ok', 0, s.until from s;
		if found then
			return;
		end if;
	end if;
	return query select 'otp_invalid', 0, null::timestamptz;
end
$$;

-- ---- what the answers are made of ----------------------------------------

-- What a statement of the console returns (src/console/console_doc.h).
create type console_doc as (outcome text, version int8, body text);

create function console_ok(outcome text, version int8, body jsonb)
returns console_doc
language sql immutable parallel safe
as $$
	select ($1, $2, $3::text)::console_doc
$$;

create function console_refuse(code text, body jsonb default null)
returns console_doc
language sql immutable parallel safe
as $$
	select ($1, null, $2::text)::console_doc
$$;

-- One field that is wrong.
create function console_error(field text, message text) returns jsonb
language sql immutable parallel safe
as $$
	select jsonb_build_object('field', $1, 'message', $2)
$$;

-- What changed between two objects: {field: {from, to}}.
create function console_diff(before jsonb, after jsonb) returns jsonb
language sql immutable parallel safe
as $$
	select coalesce(jsonb_object_agg(k.key, jsonb_build_object(
	    'from', $1 -> k.key, 'to', $2 -> k.key)), '{}')
	from (select jsonb_object_keys($1) union
	    select jsonb_object_keys($2)) k (key)
	where $1 -> k.key is distinct from $2 -> k.key
$$;

-- A time or an opaque cursor as somebody sent it; null: it is none.
create function console_time(value text) returns timestamptz
language plpgsql stable
as $$
begin
	return case when value ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$'
	    then value::timestamptz end;
exception when others then
	return null;
end
$$;

create function console_cursor(value text) returns text
language plpgsql immutable
as $$
begin
	return convert_from(decode(value, 'hex'), 'UTF8');
exception when others then
	return null;
end
$$;

-- ---- an administrator's own second factor --------------------------------

-- Whose session it is, unless it has ended.  $1 session  $2 its application
-- (null: it is one of the console)
create function session_person(uuid, uuid) returns table (person_id uuid)
language sql stable parallel safe rows 1
as $$
	select s.person_id from session s
	where s.id = $1 and s.application_id = $2 and s.revoked_at is null
	union all
	select c.person_id from console_session c
	where c.id = $1 and $2 is null and c.revoked_at is null
$$;

-- $1 person
create function console_factors(uuid) returns console_doc
language sql stable
as $$
	select console_ok('ok', null, jsonb_build_object(
	    'mfa_enabled', p.mfa_enabled,
	    'is_required', setting_value('mfa_admin_required') = 'true',
	    'totp', case when t.confirmed_at is not null
	    then jsonb_build_object('confirmed_at', json_time(t.confirmed_at),
	    'last_used_at', json_time(t.last_used_at)) end,
	    'recovery_left', (select count(*) from recovery_code r
	    where r.person_id = p.auth_user_id and r.used_at is null)))
	from person p
	left join totp t on t.person_id = p.auth_user_id
	where p.auth_user_id = $1 and p.deleted_at is null
$$;

-- The step-up was the proof.  Ends the person's other sessions.  Nobody is left
-- with a second factor that cannot be had: then it is refused.
-- $1 session  $2 codes are shown in answers  $3 outbox id  $4 channel
-- (null: no notice)  $5 destination  $6 payload  $7..$12 origin
create function console_totp_remove(uuid, bool, uuid, text, text, bytea, text,
    text, text, text, text, text) returns console_doc
language plpgsql volatile
as $$
declare
	p	person;
	n	int4;
	m	int4;
begin
	select q.* into p from console_session s
	    join person q on q.auth_user_id = s.person_id
	    where s.id = $1 and s.revoked_at is null for no key update of q;
	if not found then
		return console_refuse('console_session_required');
	end if;
	perform from totp t where t.person_id = p.auth_user_id
	    and t.confirmed_at is not null for update;
	if not found then
		return console_refuse('totp_not_enrolled');
	elsif console_needs_factor(p) and person_channel(p, $2) is null then
		return console_refuse('last_factor');
	end if;
	delete from totp t where t.person_id = p.auth_user_id;
	update session s set revoked_at = clock_timestamp(),
	    revoke_reason = 'mfa_changed'
	    where s.person_id = p.auth_user_id and s.revoked_at is null
	    and s.expires_at > now();
	get diagnostics n = row_count;
	update console_session s set revoked_at = clock_timestamp()
	    where s.person_id = p.auth_user_id and s.id <> $1
	    and s.revoked_at is null and s.expires_at > now();
	get diagnostics m = row_count;
	insert into audit (event, category, actor_id, subject_id, session_id,
	    request_id, ip, remote, forwarded, client_ip, user_agent, detail)
	    select 'totp_removed', 'sign_in', p.auth_user_id, p.auth_user_id,
	    $1, o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
	    o.user_agent, jsonb_build_object('by', 'step_up', 'console', true,
	    'sessions', n + m)
	    from audit_origin($7, $8, $9, $10, $11, $12) o;
	perform notice_put($3, $4, $5, $6, p.auth_user_id, null);
	return console_factors(p.auth_user_id);
end
$$;

-- A new set of recovery codes; the old ones are void.  The step-up was the
-- proof.  $1 session  $2 MACs of the codes, 32 bytes each, joined  $3 outbox id
-- $4 channel (null: no notice)  $5 destination  $6 payload  $7..$12 origin
create function console_recovery_replace(uuid, bytea, uuid, text, text, bytea,
    text, text, text, text, text, text) returns console_doc
language plpgsql volatile
as $$
declare
	person	uuid;
begin
	select s.person_id into person from console_session s
	    where s.id = $1 and s.revoked_at is null;
	if not found then
		return console_refuse('console_session_required');
	end if;
	-- Two sets at the same time: the second one replaces the first.
	perform pg_advisory_xact_lock(hashtextextended('recovery/' || person, 0));
	delete from recovery_code r where r.person_id = person;
	insert into recovery_code (person_id, code_mac)
	    select person, substring($2 from i * 32 + 1 for 32)
	    from generate_series(0, octet_length($2) / 32 - 1) i;
	insert into audit (event, category, actor_id, subject_id, session_id,
	    request_id, ip, remote, forwarded, client_ip, user_agent, detail)
	    select 'recovery_codes_made', 'sign_in', person, person, $1,
	    o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
	    o.user_agent, jsonb_build_object('by', 'step_up', 'console', true,
	    'codes', octet_length($2) / 32)
	    from audit_origin($7, $8, $9, $10, $11, $12) o;
	perform notice_put($3, $4, $5, $6, person, null);
	return console_factors(person);
end
$$;

-- ---- figures of the lists ------------------------------------------------

-- The first audit row of that time or later: ids grow with the time.
create function console_audit_since(since timestamptz) returns int8
language plpgsql stable
as $$
declare
	lo	int8 := 0;
	hi	int8 := coalesce((select max(a.id) from audit a), 0) + 1;
	mid	int8;
	t	timestamptz;
begin
	while lo < hi loop
		mid := lo + (hi - lo) / 2;
		select a.at into t from audit a where a.id >= mid
		    order by a.id limit 1;
		if t is null or t >= since then
			hi := mid;
		else
			lo := mid + 1;
		end if;
	end loop;
	return lo;
end
$$;

-- ---- applications --------------------------------------------------------

alter table application_key add column last_used_ip inet;

-- Calls of a day that were turned away, by application.
create function console_denied() returns table (application_id uuid, n int8)
language sql stable rows 100
as $$
	select a.application_id, sum(a.count)::int8 from audit a
	where a.event in ('api_key_invalid', 'application_disabled',
	    'ip_not_allowed', 'rate_limited')
	    and a.application_id is not null
	    and a.id >= console_audit_since(now() - interval '24 hours')
	group by a.application_id
$$;

-- A block as core/ip.h spells it: one address without its length.
create function console_block(block cidr) returns text
language sql immutable parallel safe
as $$
	select case when masklen($1) = case family($1) when 4 then 32 else 128 end
	    then host($1) else $1::text end
$$;

create function console_app_json(application) returns jsonb
language sql stable
as $$
	select jsonb_build_object('id', $1.id, 'name', $1.name,
	    'is_enabled', $1.is_enabled,
	    'rate_per_minute', $1.rate_per_minute,
	    'created_at', json_time($1.created_at),
	    'updated_at', json_time($1.updated_at), 'version', $1.version,
	    'users', (select count(*) from assignment s
	    where s.application_id = $1.id),
	    'keys', (select count(*) from application_key k
	    where k.application_id = $1.id),
	    'allowed_ips', coalesce((select jsonb_agg(jsonb_build_object(
	    'block', console_block(w.block), 'label', w.label) order by w.block)
	    from application_allow w where w.application_id = $1.id), '[]'),
	    'last_used_at', (select json_time(max(k.last_used_at))
	    from application_key k where k.application_id = $1.id),
	    'denied_24h', coalesce((select d.n from console_denied() d
	    where d.application_id = $1.id), 0))
$$;

-- What is wrong with the fields of an application; '[]': nothing.
create function console_app_errors(doc jsonb, is_new bool) returns jsonb
language sql immutable
as $$
	select coalesce(jsonb_agg(e.error), '[]') from (
		select console_error('name', 'Enter a name of 1 to 100 characters.')
		where ($2 or $1 ? 'name') and not coalesce(
		    jsonb_typeof($1 -> 'name') = 'string'
		    and char_length(btrim($1 ->> 'name')) between 1 and 100
		    and octet_length($1 ->> 'name') <= 200
		    and $1 ->> 'name' !~ '[[:cntrl:]]', false)
		union all
		select console_error('is_enabled', 'Send true or false.')
		where $1 ? 'is_enabled'
		    and jsonb_typeof($1 -> 'is_enabled') <> 'boolean'
		union all
		select console_error('rate_per_minute',
		    'Send a whole number from 1 to 100000000, or null.')
		where $1 ? 'rate_per_minute'
		    and jsonb_typeof($1 -> 'rate_per_minute') <> 'null'
		    and not ($1 ->> 'rate_per_minute' ~ '^[1-9]\d{0,8}$'
		    and jsonb_typeof($1 -> 'rate_per_minute') = 'number'
		    and ($1 ->> 'rate_per_minute')::int8 <= 100000000)
	) e (error)
$$;

create function console_name_taken() returns console_doc
language sql immutable
as $$
	select console_refuse('conflict', jsonb_build_object('errors',
	    jsonb_build_array(console_error('name',
	    'Another application has this name.'))))
$$;

-- $1 part of the name  $2 rows at most  $3 cursor  $4 with a count
create function console_app_list(text, int4, text, bool) returns console_doc
language plpgsql stable
as $$
declare
	after	text := console_cursor($3);
	rows	jsonb;
	more	bool;
	last	text;
	page	jsonb;
begin
	if $3 is not null and after is null then
		return console_refuse('invalid', jsonb_build_array(
		    console_error('cursor', 'Send it as it was given out.')));
	end if;
	with d as (
		select d.application_id, d.n from console_denied() d
	), m as (
		select b from application b
		where ($1 is null or strpos(lower(b.name), lower($1)) > 0)
		    and (after is null or lower(b.name) > after)
		order by lower(b.name) limit $2 + 1
	), r as (
		select lower((m.b).name) as key, console_app_json(m.b) as doc,
		    row_number() over (order by lower((m.b).name)) as i
		from m
	)
	select coalesce(jsonb_agg(r.doc order by r.i) filter (where r.i <= $2),
	    '[]'), count(*) > $2, max(r.key) filter (where r.i = $2)
	into rows, more, last from r;
	page := jsonb_build_object('next_cursor', case when more then
	    encode(convert_to(last, 'UTF8'), 'hex') end, 'has_more', more);
	if $4 then
		page := page || (select jsonb_build_object('count', count(*),
		    'count_capped', false) from application b
		    where $1 is null or strpos(lower(b.name), lower($1)) > 0);
	end if;
	return console_ok('ok', null, jsonb_build_object('data', rows,
	    'page', page));
end
$$;

create function console_app_show(uuid) returns console_doc
language sql stable
as $$
	select console_ok('ok', b.version, console_app_json(b))
	from application b where b.id = $1
$$;

-- Replaces the blocks of an application by checked ones.
-- $1 application  $2 [{block, label?}]
create function console_app_blocks(uuid, jsonb) returns void
language sql volatile
as $$
	delete from application_allow w where w.application_id = $1
	    and not exists (select from jsonb_array_elements($2) e
	    where (e ->> 'block')::cidr = w.block);
	insert into application_allow (application_id, block, label)
	select distinct on (1, 2) $1, (e ->> 'block')::cidr,
	    nullif(btrim(e ->> 'label'), '')
	from jsonb_array_elements($2) e
	on conflict (application_id, block) do update
	set label = excluded.label
	where application_allow.label is distinct from excluded.label;
$$;

-- $1 {name, rate_per_minute?}  $2 blocks  $3 actor  $4..$9 origin
create function console_app_create(jsonb, jsonb, uuid, text, text, text, text,
    text, text) returns console_doc
language plpgsql volatile
as $$
declare
	errors	jsonb := console_app_errors($1, true);
	b	application;
begin
	if errors <> '[]' then
		return console_refuse('invalid', errors);
	end if;
	insert into application (name, rate_per_minute, is_enabled)
	    values (btrim($1 ->> 'name'), ($1 ->> 'rate_per_minute')::int4,
	    coalesce(($1 ->> 'is_enabled')::bool, true)) returning * into b;
	perform console_app_blocks(b.id, $2);
	perform audit_act('application_created', $3, null, b.id,
	    jsonb_build_object('name', b.name, 'allow', (select coalesce(
	    jsonb_agg(e ->> 'block'), '[]') from jsonb_array_elements($2) e)),
	    $4, $5, $6, $7, $8, $9);
	return console_ok('created', b.version, console_app_json(b));
exception when unique_violation then
	return console_name_taken();
end
$$;

-- $1 application  $2 version  $3 changes  $4 actor  $5..$10 origin
create function console_app_patch(uuid, int8, jsonb, uuid, text, text, text,
    text, text, text) returns console_doc
language plpgsql volatile
as $$
declare
	errors	jsonb := console_app_errors($3, false);
	a	application;
	b	application;
begin
	select * into a from application x where x.id = $1 for no key update;
	if not found then
		return console_refuse('not_found');
	elsif a.version <> $2 then
		return console_refuse('precondition_failed');
	elsif errors <> '[]' then
		return console_refuse('invalid', errors);
	end if;
	update application x set
	    name = btrim(coalesce($3 ->> 'name', x.name)),
	    is_enabled = coalesce(($3 ->> 'is_enabled')::bool, x.is_enabled),
	    rate_per_minute = case when $3 ? 'rate_per_minute'
	    then ($3 ->> 'rate_per_minute')::int4 else x.rate_per_minute end
	    where x.id = $1 returning * into b;
	perform audit_act('application_changed', $4, null, $1, console_diff(
	    to_jsonb(a) - 'version' - 'updated_at',
	    to_jsonb(b) - 'version' - 'updated_at'),
	    $5, $6, $7, $8, $9, $10);
	return console_ok('ok', b.version, console_app_json(b));
exception when unique_violation then
	return console_name_taken();
end
$$;

-- $1 application  $2 version  $3 actor  $4..$9 origin
create function console_app_delete(uuid, int8, uuid, text, text, text, text,
    text, text) returns console_doc
language plpgsql volatile
as $$
declare
	a	application;
	n	jsonb;
begin
	select * into a from application x where x.id = $1 for update;
	if not found then
		return console_refuse('not_found');
	elsif a.version <> $2 then
		return console_refuse('precondition_failed');
	end if;
	n := console_app_json(a);
	delete from application x where x.id = $1;
	perform audit_act('application_deleted', $3, null, $1,
	    jsonb_build_object('name', a.name, 'users', n -> 'users',
	    'keys', n -> 'keys'), $4, $5, $6, $7, $8, $9);
	return console_ok('done', null, null);
end
$$;

-- $1 application  $2 version  $3 blocks  $4 actor  $5..$10 origin
create function console_app_allow(uuid, int8, jsonb, uuid, text, text, text,
    text, text, text) returns console_doc
language plpgsql volatile
as $$
declare
	a	application;
	b	application;
	before	jsonb;
	after	jsonb;
begin
	select * into a from application x where x.id = $1 for no key update;
	if not found then
		return console_refuse('not_found');
	elsif a.version <> $2 then
		return console_refuse('precondition_failed');
	end if;
	before := console_app_json(a) -> 'allowed_ips';
	perform console_app_blocks($1, $3);
	update application x set name = x.name where x.id = $1
	    returning * into b;
	after := console_app_json(b) -> 'allowed_ips';
	perform audit_act('application_ips_changed', $4, null, $1,
	    jsonb_build_object('added', (select coalesce(jsonb_agg(e), '[]')
	    from jsonb_array_elements(after) e where not before @>
	    jsonb_build_array(e)), 'removed', (select coalesce(jsonb_agg(e),
	    '[]') from jsonb_array_elements(before) e where not after @>
	    jsonb_build_array(e))), $5, $6, $7, $8, $9, $10);
	return console_ok('ok', b.version, console_app_json(b));
end
$$;

-- The block that lets an address in: the narrowest.  An IPv6 block holds no
-- IPv4 address, as in core/ip.h.  $1 application  $2 address
create function console_app_test(uuid, text) returns console_doc
language sql stable
as $$
	select console_ok('ok', null, jsonb_build_object(
	    'allowed', w.block is not null, 'block', console_block(w.block)))
	from application b
	left join lateral (select w.block from application_allow w
	    where w.application_id = b.id and w.block >>= $2::inet
	    order by masklen(w.block) desc limit 1) w on true
	where b.id = $1
$$;

-- Addresses that were turned away or let in during the last day.
-- $1 application  $2 address of who asks
create function console_app_suggest(uuid, text) returns console_doc
language sql stable
as $$
	with a as (
		select a.ip, a.event, a.count, a.at from audit a
		where a.application_id = $1 and a.ip is not null
		    and a.id >= console_audit_since(now() - interval '24 hours')
		order by a.id desc limit 100000
	), d as (
		select a.ip, sum(a.count) as n, max(a.at) as at from a
		where a.event = 'ip_not_allowed'
		group by a.ip order by max(a.at) desc limit 50
	), s as (
		select u.ip, max(u.at) as at from (
			select a.ip, a.at from a where a.event not in
			    ('ip_not_allowed', 'api_key_invalid')
			union all
			select k.last_used_ip, k.last_used_at
			from application_key k where k.application_id = $1
			    and k.last_used_at > now() - interval '24 hours'
			    and k.last_used_ip is not null
		) u group by u.ip order by max(u.at) desc limit 50
	)
	select console_ok('ok', null, jsonb_build_object('your_address', $2,
	    'denied', coalesce((select jsonb_agg(jsonb_build_object(
	    'address', host(d.ip), 'count', d.n, 'last_at', json_time(d.at))
	    order by d.at desc) from d), '[]'),
	    'seen', coalesce((select jsonb_agg(jsonb_build_object(
	    'address', host(s.ip), 'last_at', json_time(s.at))
	    order by s.at desc) from s), '[]')))
	from application b where b.id = $1
$$;

-- ---- keys ----------------------------------------------------------------

create function console_key_json(application_key) returns jsonb
language sql stable
as $$
	select jsonb_build_object('id', $1.key_id, 'label', $1.label,
	    'prefix', 'isk_' || left($1.key_id, 4) || '…', 'last4', $1.last4,
	    'is_enabled', $1.is_enabled,
	    'created_at', json_time($1.created_at),
	    'created_by', (select jsonb_build_object('id', p.auth_user_id,
	    'name', p.name) from person p where p.auth_user_id = $1.created_by),
	    'expires_at', json_time($1.expires_at),
	    'last_used_at', json_time($1.last_used_at),
	    'last_used_ip', host($1.last_used_ip))
$$;

create function console_key_errors(doc jsonb) returns jsonb
language sql stable
as $$
	select coalesce(jsonb_agg(e.error), '[]') from (
		select console_error('label',
		    'Send 1 to 100 characters, or null.')
		where $1 ? 'label' and jsonb_typeof($1 -> 'label') <> 'null'
		    and not (jsonb_typeof($1 -> 'label') = 'string'
		    and char_length(btrim($1 ->> 'label')) between 1 and 100
		    and $1 ->> 'label' !~ '[[:cntrl:]]')
		union all
		select console_error('is_enabled', 'Send true or false.')
		where $1 ? 'is_enabled'
		    and jsonb_typeof($1 -> 'is_enabled') <> 'boolean'
		union all
		select console_error('expires_in_days',
		    'Send a whole number from 1 to 3650, or null.')
		where $1 ? 'expires_in_days'
		    and jsonb_typeof($1 -> 'expires_in_days') <> 'null'
		    and not (jsonb_typeof($1 -> 'expires_in_days') = 'number'
		    and $1 ->> 'expires_in_days' ~ '^[1-9]\d{0,3}$'
		    and ($1 ->> 'expires_in_days')::int4 <= 3650)
		union all
		select console_error('expires_at',
		    'Send a time as 2027-01-31T00:00:00Z, or null.')
		where $1 ? 'expires_at'
		    and jsonb_typeof($1 -> 'expires_at') <> 'null'
		    and console_time($1 ->> 'expires_at') is null
		union all
		select console_error('old_expires_in_s',
		    'Send a whole number of seconds from 0 to 2592000.')
		where $1 ? 'old_expires_in_s'
		    and not (jsonb_typeof($1 -> 'old_expires_in_s') = 'number'
		    and $1 ->> 'old_expires_in_s' ~ '^\d{1,7}$'
		    and ($1 ->> 'old_expires_in_s')::int4 <= 2592000)
	) e (error)
$$;

create function console_key_list(uuid) returns console_doc
language sql stable
as $$
	select console_ok('ok', null, jsonb_build_object('data', coalesce((
	    select jsonb_agg(console_key_json(k) order by k.created_at desc)
	    from application_key k where k.application_id = b.id), '[]')))
	from application b where b.id = $1
$$;

-- $1 application  $2 {label?, expires_in_days?}  $3 key id  $4 hash  $5 last4
-- $6 id of the key that it takes the place of (null: of none), whose
-- old_expires_in_s is in $2  $7 actor  $8..$13 origin
create function console_key_create(uuid, jsonb, text, bytea, text, text, uuid,
    text, text, text, text, text, text) returns console_doc
language plpgsql volatile
as $$
declare
	errors	jsonb := console_key_errors($2);
	b	application;
	old	application_key;
	k	application_key;
begin
	select * into b from application x where x.id = $1 for no key update;
	if not found then
		return console_refuse('not_found');
	end if;
	if $6 is not null then
		select * into old from application_key x
		    where x.key_id = $6 and x.application_id = $1
		    for no key update;
		if not found then
			return console_refuse('not_found');
		end if;
	end if;
	if errors <> '[]' then
		return console_refuse('invalid', errors);
	elsif (select count(*) from application_key x
	    where x.application_id = $1) >= 100 then
		return console_refuse('conflict', jsonb_build_object('detail',
		    'An application has 100 keys at most. Delete old ones.'));
	end if;
	insert into application_key (key_id, application_id, hash, last4, label,
	    created_by, expires_at)
	    values ($3, $1, $4, $5, case when $2 ? 'label'
	    then btrim($2 ->> 'label') else old.label end, $7,
	    now() + make_interval(days => ($2 ->> 'expires_in_days')::int4))
	    returning * into k;
	if $6 is not null then
		update application_key x set expires_at = least(x.expires_at,
		    now() + make_interval(secs =>
		    coalesce(($2 ->> 'old_expires_in_s')::int4, 86400)))
		    where x.key_id = $6;
	end if;
	perform audit_act(case when $6 is null then 'api_key_created'
	    else 'api_key_rotated' end, $7, null, $1, jsonb_strip_nulls(
	    jsonb_build_object('key_id', $3, 'label', k.label,
	    'expires_at', json_time(k.expires_at), 'old_key_id', $6,
	    'old_expires_in_s', case when $6 is not null
	    then coalesce($2 -> 'old_expires_in_s', '86400') end)),
	    $8, $9, $10, $11, $12, $13);
	return console_ok('created', null, console_key_json(k));
end
$$;

-- $1 application  $2 key id  $3 changes  $4 actor  $5..$10 origin
create function console_key_patch(uuid, text, jsonb, uuid, text, text, text,
    text, text, text) returns console_doc
language plpgsql volatile
as $$
declare
	errors	jsonb := console_key_errors($3);
	a	application_key;
	k	application_key;
begin
	select * into a from application_key x
	    where x.key_id = $2 and x.application_id = $1 for no key update;
	if not found then
		return console_refuse('not_found');
	elsif errors <> '[]' then
		return console_refuse('invalid', errors);
	end if;
	update application_key x set
	    label = case when $3 ? 'label' then btrim($3 ->> 'label')
	    else x.label end,
	    is_enabled = coalesce(($3 ->> 'is_enabled')::bool, x.is_enabled),
	    expires_at = case when $3 ? 'expires_at'
	    then console_time($3 ->> 'expires_at') else x.expires_at end
	    where x.key_id = $2 returning * into k;
	perform audit_act('api_key_changed', $4, null, $1,
	    jsonb_build_object('key_id', $2) || console_diff(
	    jsonb_build_object('label', a.label, 'is_enabled', a.is_enabled,
	    'expires_at', json_time(a.expires_at)),
	    jsonb_build_object('label', k.label, 'is_enabled', k.is_enabled,
	    'expires_at', json_time(k.expires_at))),
	    $5, $6, $7, $8, $9, $10);
	return console_ok('ok', null, console_key_json(k));
end
$$;

-- $1 application  $2 key id  $3 actor  $4..$9 origin
create function console_key_delete(uuid, text, uuid, text, text, text, text,
    text, text) returns console_doc
language plpgsql volatile
as $$
declare
	k	application_key;
begin
	delete from application_key x
	    where x.key_id = $2 and x.application_id = $1 returning * into k;
	if not found then
		return console_refuse('not_found');
	end if;
	perform audit_act('api_key_deleted', $3, null, $1, jsonb_strip_nulls(
	    jsonb_build_object('key_id', $2, 'label', k.label,
	    'last_used_at', json_time(k.last_used_at))),
	    $4, $5, $6, $7, $8, $9);
	return console_ok('done', null, null);
end
$$;

-- ---- settings ------------------------------------------------------------

-- What changes looks or words alone; anything else wants a fresh proof that
-- the administrator is there.
create function setting_is_harmless(name text) returns bool
language sql immutable parallel safe
as $$
	select $1 in ('brand_name', 'brand_accent', 'brand_support_url',
	    'default_country_code', 'email_fallback')
$$;

create function console_is_cidr(value text) returns bool
language plpgsql immutable
as $$
begin
	return value::cidr is not null;
exception when others then
	return false;
end
$$;

-- WCAG 2.2: contrast of "#rrggbb" to white, 1..21.
create function console_contrast(colour text) returns float8
language sql immutable parallel safe
as $$
	select 1.05 / (0.05 + sum(w.weight * case when c.c <= 0.04045
	    then c.c / 12.92 else power((c.c + 0.055) / 1.055, 2.4) end))
	from (values (2, 0.2126), (4, 0.7152), (6, 0.0722)) w (at, weight)
	cross join lateral (select get_byte(decode(substr($1, w.at, 2), 'hex'),
	    0) / 255.0::float8 as c) c
$$;

-- What is wrong with a new value (null: back to the default); null: nothing.
create function setting_wrong(setting, jsonb) returns text
language sql stable
as $$
	select case
	    when $2 is null then null
	    when not setting_is_valid($1.kind, $2, $1.min, $1.max, $1.pattern)
	    then case $1.kind
		when 'bool' then 'Send true or false.'
		when 'int' then format('Send a whole number from %s to %s.',
		    $1.min, $1.max)
		when 'list' then 'Send a list of texts'
		    || coalesce(' of the form ' || $1.pattern, '') || '.'
		else format('Send text of %s to %s characters',
		    coalesce($1.min, 0), coalesce($1.max, 1000))
		    || coalesce(' of the form ' || $1.pattern, '') || '.'
		end
	    when $1.name = 'metrics_allow' and exists (
		select from jsonb_array_elements_text($2) e
		where not console_is_cidr(e))
	    then 'Send addresses or blocks, as 10.0.0.0/8.'
	    when $1.name = 'brand_accent' and console_contrast($2 #>> '{}') < 4.5
	    then format('This colour has a contrast of %s:1 to white; links and '
		'buttons need 4.5:1. Choose a darker one.',
		trunc(console_contrast($2 #>> '{}')::numeric, 1))
	    when $1.name = 'mfa_admin_required' and $2 = 'true'
		and not exists (select from person p where p.is_admin
		and p.status = 'active' and p.deleted_at is null and (exists (
		select from totp t where t.person_id = p.auth_user_id
		and t.confirmed_at is not null) or exists (select from provider v
		where v.is_enabled)))
	    then 'No administrator could sign in any more: set up a provider '
		'that sends codes, or an authenticator app, first.'
	    end
$$;

create function console_setting_json(setting) returns jsonb
language sql stable
as $$
	select jsonb_build_object('name', $1.name, 'kind', $1.kind,
	    'value', coalesce($1.value, $1.default_value),
	    'default', $1.default_value, 'min', $1.min, 'max', $1.max,
	    'pattern', $1.pattern, 'description', $1.description,
	    'is_default', $1.value is null,
	    'needs_step_up', not setting_is_harmless($1.name),
	    'updated_at', json_time($1.updated_at),
	    'updated_by', (select jsonb_build_object('id', p.auth_user_id,
	    'name', p.name) from person p where p.auth_user_id = $1.updated_by))
$$;

create function console_setting_list() returns console_doc
language sql stable
as $$
	select console_ok('ok', null, jsonb_build_object('data',
	    jsonb_agg(console_setting_json(s) order by s.name)))
	from setting s
$$;

-- All or none.  $1 {name: value or null}  $2 the session has stepped up
-- $3 actor  $4..$9 origin
create function console_setting_patch(jsonb, bool, uuid, text, text, text,
    text, text, text) returns console_doc
language plpgsql volatile
as $$
declare
	errors	jsonb;
	before	jsonb;
	changed	jsonb;
begin
	perform from setting s where $1 ? s.name order by s.name
	    for no key update;
	select coalesce(jsonb_agg(console_error(e.key, case when s.name is null
	    then 'There is no such setting.'
	    else setting_wrong(s, nullif(e.value, 'null')) end)
	    order by e.key), '[]')
	into errors from jsonb_each($1) e left join setting s on s.name = e.key
	where s.name is null or setting_wrong(s, nullif(e.value, 'null'))
	    is not null;
	if errors <> '[]' then
		return console_refuse('invalid', errors);
	end if;
	select coalesce(jsonb_object_agg(s.name, coalesce(s.value,
	    s.default_value)), '{}') into before from setting s
	    join jsonb_each($1) e on e.key = s.name
	    where s.value is distinct from nullif(e.value, 'null');
	if not $2 and exists (select from jsonb_object_keys(before) k
	    where not setting_is_harmless(k)) then
		return console_refuse('step_up_required');
	end if;
	if before <> '{}' then
		with u as (
			update setting s set value = nullif(e.value, 'null'),
			    updated_at = clock_timestamp(), updated_by = $3
			from jsonb_each($1) e
			where e.key = s.name and before ? s.name
			returning s.name, coalesce(s.value, s.default_value)
			    as value
		)
		select jsonb_object_agg(u.name, u.value) into changed from u;
		perform audit_act('settings_changed', $3, null, null,
		    console_diff(before, changed), $4, $5, $6, $7, $8, $9);
	end if;
	return console_setting_list();
end
$$;

-- ---- branding ------------------------------------------------------------

-- One for the whole installation; the service has looked at every byte of it.
create table branding_logo (
	only_row	bool primary key default true check (only_row),
	type		text not null
	    constraint branding_logo_type_domain
	    check (type in ('image/png', 'image/jpeg', 'image/webp')),
	data		bytea not null
	    constraint branding_logo_length
	    check (octet_length(data) between 1 and 1048576),
	hash		text not null,
	updated_at	timestamptz not null default clock_timestamp(),
	updated_by	uuid
);
alter table branding_logo alter column data set storage external;
create trigger branding_logo_after_change
    after insert or update or delete on branding_logo
    for each statement execute function platform_after_change();

create function branding_logo_url() returns text
language sql stable
as $$
	select '/setup/logo?v=' || l.hash from branding_logo l
$$;

create function console_branding_show() returns console_doc
language sql stable
as $$
	select console_ok('ok', null, jsonb_build_object(
	    'name', setting_value('brand_name'),
	    'accent', setting_value('brand_accent'),
	    'support_url', setting_value('brand_support_url'),
	    'logo_url', branding_logo_url()))
$$;

-- $1 {name?, accent?, support_url?}  $2 actor  $3..$8 origin
create function console_branding_patch(jsonb, uuid, text, text, text, text,
    text, text) returns console_doc
language plpgsql volatile
as $$
declare
	d	console_doc;
	names	jsonb := '{"name": "brand_name", "accent": "brand_accent",
	    "support_url": "brand_support_url"}';
	doc	jsonb;
begin
	select coalesce(jsonb_object_agg(names ->> e.key, e.value), '{}')
	into doc from jsonb_each($1) e where names ? e.key;
	d := console_setting_patch(doc, true, $2, $3, $4, $5, $6, $7, $8);
	if d.outcome = 'ok' then
		return console_branding_show();
	end if;
	-- The fields as the caller knows them.
	d.body := (select jsonb_agg(e || jsonb_build_object('field', (
	    select n.key from jsonb_each_text(names) n
	    where n.value = e ->> 'field')))
	    from jsonb_array_elements(d.body::jsonb) e)::text;
	return d;
end
$$;

-- $1 type  $2 bytes  $3 actor  $4..$9 origin
create function console_logo_put(text, bytea, uuid, text, text, text, text,
    text, text) returns console_doc
language plpgsql volatile
as $$
declare
	h	text := left(encode(sha256($2), 'hex'), 16);
begin
	insert into branding_logo (type, data, hash, updated_by)
	    values ($1, $2, h, $3)
	    on conflict (only_row) do update set type = excluded.type,
	    data = excluded.data, hash = excluded.hash,
	    updated_by = excluded.updated_by, updated_at = clock_timestamp();
	perform audit_act('branding_changed', $3, null, null,
	    jsonb_build_object('logo', 'replaced', 'type', $1,
	    'bytes', octet_length($2), 'hash', h), $4, $5, $6, $7, $8, $9);
	return console_branding_show();
end
$$;

-- $1 actor  $2..$7 origin
create function console_logo_delete(uuid, text, text, text, text, text, text)
returns console_doc
language plpgsql volatile
as $$
begin
	delete from branding_logo;
	if found then
		perform audit_act('branding_changed', $1, null, null,
		    '{"logo": "removed"}', $2, $3, $4, $5, $6, $7);
	end if;
	return console_ok('done', null, null);
end
$$;

-- ---- token keys ----------------------------------------------------------

create function console_token_keys() returns console_doc
language sql stable
as $$
	select console_ok('ok', null, jsonb_build_object('data', coalesce(
	    jsonb_agg(jsonb_build_object('kid', k.kid, 'alg', k.alg,
	    'state', case when k.is_signing then 'signing'
	    when k.expires_at is null or k.expires_at > now() then 'verifying'
	    else 'expired' end,
	    'fingerprint', left(encode(sha256(k.secret), 'hex'), 8),
	    'created_at', json_time(k.created_at),
	    'retired_at', json_time(k.retired_at),
	    'expires_at', json_time(k.expires_at))
	    order by k.is_signing desc, k.created_at desc), '[]')))
	from token_key k
$$;

-- What the console knows of the session that calls.
-- $1 session  $2 CSRF token  $3 version of the service  $4 public address
-- $5 codes are shown in answers
create function console_session_json(uuid, text, text, text, bool)
returns text
language sql stable
as $$
	select jsonb_build_object('person', jsonb_build_object(
	    'auth_user_id', p.auth_user_id, 'name', p.name, 'email', p.email,
	    'mobile_number', p.mobile_number, 'mfa_enabled', p.mfa_enabled,
	    'has_totp', exists (select from totp t
	    where t.person_id = p.auth_user_id and t.confirmed_at is not null)),
	    'csrf_token', $2, 'expires_at', json_time(s.absolute_expires_at),
	    'idle_s', setting_value('console_idle_s'),
	    'step_up_until', json_time(case when s.step_up_at
	    > now() - interval '5 minutes' then s.step_up_at
	    + interval '5 minutes' end),
	    'brand', jsonb_build_object('name', setting_value('brand_name'),
	    'accent', setting_value('brand_accent'), 'support_url',
	    setting_value('brand_support_url'), 'logo_url', branding_logo_url()),
	    'version', $3, 'environment', jsonb_build_object('dev_otp', $5,
	    'public_url', $4))::text
	from console_session s join person p on p.auth_user_id = s.person_id
	where s.id = $1
$$;

-- ---- the way back in -----------------------------------------------------

-- Uses up the link of an administrator who is locked out: a new password, no
-- second factor any more (it has to be enrolled anew), no other session, and
-- one session of the console.  Null: used, replaced or expired meanwhile, or no
-- administrator any more.
-- $1 hash of the link  $2 password hash  $3 hash of the cookie  $4..$9 origin
create function recovery_link_use(bytea, text, bytea, text, text, text, text,
    text, text) returns uuid
language plpgsql volatile
as $$
declare
	person	uuid;
begin
	update password_reset r set used_at = clock_timestamp()
	    where r.token_hash = $1 and r.channel = 'link' and r.used_at is null
	    and r.ended_at is null and r.expires_at > clock_timestamp()
	    and exists (select from person p where p.auth_user_id = r.person_id
	    and p.is_admin and p.status = 'active' and p.deleted_at is null)
	    returning r.person_id into person;
	if not found then
		return null;
	end if;
	update person p set password_hash = $2, password_must_change = false,
	    mfa_enabled = false where p.auth_user_id = person;
	delete from totp t where t.person_id = person;
	delete from recovery_code r where r.person_id = person;
	delete from throttle t where t.bucket = 'second_factor'
	    and t.subject = person::text;
	update mfa_ticket m set used_at = clock_timestamp()
	    where m.person_id = person and m.used_at is null;
	update session s set revoked_at = clock_timestamp(),
	    revoke_reason = 'password_changed'
	    where s.person_id = person and s.revoked_at is null;
	update console_session c set revoked_at = clock_timestamp()
	    where c.person_id = person and c.revoked_at is null;
	insert into audit (event, category, actor_id, subject_id, request_id,
	    ip, remote, forwarded, client_ip, user_agent, detail)
	    select 'password_reset', 'sign_in', person, person, o.request_id,
	    o.ip, o.remote, o.forwarded, o.client_ip, o.user_agent,
	    '{"channel": "link", "second_factor": "removed"}'
	    from audit_origin($4, $5, $6, $7, $8, $9) o;
	return console_session_open(person, $3, 'link', null, null, $4, $5, $6,
	    $7, $8, $9);
end
$$;
