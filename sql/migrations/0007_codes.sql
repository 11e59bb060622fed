-- 0007_codes: what is decided under a lock: how many codes may be sent, and
-- whether a code, a time-based code or a recovery code is right.
-- These are functions since each of their statements sees what was committed
-- while the one before it waited; parts of one statement would not.

-- An address as limits count it: an IPv6 network is one line, and IPv4 in an
-- IPv6 spelling is IPv4.
create function address_block(ip inet) returns cidr
language sql immutable parallel safe
as $$
	select case
	    when family(ip) = 4 then network(set_masklen(ip, 32))
	    when ip <<= inet '::ffff:0:0/96' then network(set_masklen(
		inet '0.0.0.0' + (set_masklen(ip, 128) - inet '::ffff:0:0'), 32))
	    else network(set_masklen(ip, 64)) end
$$;
create index challenge_client_idx on challenge (address_block(client_ip), id)
    where client_ip is not null;

insert into setting (name, kind, default_value, min, max, pattern, description)
values
	('otp_address_max', 'int', '20', 1, 10000, null,
	    'Codes asked for from one address of persons in 15 minutes');

-- The least version 7 id of that time.
create function uuid_v7_at(at timestamptz) returns uuid
language sql immutable parallel safe
as $$
	select rpad(lpad(to_hex((extract(epoch from at) * 1000)::int8), 12, '0'),
	    32, '0')::uuid
$$;

-- When one more may be had, if |n| in |len| are the most; null: at once.
-- |times|: newest first.
create function limit_free_at(times timestamptz[], n int4, len interval)
returns timestamptz
language sql stable
as $$
	select times[n] + len where times[n] + len > clock_timestamp()
$$;

-- Opens a session: person and assignment are looked at once more and held until
-- the commit, the count of wrong passwords starts afresh, device, session and
-- first refresh token are made.  No row: disabled, unassigned, application
-- disabled, password changed meanwhile, or one factor where two are wanted.
-- $1 person (null: no row)  $2 application  $3 device id  $4 device name
-- $5 hash of the refresh token  $6 session, $7 refresh, $8 absolute time in s
-- $9 method  $10 new password hash  $11..$16 origin  $17 checked password hash
-- $18 outbox id (null: no notice), $19 sealed notice of a device that this
-- person has not used anywhere, where there was another one before; sent if a
-- provider can carry it, or $20 (development)
create function session_open(uuid, uuid, text, text, bytea, int4, int4, int4,
    text, text, text, text, text, text, text, text, text, uuid, bytea, bool)
returns table (session_id uuid, session_created_at timestamptz,
    session_expires_at timestamptz, session_last_seen_at timestamptz,
    device_id text, device_name text, device_user_agent text, device_ip text,
    user_id uuid, name text, email text, mobile_number text, emp_id text,
    is_active bool, mfa_enabled bool, updated_at timestamptz, sync_hash text,
    app_name text, refresh_expires_at timestamptz)
