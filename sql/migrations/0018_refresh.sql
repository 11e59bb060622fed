-- 0018_refresh: what a refresh costs.  It is the write that runs all day.

-- ---- checks ----

-- A check constraint is parsed from the catalogue and planned anew by each
-- statement that writes to its table: the 20 of three tables were a third of a
-- refresh's instructions.  So one for a table, by a function that stays compiled
-- for the connection; it fails under the name that each of them had.  As in a
-- constraint, null is no failure: "not" of null is null.
create function session_check(s session) returns bool
language plpgsql immutable parallel safe
as $$
declare
	failed	text := case
	    when s.method not in ('password', 'otp', 'password_otp',
		'password_totp', 'password_recovery')
		then 'session_method_domain'
	    when octet_length(s.device_id) not between 1 and 128
		then 'session_device_id_check'
	    when octet_length(s.device_name) not between 1 and 200
		then 'session_device_name_check'
	    when octet_length(s.user_agent) > 255
		then 'session_user_agent_check'
	    when s.revoke_reason not in ('logout', 'logout_all',
		'user_disabled', 'user_deleted', 'unassigned',
		'password_changed', 'mfa_changed', 'refresh_reused', 'admin')
		then 'session_revoke_reason_domain'
	    when (s.revoked_at is null) <> (s.revoke_reason is null)
		then 'session_revoked_has_reason'
	    when s.expires_at > s.absolute_expires_at
		then 'session_expires_within' end;
begin
	if failed is not null then
		raise check_violation using constraint = failed,
		    table = 'session', message = 'new row for relation "session"'
		    || ' violates check constraint "' || failed || '"';
	end if;
	return true;
end
$$;

create function refresh_token_check(r refresh_token) returns bool
language plpgsql immutable parallel safe
as $$
declare
	failed	text := case
	    when octet_length(r.hash) <> 32 then 'refresh_token_hash_length'
	    when r.generation < 1 then 'refresh_token_generation_check'
	    when octet_length(r.successor_hash) <> 32
		then 'refresh_token_successor_hash_check'
	    when (r.spent_at is null) <> (r.successor_hash is null)
		then 'refresh_token_spent_has_successor' end;
begin
	if failed is not null then
		raise check_violation using constraint = failed,
		    table = 'refresh_token', message = 'new row for relation "refresh_token"'
		    || ' violates check constraint "' || failed || '"';
	end if;
	return true;
end
$$;

create function audit_check(a audit) returns bool
language plpgsql immutable parallel safe
as $$
declare
	-- The frequent ones first: a regular expression costs ten times more.
	letters	constant text := 'etaoinsrhldcumfpgwybvkxjqz_';
	signs	constant text := 'etaoinsrhldcumfpgwybvkxjqz_0123456789';
	failed	text := case
	    when octet_length(a.event) > 64
		or ascii(a.event) not between 97 and 122
		or ltrim(a.event, signs) <> ''
		then 'audit_event_shape'
	    when octet_length(a.category) not between 1 and 32
		or ltrim(a.category, letters) <> ''
		then 'audit_category_shape'
	    when octet_length(a.outcome) > 64
		or ascii(a.outcome) not between 97 and 122
		or ltrim(a.outcome, signs) <> ''
		then 'audit_outcome_shape'
	    when octet_length(a.key_id) > 64 then 'audit_key_id_check'
	    when octet_length(a.forwarded) > 255 then 'audit_forwarded_check'
	    when octet_length(a.user_agent) > 255 then 'audit_user_agent_check'
	    when octet_length(a.request_id) > 64 then 'audit_request_id_check'
	    when octet_length(a.detail::text) > 16384 then 'audit_detail_check'
	    when a.count < 1 then 'audit_count_check' end;
begin
	if failed is not null then
		raise check_violation using constraint = failed,
		    table = 'audit', message = 'new row for relation "audit"'
		    || ' violates check constraint "' || failed || '"';
	end if;
	return true;
end
$$;

-- Rows that are there have met each of them: "not valid" spares the upgrade
-- from reading them again.
alter table session
	drop constraint session_method_domain,
	drop constraint session_device_id_check,
	drop constraint session_device_name_check,
	drop constraint session_user_agent_check,
	drop constraint session_revoke_reason_domain,
	drop constraint session_revoked_has_reason,
	drop constraint session_expires_within,
	add constraint session_check
	    check (session_check(session.*)) not valid;
alter table refresh_token
	drop constraint refresh_token_hash_length,
	drop constraint refresh_token_generation_check,
	drop constraint refresh_token_successor_hash_check,
	drop constraint refresh_token_spent_has_successor,
	add constraint refresh_token_check
	    check (refresh_token_check(refresh_token.*)) not valid;
alter table audit
	drop constraint audit_event_shape,
	drop constraint audit_category_shape,
	drop constraint audit_outcome_shape,
	drop constraint audit_key_id_check,
	drop constraint audit_forwarded_check,
	drop constraint audit_user_agent_check,
	drop constraint audit_request_id_check,
	drop constraint audit_detail_check,
	drop constraint audit_count_check,
	add constraint audit_check check (audit_check(audit.*)) not valid;

-- The condition of a trigger costs as much, unless its columns are not set.
drop trigger session_after_update on session;
create trigger session_after_update
    after update of revoked_at, person_id, application_id on session
    for each row when (new.revoked_at is distinct from old.revoked_at
    or new.person_id <> old.person_id
    or new.application_id <> old.application_id)
    execute function session_after_change();
create trigger session_after_shorten after update of expires_at on session
    for each row when (new.expires_at < old.expires_at)
    execute function session_after_change();

-- ---- the refresh ----

