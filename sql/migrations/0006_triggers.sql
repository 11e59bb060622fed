-- 0006_triggers: what follows from a change, whoever makes it: versions and
-- times, the sync feed, sessions of people who may no longer sign in, the
-- caches of the workers, and the guards.

-- Functions that name tables or functions of ours keep the search path of the
-- migration: an operator's session may have another one.

create function person_before_update() returns trigger
language plpgsql set search_path from current
as $$
begin
	if new.auth_user_id <> old.auth_user_id then
		raise exception 'person_id_fixed';
	end if;
	if new.deleted_at is not null then
		new.status := 'disabled';
		new.is_admin := false;
	end if;
	new.version := old.version + 1;
	new.created_at := old.created_at;
	if (new.name, new.mobile_number, new.email, new.emp_id, new.status,
	    new.mfa_enabled, new.is_admin, new.language, new.carrier,
	    new.deleted_at)
	    is distinct from (old.name, old.mobile_number, old.email,
	    old.emp_id, old.status, old.mfa_enabled, old.is_admin, old.language,
	    old.carrier, old.deleted_at) then
		-- Never backwards, and never the same value twice.
		new.updated_at := greatest(clock_timestamp(),
		    old.updated_at + interval '1 microsecond');
		new.changed_xid := pg_current_xact_id();
	else
		new.updated_at := old.updated_at;
		new.changed_xid := old.changed_xid;
	end if;
	if new.password_hash is distinct from old.password_hash then
		new.password_set_at := clock_timestamp();
	end if;
	return new;
end
$$;
create trigger person_before_update before update on person
    for each row execute function person_before_update();

-- Raises 'last_administrator' when nobody could administer any more.  The lock
-- makes two that resign at the same time wait for each other; the count after
-- it is a new statement and sees what the first one committed.
create function person_keep_administrator() returns void
language plpgsql set search_path from current
as $$
begin
	perform pg_advisory_xact_lock(hashtext('identity.administrators'));
	if not exists (select from person where is_admin
	    and deleted_at is null and status = 'active') then
		raise exception 'last_administrator' using
		    detail = 'There must be one active administrator at least.';
	end if;
end
$$;

-- Wakes calls of /users/sync that wait: the application, or '*' for all.
create function feed_notify(applications uuid[]) returns void
language plpgsql
as $$
begin
	if cardinality(applications) > 16 then
		perform pg_notify('identity_feed', '*');
	else
		perform pg_notify('identity_feed', a::text)
		    from unnest(applications) a;
	end if;
end
$$;

-- The transition tables are read one at a time and joined only to indexed
-- columns: no plan for a bulk change can be quadratic.
create function person_after_update() returns trigger
language plpgsql set search_path from current
as $$
declare
	n	int8;
begin
	select count(*) into n from new_person
	    where changed_xid = pg_current_xact_id();
	if n = 0 then
		return null;
	end if;
	update session s set revoked_at = clock_timestamp(),
	    revoke_reason = case when p.deleted_at is null then 'user_disabled'
	    else 'user_deleted' end
	    from new_person p where s.person_id = p.auth_user_id
	    and p.status <> 'active' and s.revoked_at is null;
	update console_session s set revoked_at = clock_timestamp()
	    from new_person p where s.person_id = p.auth_user_id
	    and not (p.status = 'active' and p.is_admin)
	    and s.revoked_at is null;
	delete from assignment a using new_person p
	    where a.person_id = p.auth_user_id and p.deleted_at is not null;
	if exists (select from old_person where is_admin and status = 'active')
	    then
		perform person_keep_administrator();
	end if;
	if n > 64 then
		perform pg_notify('identity_change', '*');
		perform pg_notify('identity_feed', '*');
	else
		perform identity_notify('u:' || auth_user_id) from new_person
		    where changed_xid = pg_current_xact_id();
		perform feed_notify(array(select distinct a.application_id
		    from assignment a join new_person p
		    on a.person_id = p.auth_user_id
		    where p.changed_xid = pg_current_xact_id()));
	end if;
	return null;