language plpgsql volatile
as $$
#variable_conflict use_column
begin
	return query
	with o as (
		select o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
		    o.user_agent
		from audit_origin($11, $12, $13, $14, $15, $16) o
	), p as (
		select p.auth_user_id as user_id, p.name, p.email,
		    p.mobile_number, p.emp_id, p.mfa_enabled, p.updated_at,
		    p.sync_hash, b.name as app_name
		from person p
		join assignment s on s.person_id = p.auth_user_id
		join application b on b.id = s.application_id
		where p.auth_user_id = $1 and s.application_id = $2
		    and p.status = 'active' and p.deleted_at is null
		    and b.is_enabled and ($17 is null or p.password_hash = $17)
		    and not (p.mfa_enabled and $9 in ('password', 'otp'))
		for share of p for key share of s
	), l as (
		insert into person_login (person_id, last_login_at)
		select p.user_id, now() from p
		on conflict (person_id) do update
		set failures = 0, wait_until = null, last_login_at = now()
		returning person_id
	), k as (
		delete from throttle t using p where t.bucket = 'login_device'
		    and t.subject = login_device(p.user_id, $2, $3)
		returning t.subject
	), h as (
		update person q set password_hash = $10
		from p where q.auth_user_id = p.user_id and $10 is not null
		returning q.auth_user_id
	), d as (
		insert into device as d (person_id, application_id, device_id,
		    name, user_agent, last_ip)
		select p.user_id, $2, $3, $4, o.user_agent,
		    coalesce(o.client_ip, o.ip)
		from p cross join o where $3 is not null
		on conflict (person_id, application_id, device_id) do update
		set name = coalesce(excluded.name, d.name),
		    user_agent = coalesce(excluded.user_agent, d.user_agent),
		    last_ip = excluded.last_ip,
		    last_seen_at = excluded.last_seen_at
		returning d.device_id, d.name, d.xmax = 0 as is_made
	), w as (
		-- The snapshot is older than d: this is what was known before.
		select d.device_id from d join p on true
		where d.is_made and exists (select from device x
		    where x.person_id = p.user_id
		    and x.device_id <> d.device_id)
		    and not exists (select from device x
		    where x.person_id = p.user_id
		    and x.device_id = d.device_id)
	), m as (
		insert into outbox (id, kind, channel, person_id,
		    application_id, destination, payload, expires_at)
		select $18, 'notice', c.channel, p.user_id, $2, c.destination,
		    $19, now() + interval '1 day'
		from w cross join p cross join lateral (
			select c.channel, c.destination
			from (values ('email', p.email, '{smtp}'::text[]),
			    ('sms', p.mobile_number,
			    '{generic,fast2sms,carrier_email}'::text[]))
			    c (channel, destination, types)
			where c.destination is not null
			    and ($20 or exists (select from provider v
			    where v.is_enabled and v.type = any(c.types)))
			order by c.channel limit 1) c
		where $18 is not null
		returning id
	), s as (
		insert into session (person_id, application_id, method, device_id,
		    device_name, user_agent, ip, created_at, last_seen_at,
		    expires_at, absolute_expires_at)
		select p.user_id, $2, $9, $3,
		    coalesce($4, (select d.name from d)), o.user_agent,
		    coalesce(o.client_ip, o.ip), now(), now(),
		    now() + make_interval(secs => least($6, $8)),
		    now() + make_interval(secs => $8)
		from p cross join o
		returning id, created_at, expires_at, last_seen_at, device_id,
		    device_name, user_agent, ip
	), r as (
		insert into refresh_token (hash, session_id, generation,
		    expires_at)
		select $5, s.id, 1, now() + make_interval(secs => least($7, $8))
		from s
		returning expires_at
	), a as (
		insert into audit (event, category, actor_id, subject_id,
		    application_id, session_id, request_id, ip, remote,
		    forwarded, client_ip, user_agent, detail)
		select e.event, 'sign_in', p.user_id, p.user_id, $2, s.id,
		    o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
		    o.user_agent, case when e.event = 'login_succeeded'
		    then jsonb_build_object('method', $9)
		    || case when exists (select from w)
		    then jsonb_build_object('new_device', true)
		    else '{}' end end
		from p cross join o cross join s
		cross join (values ('login_succeeded'), ('password_rehashed'))
		    e (event)
		where e.event = 'login_succeeded' or exists (select from h)
		returning id
	)
	select s.id, s.created_at, s.expires_at, s.last_seen_at, s.device_id,
	    s.device_name, s.user_agent, host(s.ip), p.user_id, p.name, p.email,
	    p.mobile_number, p.emp_id, true, p.mfa_enabled, p.updated_at,
	    p.sync_hash, p.app_name, r.expires_at
	from p cross join s cross join r;
end
$$;

