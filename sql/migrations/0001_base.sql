-- 0001_base: extension, identifiers, notifications.
-- Migrations are forward-only and immutable once released; each runs in one
-- transaction.  Nothing here depends on roles.  Where two are wanted: the owner
-- runs `identityd migrate`; the service's role needs select, insert, update,
-- delete on all tables and usage on all sequences, less update, delete and
-- truncate on audit and audit_seal.

do $$
begin
	if current_setting('server_encoding') <> 'UTF8' then
		raise exception 'the database must have encoding UTF8, not %',
		    current_setting('server_encoding');
	end if;
end
$$;

create extension if not exists pg_trgm;

-- RFC 9562 version 7: 48 bits of milliseconds, then random bits.  A version 4
-- value becomes version 7 by setting the two low bits of its version nibble.
create function uuid_v7() returns uuid
language sql volatile parallel safe
as $$
	select encode(set_bit(set_bit(overlay(
	    uuid_send(gen_random_uuid()) placing substring(int8send(floor(
	    extract(epoch from clock_timestamp()) * 1000)::int8) from 3)
	    from 1 for 6), 52, 1), 53, 1), 'hex')::uuid
$$;

-- Tells the caches of all workers on all nodes what is old:
--   u:<person>  s:<session>  a:<application>  k:<key id>  g (platform)  * (all)
-- One transaction sends 64 of them at most, then one '*' and nothing more, so
-- that a bulk change neither fills the notification queue nor is slowed by it.
-- The count lives in a transaction-local setting, so a savepoint that is rolled
-- back takes its count and its notifications away together.
create function identity_notify(payload text) returns void
language plpgsql volatile
as $$
declare
	n	int4 := coalesce(nullif(
	    current_setting('identity.notified', true), ''), '0')::int4;
begin
	if n > 64 then
		return;
	end if;
	perform set_config('identity.notified', (n + 1)::text, true);
	perform pg_notify('identity_change',
	    case when n = 64 then '*' else payload end);
end
$$;

-- The origin of a request as queries get it, empty text as null.
create function audit_origin(request_id text, ip text, remote text,
    forwarded text, client_ip text, user_agent text)
returns table (request_id text, ip inet, remote inet, forwarded text,
    client_ip inet, user_agent text)
language sql immutable parallel safe
as $$
	select nullif($1, ''), nullif($2, '')::inet, nullif($3, '')::inet,
	    nullif($4, ''), nullif($5, '')::inet, nullif($6, '')
$$;