end
$$;
create trigger person_after_update after update on person
    referencing old table as old_person new table as new_person
    for each statement execute function person_after_update();

create function person_after_delete() returns trigger
language plpgsql set search_path from current
as $$
begin
	if exists (select from old_person where is_admin and status = 'active')
	    then
		perform person_keep_administrator();
	end if;
	perform identity_notify('u:' || auth_user_id)
	    from (select auth_user_id from old_person limit 65) p;
	return null;
end
$$;
create trigger person_after_delete after delete on person
    referencing old table as old_person
    for each statement execute function person_after_delete();

create function assignment_before_update() returns trigger
language plpgsql
as $$
begin
	raise exception 'assignment_fixed' using
	    hint = 'Delete the assignment and insert another.';
end
$$;
create trigger assignment_before_update before update on assignment
    for each row when (old.application_id <> new.application_id
    or old.person_id <> new.person_id)
    execute function assignment_before_update();

create function assignment_after_insert() returns trigger
language plpgsql set search_path from current
as $$
begin
	if exists (select from new_assignment n join person p
	    on p.auth_user_id = n.person_id where p.deleted_at is not null) then
		raise exception 'person_deleted';
	end if;
	delete from assignment_tombstone t using new_assignment n
	    where t.application_id = n.application_id
	    and t.person_id = n.person_id;
	perform identity_notify('u:' || person_id)
	    from (select person_id from new_assignment limit 65) n;
	perform feed_notify(array(
	    select distinct application_id from new_assignment));
	return null;
end
$$;
create trigger assignment_after_insert after insert on assignment
    referencing new table as new_assignment
    for each statement execute function assignment_after_insert();

-- An application that is deleted itself leaves no tombstones.
create function assignment_after_delete() returns trigger
language plpgsql set search_path from current
as $$
begin
	insert into assignment_tombstone as t (application_id, person_id, reason)
	    select o.application_id, o.person_id, case when exists (
	    select from person p where p.auth_user_id = o.person_id
	    and p.deleted_at is null) then 'unassigned' else 'deleted' end
	    from old_assignment o
	    join application a on a.id = o.application_id
	    on conflict (application_id, person_id) do update
	    set reason = excluded.reason, removed_at = excluded.removed_at,
	    changed_xid = excluded.changed_xid;
	update session s set revoked_at = clock_timestamp(),
	    revoke_reason = 'unassigned' from old_assignment o
	    where s.person_id = o.person_id
	    and s.application_id = o.application_id and s.revoked_at is null;
	perform identity_notify('u:' || person_id)
	    from (select person_id from old_assignment limit 65) o;
	perform feed_notify(array(
	    select distinct application_id from old_assignment));
	return null;
end
$$;
create trigger assignment_after_delete after delete on assignment
    referencing old table as old_assignment
    for each statement execute function assignment_after_delete();

-- A person whose row is deleted by hand while a second unassignment runs may
-- leave the later reason; both say that the copy has to go.

create function session_after_change() returns trigger
language plpgsql set search_path from current
as $$
begin
	perform identity_notify('s:' || old.id);
	return null;
end
$$;
-- Not when seen or prolonged: those are frequent, and an older copy is right.
create trigger session_after_update after update on session
    for each row when (new.revoked_at is distinct from old.revoked_at
    or new.expires_at < old.expires_at or new.person_id <> old.person_id
    or new.application_id <> old.application_id)
    execute function session_after_change();
-- Housekeeping of what has ended anyway tells nobody.
create trigger session_after_delete after delete on session
    for each row when (old.revoked_at is null and old.expires_at > now())
    execute function session_after_change();

create function application_before_update() returns trigger
language plpgsql
as $$
begin
	new.version := old.version + 1;
	new.created_at := old.created_at;
	new.updated_at := greatest(clock_timestamp(),
	    old.updated_at + interval '1 microsecond');
	return new;