-- Sends a code, if the wait and the limits allow: ends the earlier code of the
-- same person, application and purpose, and leaves challenge, outbox and audit
-- row.  A code that was used proves that the person wanted it: only the unused
-- ones count.
-- $1 challenge id  $2 person  $3 application  $4 purpose  $5 channel (null: no
-- code)  $6 destination  $7 MAC of the code  $8 its life in s  $9 tries
-- $10 wait before another one in s (0: none)  $11 most in 15 minutes, $12 in 24
-- hours, for a person and a destination  $13 most in 15 minutes for an address
-- $14 outbox id  $15 sealed message  $16..$21 origin
-- outcome: 'sent', 'otp_cooldown', 'otp_limit', 'none'.  With 'otp_limit' the
-- challenge that is alive still, if there is one.
create function challenge_open(uuid, uuid, uuid, text, text, text, bytea, int4,
    int4, int4, int4, int4, int4, uuid, bytea, text, text, text, text, text,
    text)
returns table (outcome text, retry_after_s int4, challenge_id uuid,
    channel text, destination text, expires_in_s int4)
language plpgsql volatile
as $$
#variable_conflict use_column
declare
	o	record;
	since	uuid := uuid_v7_at(clock_timestamp() - interval '25 hours');
	free_at	timestamptz;
	person	timestamptz[];
	target	timestamptz[];
	address	timestamptz[];
begin
	if $5 is null then
		return query select 'none', 0, null::uuid, null::text,
		    null::text, null::int4;
		return;
	end if;
	select * into o from audit_origin($16, $17, $18, $19, $20, $21);
	-- Always in this order, so that two never wait for each other.
	perform pg_advisory_xact_lock(hashtextextended('code/person/' || $2, 0));
	perform pg_advisory_xact_lock(hashtextextended('code/to/' || $6, 0));
	if o.client_ip is not null then
		perform pg_advisory_xact_lock(hashtextextended(
		    'code/from/' || address_block(o.client_ip), 0));
	end if;

	select max(c.created_at) + make_interval(secs => $10) into free_at
	    from challenge c where c.person_id = $2 and c.id >= since
	    and c.application_id is not distinct from $3 and c.purpose = $4
	    and c.used_at is null;
	if free_at > clock_timestamp() then
		return query select 'otp_cooldown', greatest(1, ceil(extract(
		    epoch from free_at - clock_timestamp())))::int4, null::uuid,
		    null::text, null::text, null::int4;
		return;
	end if;

	person := array(select c.created_at from challenge c
	    where c.person_id = $2 and c.id >= since and c.used_at is null
	    order by c.created_at desc limit greatest($11, $12));
	target := array(select c.created_at from challenge c
	    where c.destination = $6 and c.id >= since and c.used_at is null
	    order by c.created_at desc limit greatest($11, $12));
	if o.client_ip is not null then
		address := array(select c.created_at from challenge c
		    where address_block(c.client_ip) = address_block(o.client_ip)
		    and c.client_ip is not null and c.id >= since
		    and c.used_at is null
		    order by c.created_at desc limit $13);
	end if;
	free_at := greatest(
	    limit_free_at(person, $11, interval '15 minutes'),
	    limit_free_at(person, $12, interval '24 hours'),
	    limit_free_at(target, $11, interval '15 minutes'),
	    limit_free_at(target, $12, interval '24 hours'),
	    limit_free_at(address, $13, interval '15 minutes'));
	if free_at is not null then
		return query select 'otp_limit', greatest(1, ceil(extract(
		    epoch from free_at - clock_timestamp())))::int4, c.id,
		    c.channel, c.destination, floor(extract(
		    epoch from c.expires_at - clock_timestamp()))::int4
		    from (select 1) one left join challenge c
		    on c.person_id = $2 and c.application_id is not distinct from
		    $3 and c.purpose = $4 and c.used_at is null
		    and c.ended_at is null and c.attempts < c.max_attempts
		    and c.expires_at > clock_timestamp() + interval '15 seconds';
		return;
	end if;

	with c as (
		update challenge c set ended_at = clock_timestamp()
		where c.person_id = $2 and c.purpose = $4
		    and c.application_id is not distinct from $3
		    and c.used_at is null and c.ended_at is null
		returning c.id
	)
	update outbox q set state = 'expired', payload = null,
	    ended_at = clock_timestamp()
	    from c where q.challenge_id = c.id and q.state = 'queued';
	insert into challenge (id, person_id, application_id, purpose, channel,
	    destination, code_mac, max_attempts, expires_at, ip, client_ip)
	    values ($1, $2, $3, $4, $5, $6, $7, $9,
	    clock_timestamp() + make_interval(secs => $8), o.ip, o.client_ip);
	insert into outbox (id, kind, channel, person_id, application_id,
	    challenge_id, destination, payload, expires_at)
	    values ($14, 'code', $5, $2, $3, $1, $6, $15,
	    clock_timestamp() + make_interval(secs => $8));
	insert into audit (event, category, subject_id, application_id,
	    request_id, ip, remote, forwarded, client_ip, user_agent, detail)
	    values ('otp_sent', 'sign_in', $2, $3, o.request_id, o.ip, o.remote,
	    o.forwarded, o.client_ip, o.user_agent, jsonb_build_object(
	    'challenge_id', $1, 'purpose', $4, 'channel', $5));
	return query select 'sent', 0, $1, $5, $6, $8;