create type refresh_rotated as (
	verdict		text,
	is_ended	bool,
	user_id		uuid,
	session_id	uuid,
	session_created_at timestamptz,
	session_expires_at timestamptz,
	session_last_seen_at timestamptz,
	device_id	text,
	device_name	text,
	device_user_agent text,
	device_ip	text,
	name		text,
	email		text,
	mobile_number	text,
	emp_id		text,
	is_active	bool,
	mfa_enabled	bool,
	updated_at	timestamptz,
	sync_hash	text,
	app_name	text,
	refresh_expires_at timestamptz
);

-- Spends a refresh token and makes its successor; see sql/queries/
-- refresh_rotate.sql.  Step by step, each planned once for a connection, so
-- that a refresh pays for what it does only.
-- The first step locks token and session and reads them as they stand then: of
-- any number of calls with one token one finds it unspent.  Each step after it
-- sees what that one has committed.
create function refresh_rotate(bytea, bytea, uuid, int4, int4, int4, text, text,
    text, text, text, text)
returns refresh_rotated
language plpgsql volatile
as $$
declare
	t	record;
	who	record;
	verdict	text;
	ends_at	timestamptz;
	seen_at	timestamptz;
	until	timestamptz;
begin
	select r.generation, r.expires_at as token_expires_at, r.spent_at,
	    r.successor_hash, s.id, s.person_id, s.created_at, s.last_seen_at,
	    s.expires_at, s.absolute_expires_at, s.revoked_at, s.revoke_reason,
	    s.device_id, s.device_name, s.user_agent, s.ip into t
	    from refresh_token r join session s on s.id = r.session_id
	    where r.hash = $1 and s.application_id = $3
	    for no key update of r, s;
	if not found then
		return jsonb_populate_record(null::refresh_rotated,
		    '{"verdict": "refresh_invalid", "is_ended": false}');
	end if;
	select p.name, p.email, p.mobile_number, p.emp_id, p.mfa_enabled,
	    p.status = 'active' as is_active, p.updated_at, p.sync_hash,
	    p.deleted_at, b.name as app_name, exists (select from assignment a
	    where a.application_id = b.id and a.person_id = p.auth_user_id)
	    as is_assigned into who
	    from person p, application b
	    where p.auth_user_id = t.person_id and b.id = $3;
	ends_at := t.expires_at;
	seen_at := t.last_seen_at;
	verdict := case
	    when who.deleted_at is not null or coalesce(t.revoke_reason, '')
		not in ('', 'user_disabled', 'unassigned', 'refresh_reused')
		then 'refresh_invalid'
	    when t.spent_at < now() - make_interval(secs => $6)
		and (t.revoked_at is null
		or t.revoke_reason = 'refresh_reused') then 'refresh_reused'
	    when least(t.expires_at, t.absolute_expires_at,
		case when t.spent_at is null then t.token_expires_at end)
		<= now() then 'refresh_expired'
	    when not who.is_active then 'user_disabled'
	    when not who.is_assigned then 'not_assigned'
	    when t.revoked_at is not null or t.successor_hash <> $2
		then 'refresh_invalid'
	    else 'ok' end;
	if verdict = 'ok' then
		if t.spent_at is null then
			update refresh_token r set spent_at = clock_timestamp(),
			    successor_hash = $2 where r.hash = $1;
			update session s
			    set last_seen_at = greatest(s.last_seen_at, now()),
			    expires_at = least(now() + make_interval(
			    secs => $4), s.absolute_expires_at)
			    where s.id = t.id
			    returning s.expires_at, s.last_seen_at
			    into ends_at, seen_at;
		end if;
		-- Of a retry it is there, unless it was removed.
		insert into refresh_token as n (hash, session_id, generation,
		    expires_at)
		    values ($2, t.id, t.generation + 1, least(now()
		    + make_interval(secs => $5), t.absolute_expires_at))
		    on conflict (hash) do update set hash = n.hash
		    returning n.expires_at into until;
	elsif verdict = 'refresh_reused' and t.revoked_at is null then
		update session s set revoked_at = clock_timestamp(),
		    revoke_reason = 'refresh_reused',
		    last_seen_at = greatest(s.last_seen_at, now())
		    where s.id = t.id;
	end if;
	if verdict = 'ok'
	    or (verdict = 'refresh_reused' and t.revoked_at is null) then
		insert into audit (event, category, outcome, actor_id,
		    subject_id, application_id, session_id, request_id, ip,
		    remote, forwarded, client_ip, user_agent, detail)
		    select case when verdict = 'ok' then 'token_refreshed'
		    else 'refresh_reused' end, 'sign_in', verdict,
		    case when verdict = 'ok' then t.person_id end, t.person_id,
		    $3, t.id, o.request_id, o.ip, o.remote, o.forwarded,
		    o.client_ip, o.user_agent, jsonb_build_object(
		    'generation', t.generation, 'retry', verdict = 'ok'
		    and t.spent_at is not null)
		    from audit_origin($7, $8, $9, $10, $11, $12) o;
	end if;
	return row(verdict, verdict = 'refresh_reused' and t.revoked_at is null,
	    t.person_id, t.id, t.created_at, ends_at, seen_at, t.device_id,
	    t.device_name, t.user_agent, host(t.ip), who.name, who.email,
	    who.mobile_number, who.emp_id, who.is_active, who.mfa_enabled,
	    who.updated_at, who.sync_hash, who.app_name, until);
end
$$;

-- ---- a plan that is kept ----

-- The service's connections plan without reading tables from end to end, and
-- without this there was no other way to ask for providers of a type: where a
-- value of the call made that needless (reset_request, is_dev) the general plan
-- looked dear beyond measure, and each call was planned anew.
create index provider_type_idx on provider (type) where is_enabled;