end
$$;
create trigger application_before_update before update on application
    for each row execute function application_before_update();
create trigger provider_before_update before update on provider
    for each row when (old.name is distinct from new.name
    or old.type is distinct from new.type
    or old.is_enabled is distinct from new.is_enabled
    or old.priority is distinct from new.priority
    or old.countries is distinct from new.countries
    or old.timeout_s is distinct from new.timeout_s
    or old.config is distinct from new.config
    or old.secrets is distinct from new.secrets)
    execute function application_before_update();

create function application_after_change() returns trigger
language plpgsql set search_path from current
as $$
begin
	perform identity_notify('a:' || coalesce(new.id, old.id));
	return null;
end
$$;
create trigger application_after_change
    after insert or update or delete on application
    for each row execute function application_after_change();

create function application_allow_after_change() returns trigger
language plpgsql set search_path from current
as $$
begin
	if tg_op <> 'DELETE' and (select count(*) from application_allow
	    where application_id = new.application_id) > 256 then
		raise exception 'application_allow_full' using
		    detail = 'An application has 256 address blocks at most.';
	end if;
	perform identity_notify('a:' || coalesce(new.application_id,
	    old.application_id));
	if tg_op = 'UPDATE' and new.application_id <> old.application_id then
		perform identity_notify('a:' || old.application_id);
	end if;
	return null;
end
$$;
create trigger application_allow_after_change
    after insert or update or delete on application_allow
    for each row execute function application_allow_after_change();

create function application_key_after_change() returns trigger
language plpgsql set search_path from current
as $$
begin
	perform identity_notify('k:' || coalesce(old.key_id, new.key_id));
	if tg_op = 'UPDATE' and new.key_id <> old.key_id then
		perform identity_notify('k:' || new.key_id);
	end if;
	return null;
end
$$;
create trigger application_key_after_change after insert or delete
    on application_key
    for each row execute function application_key_after_change();
-- Not when used.
create trigger application_key_after_update after update on application_key
    for each row when (old.key_id <> new.key_id or old.hash <> new.hash
    or old.application_id <> new.application_id
    or old.is_enabled <> new.is_enabled
    or old.expires_at is distinct from new.expires_at)
    execute function application_key_after_change();

create function platform_after_change() returns trigger
language plpgsql set search_path from current
as $$
begin
	perform identity_notify('g');
	return null;
end
$$;
create trigger setting_after_change after insert or update or delete on setting
    for each statement execute function platform_after_change();
create trigger token_key_after_change
    after insert or update or delete on token_key
    for each statement execute function platform_after_change();
create trigger provider_after_change
    after insert or delete on provider
    for each statement execute function platform_after_change();
create trigger provider_after_update after update on provider
    for each row when (old.version <> new.version)
    execute function platform_after_change();

-- Truncating leaves no tombstones: whoever syncs has to start afresh.
create function identity_after_truncate() returns trigger
language plpgsql set search_path from current
as $$
begin
	if tg_table_name in ('person', 'assignment') then
		update sync_feed set epoch = gen_random_uuid();
	end if;
	perform pg_notify('identity_change', '*');
	perform pg_notify('identity_feed', '*');
	return null;
end
$$;
create trigger person_after_truncate after truncate on person
    for each statement execute function identity_after_truncate();
create trigger application_after_truncate after truncate on application
    for each statement execute function identity_after_truncate();
create trigger application_allow_after_truncate
    after truncate on application_allow
    for each statement execute function identity_after_truncate();
create trigger application_key_after_truncate after truncate on application_key
    for each statement execute function identity_after_truncate();
create trigger assignment_after_truncate after truncate on assignment
    for each statement execute function identity_after_truncate();
create trigger session_after_truncate after truncate on session
    for each statement execute function identity_after_truncate();