end
$$;

-- One try of a code, counted before it is compared.
-- $1 challenge  $2 application  $3 purpose  $4 MAC of what was typed
-- $5 wait before another code in s
-- outcome: 'ok' (then person_id, and the code is used up), 'otp_invalid',
-- 'otp_expired' (or replaced), 'otp_locked'.
create function challenge_try(uuid, uuid, text, bytea, int4)
returns table (outcome text, attempts_left int4, retry_after_s int4,
    person_id uuid)
language plpgsql volatile
as $$
#variable_conflict use_column
declare
	c	challenge;
begin
	select * into c from challenge k where k.id = $1
	    and k.application_id = $2 and k.purpose = $3 for no key update;
	if not found or c.used_at is not null then
		return query select 'otp_invalid', 0, 0, null::uuid;
	elsif c.attempts >= c.max_attempts then
		return query select 'otp_locked', 0, greatest(1, ceil($5 - extract(
		    epoch from clock_timestamp() - c.created_at)))::int4,
		    null::uuid;
	elsif c.ended_at is not null or c.expires_at <= clock_timestamp() then
		return query select 'otp_expired', 0, 0, null::uuid;
	else
		update challenge k set attempts = k.attempts + 1,
		    used_at = case when k.code_mac = $4
		    then clock_timestamp() end
		    where k.id = $1;
		return query select
		    case when c.code_mac = $4 then 'ok' else 'otp_invalid' end,
		    c.max_attempts - c.attempts - 1, 0,
		    case when c.code_mac = $4 then c.person_id end;
	end if;
end
$$;

-- One try of a second factor that needs no message.  Whether the time-based
-- code is right for |step| of |secret| was found by the service; here it is
-- made sure that a step counts once.  Wrong ones in a row cost waits, and the
-- hundredth is the last until the person, or an administrator, begins afresh
-- with another factor (NIST SP 800-63B-4 s.3.2.2).
-- $1 person  $2 sealed secret that was compared (null: none)  $3 its step
-- (null: the code is not one of it)  $4 MAC of a recovery code (null: not one)
-- outcome: 'totp', 'recovery', 'otp_invalid', 'too_many_attempts'
create function second_factor_try(uuid, bytea, int8, bytea)
returns table (outcome text, attempts_left int4, retry_after_s int4)
language plpgsql volatile
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
		    where r.person_id = $1 and r.code_mac = $4
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

-- One try of the second factor after the right password.  Five wrong ones end
-- the ticket; the right one uses it up.
-- $1 hash of the ticket  $2 application  $3 MAC for its challenge (null: none)
-- $4 sealed secret, $5 step, $6 MAC of a recovery code: see above
-- $7 wait before another code in s
-- outcome: 'ok' (then person_id, method and device), or why not, as above.
create function mfa_try(bytea, uuid, bytea, bytea, int8, bytea, int4)
returns table (outcome text, attempts_left int4, retry_after_s int4,
    person_id uuid, method text, device_id text, device_name text)
language plpgsql volatile
as $$
#variable_conflict use_column
declare
	t	mfa_ticket;
	c	record;
	f	record;
	how	text;
	why	text := 'otp_invalid';
	n_left	int4;
	wait_s	int4 := 0;
begin
	select * into t from mfa_ticket k where k.hash = $1
	    and k.application_id = $2 for no key update;
	if not found or t.used_at is not null then
		return query select 'otp_invalid', 0, 0, null::uuid, null::text,
		    null::text, null::text;
		return;
	elsif t.attempts >= 5 or t.expires_at <= clock_timestamp() then
		return query select case when t.attempts >= 5 then 'otp_locked'
		    else 'otp_expired' end, 0, 1, null::uuid, null::text,
		    null::text, null::text;
		return;
	end if;
	n_left := 4 - t.attempts;
	if $3 is not null and t.challenge_id is not null then
		select * into c from challenge_try(t.challenge_id, $2, 'mfa', $3,
		    $7);
		if c.outcome = 'ok' then
			how := 'password_otp';
		elsif $4 is null and $6 is null then
			-- Nothing else could have been meant.
			why := c.outcome;
			n_left := least(n_left, c.attempts_left);
			wait_s := c.retry_after_s;
		end if;
	end if;
	if how is null and ($4 is not null or $6 is not null) then
		select * into f from second_factor_try(t.person_id, $4, $5, $6);
		if f.outcome = 'too_many_attempts' then
			return query select f.outcome, 0, f.retry_after_s,
			    null::uuid, null::text, null::text, null::text;
			return;
		elsif f.outcome <> 'otp_invalid' then
			how := 'password_' || f.outcome;
		end if;
	end if;
	update mfa_ticket k set attempts = k.attempts + 1,
	    used_at = case when how is not null then clock_timestamp() end
	    where k.hash = $1;
	return query select case when how is not null then 'ok' else why end,
	    n_left, wait_s, case when how is not null then t.person_id end, how,
	    t.device_id, t.device_name;
end
$$;

-- Proof that it is the person who changes a factor: the password, which the
-- service has compared with |$2|, or a second factor.  $6 is the session.
-- outcome: 'password', or one of second_factor_try().
create function factor_prove(uuid, text, bytea, int8, bytea, uuid)
returns table (outcome text, attempts_left int4, retry_after_s int4)
language plpgsql volatile
as $$
#variable_conflict use_column
begin
	if $2 is null then
		return query select * from second_factor_try($1, $3, $4, $5);
		return;
	end if;
	perform from person p where p.auth_user_id = $1 and p.password_hash = $2
	    and p.status = 'active' for share;
	if not found then
		return query select 'otp_invalid', 0, 0;
		return;
	end if;
	update person_login l set failures = 0, wait_until = null
	    where l.person_id = $1;
	delete from throttle t using session s where s.id = $6
	    and (t.bucket = 'login_device' and t.subject = login_device(
	    s.person_id, s.application_id, s.device_id)
	    or t.bucket = 'second_factor' and t.subject = $1::text);
	return query select 'password', 0, 0;
end
$$;

-- A message to the person about a change; none without a channel.
-- $1 outbox id  $2 channel  $3 destination  $4 sealed message  $5 person
-- $6 application
create function notice_put(uuid, text, text, bytea, uuid, uuid) returns void
language sql volatile
as $$
	insert into outbox (id, kind, channel, person_id, application_id,
	    destination, payload, expires_at)
	select $1, 'notice', $2, $5, $6, $3, $4,
	    clock_timestamp() + interval '24 hours' where $2 is not null
$$;

-- Takes the authenticator app away and ends all other sessions of the person.
-- $1 session  $2 application  $3 password hash  $4 secret  $5 step
-- $6 recovery MAC: see factor_prove()  $7 outbox id  $8 channel
-- $9 destination  $10 message  $11..$16 origin
-- outcome: 'ok', 'not_found' (no session, nothing enrolled), or of the proof
create function totp_remove(uuid, uuid, text, bytea, int8, bytea, uuid, text,
    text, bytea, text, text, text, text, text, text)
returns table (outcome text, attempts_left int4, retry_after_s int4,
    sessions int4)
language plpgsql volatile
as $$
#variable_conflict use_column
declare
	person	uuid;
	f	record;
	n	int4;
begin
	select s.person_id into person from session s join totp t
	    on t.person_id = s.person_id and t.confirmed_at is not null
	    where s.id = $1 and s.application_id = $2 and s.revoked_at is null;
	if person is null then
		return query select 'not_found', 0, 0, 0;
		return;
	end if;
	select * into f from factor_prove(person, $3, $4, $5, $6, $1);
	if f.outcome in ('otp_invalid', 'too_many_attempts') then
		return query select f.outcome, f.attempts_left, f.retry_after_s,
		    0;
		return;
	end if;
	delete from totp t where t.person_id = person;
	if not found then
		return query select 'not_found', 0, 0, 0;
		return;
	end if;
	update session s set revoked_at = clock_timestamp(),
	    revoke_reason = 'mfa_changed' where s.person_id = person
	    and s.id <> $1 and s.revoked_at is null;
	get diagnostics n = row_count;
	insert into audit (event, category, actor_id, subject_id,
	    application_id, session_id, request_id, ip, remote, forwarded,
	    client_ip, user_agent, detail)
	    select 'totp_removed', 'sign_in', person, person, $2, $1,
	    o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
	    o.user_agent, jsonb_build_object('by', f.outcome, 'sessions', n)
	    from audit_origin($11, $12, $13, $14, $15, $16) o;
	perform notice_put($7, $8, $9, $10, person, $2);
	return query select 'ok', 0, 0, n;
end
$$;

-- A new set of recovery codes in place of the old one.
-- $1..$16 as totp_remove()  $17 MACs of the codes, 32 bytes each, joined
-- outcome: 'ok', 'not_found' (no session), or of the proof
create function recovery_replace(uuid, uuid, text, bytea, int8, bytea, uuid,
    text, text, bytea, text, text, text, text, text, text, bytea)
returns table (outcome text, attempts_left int4, retry_after_s int4)
language plpgsql volatile
as $$
#variable_conflict use_column
declare
	person	uuid;
	f	record;
begin
	select s.person_id into person from session s
	    where s.id = $1 and s.application_id = $2 and s.revoked_at is null;
	if person is null then
		return query select 'not_found', 0, 0;
		return;
	end if;
	select * into f from factor_prove(person, $3, $4, $5, $6, $1);
	if f.outcome in ('otp_invalid', 'too_many_attempts') then
		return query select f.outcome, f.attempts_left, f.retry_after_s;
		return;
	end if;
	-- Two sets at the same time: the second one replaces the first.
	perform pg_advisory_xact_lock(hashtextextended('recovery/' || person, 0));
	delete from recovery_code r where r.person_id = person;
	insert into recovery_code (person_id, code_mac)
	    select person, substring($17 from i * 32 + 1 for 32)
	    from generate_series(0, octet_length($17) / 32 - 1) i;
	insert into audit (event, category, actor_id, subject_id,
	    application_id, session_id, request_id, ip, remote, forwarded,
	    client_ip, user_agent, detail)
	    select 'recovery_codes_made', 'sign_in', person, person, $2, $1,
	    o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
	    o.user_agent, jsonb_build_object('by', f.outcome,
	    'codes', octet_length($17) / 32)
	    from audit_origin($11, $12, $13, $14, $15, $16) o;
	perform notice_put($7, $8, $9, $10, person, $2);
	return query select 'ok', 0, 0;
end
$$;
