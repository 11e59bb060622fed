-- 0009_delivery: the outbox comes to life: what a dispatcher keeps of a
-- message, texts of the operator, and the ceiling of what may be spent.

-- tried: providers that failed in this round; tries: in a row with the last
-- one (core/delivery.h).  country, cost: of a text message, set when it is
-- queued.  is_unsettled: whether its
-- code was used is not counted yet.
alter table outbox
	add column client_ip	inet,
	add column tried	uuid[] not null default '{}',
	add column tries	int4 not null default 0,
	add column country	text check (country ~ '^[1-9][0-9]{0,2}$'),
	add column is_unsettled	bool not null default false;

-- Notices give way to what somebody waits for.
drop index outbox_due_idx;
create index outbox_due_idx on outbox ((kind = 'notice'), next_attempt_at)
    where state in ('queued', 'sending');
create index outbox_unsettled_idx on outbox (expires_at) where is_unsettled;

create function outbox_after_insert() returns trigger
language plpgsql
as $$
begin
	perform pg_notify('identity_outbox', '');
	return null;
end
$$;
-- Not for codes: whoever notifies holds a lock of the whole cluster until its
-- commit is on disk, so that codes would be queued one after the other.  The
-- worker that queues a code rings itself (deliver_ring()).
create trigger outbox_after_insert after insert on outbox
    for each row when (new.state = 'queued' and new.kind <> 'code')
    execute function outbox_after_insert();

-- What is left with a provider that tells it.
alter table provider
	add column balance	int8,		-- hundredths of its currency
	add column balance_at	timestamptz;

-- Codes of one address, by time (challenge_open()).
drop index challenge_client_idx;
create index challenge_client_idx on challenge (address_block(client_ip),
    created_at) where client_ip is not null;

-- A pause is told to all workers as a changed setting is.
create trigger provider_after_pause after update on provider
    for each row when (old.paused_until is distinct from new.paused_until)
    execute function platform_after_change();

-- A provider that was mended is tried at once by what waits, for it or for any.
create function provider_after_mend() returns trigger
language plpgsql set search_path from current
as $$
begin
	update outbox q set next_attempt_at = clock_timestamp(), tried = '{}',
	    tries = 0
	    where q.id in (select w.id from outbox w where w.state = 'queued'
	    and w.next_attempt_at > clock_timestamp()
	    order by w.next_attempt_at limit 1000 for update skip locked);
	if found then
		perform pg_notify('identity_outbox', '');
	end if;
	return null;
end
$$;
-- By name they come after those that tell of the change.
create trigger provider_after_made after insert on provider
    for each row when (new.is_enabled) execute function provider_after_mend();
create trigger provider_after_wake after update on provider
    for each row when (new.is_enabled and old.version <> new.version)
    execute function provider_after_mend();

-- What is shown of a provider beside its document.
create function provider_state(v provider) returns text
language sql stable
as $$
	select case when not v.is_enabled then 'not_configured'
	    when v.paused_until > now() then 'paused'
	    when v.last_error_at > coalesce(v.last_ok_at, '-infinity')
	    then 'failing'
	    when v.type = 'carrier_email' then 'retiring'
	    else 'ready' end
$$;
create function provider_about(v provider) returns jsonb
language sql stable
as $$
	select jsonb_build_object('id', v.id, 'state', provider_state(v),
	    'last_ok_at', json_time(v.last_ok_at), 'last_error_at',
	    json_time(v.last_error_at), 'last_error', v.last_error,
	    'tested_at', json_time(v.tested_at), 'paused_until',
	    json_time(v.paused_until), 'version', v.version, 'balance',
	    v.balance, 'balance_at', json_time(v.balance_at))
$$;

-- Texts that go before the shipped ones (core/message_text.h).
create table message_text (
	name		text not null check (name ~ '^[a-z_]{1,40}$'),
	channel		text not null check (channel in ('sms', 'email')),
	language	text not null check (char_length(language) between 2 and 35),
	subject		text check (octet_length(subject) <= 200),
	text		text not null check (octet_length(text) <= 4000),
	html		text check (octet_length(html) <= 60000),
	updated_at	timestamptz not null default clock_timestamp(),
	updated_by	uuid,
	primary key (name, channel, language)
);
create trigger message_text_after_change
    after insert or update or delete on message_text
    for each statement execute function platform_after_change();

-- ---- the ceiling ----------------------------------------------------------
-- A text message costs money and may go to whoever an attacker likes.  So each
-- one is decided in the statement that queues it, and what was decided is kept:
-- in spend_hour as sums, in outbox as rows.
--
-- Counted when sent are: all, country:91, app:<id>, to:<digits>, person:<id>,
-- from:<address>/<country>; and codes:<id>, the codes of an application over
-- either channel.  Counted when their time is over, as used or not
-- (spend_settle), are: all, country, app, prefix:91987654 (a number less its
-- last four digits), address:<ip or /64>.
--
-- No ceiling is ever passed, and yet people do not queue up for one lock:
--
-- - Each connection counts in rows of its own (shard), so that nobody waits for
--   another's commit.  What is over is added up in shard 0 (spend_tidy).
-- - Whoever decides holds the lock 'spend' until the commit: shared while every
--   sum is so far below its ceiling that all connections of the server could add
--   one more (max_connections), else alone.  The last of those who shared it saw
--   all that were committed; the others were fewer than there are connections.
--   Who holds it alone saw all.  This is why one transaction may queue one
--   message alone.
-- - What has small ceilings (a person, a number, an address) is locked itself.

alter table spend_hour
	alter column key type text collate "C",
	add column unverified int4 not null default 0,
	add column shard int2 not null default 0,
	drop constraint spend_hour_pkey,
	add primary key (key, hour, shard);
-- For spend_tidy alone, which names the shard: a sum that was planned while the
-- table was empty must not read all keys of a day.
create index spend_hour_hour_idx on spend_hour (hour) where shard >= 0;
create index sms_price_price_idx on sms_price (price);

insert into setting (name, kind, default_value, min, max, pattern, description)
values
	('sms_blocked_prefixes', 'list', '["870", "878", "881", "882", "883",
	    "888", "979", "1242", "1246", "1264", "1268", "1284", "1345",
	    "1441", "1473", "1649", "1658", "1664", "1721", "1758", "1767",
	    "1784", "1809", "1829", "1849", "1868", "1869", "1876", "1900"]',
	    null, null, '^[1-9][0-9]{0,14}$',
	    'Numbers that no message goes to though their country is allowed: satellite, premium, dear islands of +1'),
	('sms_person_day_max', 'int', '20', 1, 10000, null,
	    'Text messages to one person in 24 hours, used codes included'),
	('sms_destination_day_max', 'int', '20', 1, 10000, null,
	    'Text messages to one number in 24 hours, used codes included'),
	('sms_country_hour_max', 'int', '500', 0, 1000000, null,
	    'Text messages to one country in an hour'),
	('sms_country_day_max', 'int', '3000', 0, 10000000, null,
	    'Text messages to one country in a day'),
	('sms_app_hour_max', 'int', '300', 0, 1000000, null,
	    'Text messages for one application in an hour'),
	('sms_app_day_max', 'int', '2000', 0, 10000000, null,
	    'Text messages for one application in a day'),
	('otp_app_hour_max', 'int', '3000', 1, 10000000, null,
	    'Codes of one application in an hour, by text message and e-mail'),
	('sms_breaker', 'bool', 'true', null, null, null,
	    'Where most codes run out unused, only people who signed in lately get text messages');

-- As in 0007, but of functions that do not look at the session's time zone, and
-- without a condition of their own: so PostgreSQL writes them into the statement
-- that calls them, where it would plan them anew at each call.
create or replace function uuid_v7_at(at timestamptz) returns uuid
language sql immutable parallel safe
as $$
	select rpad(lpad(to_hex((extract(epoch from at at time zone 'UTC')
	    * 1000)::int8), 12, '0'), 32, '0')::uuid
$$;
create or replace function limit_free_at(times timestamptz[], n int4,
    len interval)
returns timestamptz
language sql volatile
as $$
	select case when times[n] + len > clock_timestamp()
	    then times[n] + len end
$$;

-- What is asked for each code is in plpgsql, which keeps its plans.

-- The value in force.
create function setting_value(name text) returns jsonb
language plpgsql stable parallel safe
as $$
begin
	return (select coalesce(s.value, s.default_value) from setting s
	    where s.name = $1);
end
$$;
create function setting_int(name text) returns int8
language sql stable
as $$
	select (coalesce(s.value, s.default_value) #>> '{}')::int8
	from setting s where s.name = $1
$$;

-- Country calling code of digits in E.164 (ITU-T E.164: zones 1 and 7 have one
-- digit, these have two, all others three).
create function dialling_code(digits text) returns text
language sql immutable parallel safe
as $$
	select case when left($1, 1) in ('1', '7') then left($1, 1)
	    when left($1, 2) in ('20', '27', '30', '31', '32', '33', '34', '36',
	    '39', '40', '41', '43', '44', '45', '46', '47', '48', '49', '51',
	    '52', '53', '54', '55', '56', '57', '58', '60', '61', '62', '63',
	    '64', '65', '66', '81', '82', '84', '86', '90', '91', '92', '93',
	    '94', '95', '98') then left($1, 2)
	    else left($1, 3) end
$$;

-- Is there a provider that a text message to this person may go through?  A
-- carrier's gateway counts only where e-mail stands behind it, since nobody
-- hears whether it delivered (core/delivery.h).
create function sms_reaches(mobile text, carrier text, email text)
returns bool
language plpgsql stable
as $$
begin
	return exists (select from provider v where v.is_enabled
	    and (v.countries = '{}' or exists (select
	    from unnest(v.countries) u (code)
	    where starts_with($1, '+' || u.code)))
	    and (v.type in ('generic', 'fast2sms')
	    or (v.type = 'carrier_email' and $2 is not null
	    and $3 is not null and setting_value('email_fallback') = 'true'
	    and exists (select from provider m where m.is_enabled
	    and m.type = 'smtp'))));
end
$$;

-- What a message to these digits costs at most, whichever of the enabled
-- providers takes it: the longest prefix of each.
create function sms_price_max(digits text) returns int8
language plpgsql stable
as $$
begin
	return (select coalesce(max(c.price), 0)
	    from provider v cross join lateral (
		select s.price from sms_price s
		where s.prefix = any(array[left($1, 1), left($1, 2),
		    left($1, 3), left($1, 4), left($1, 5), left($1, 6),
		    left($1, 7), left($1, 8), left($1, 9), left($1, 10),
		    left($1, 11), left($1, 12), left($1, 13), left($1, 14),
		    left($1, 15)])
		    and (s.provider_id is null or s.provider_id = v.id)
		order by length(s.prefix) desc, s.provider_id nulls last
		limit 1) c
	    where v.is_enabled and v.type <> 'smtp');
end
$$;

-- More unused codes than a sound place shows?  Numbers of security.md 3.6; of
-- an address and a prefix ten a day, of a country twenty, or a fifth of the
-- used ones; in an hour a sixth of it, but |hour_min| anyway.
create function spend_is_odd(day_unverified int8, day_verified int8,
    hour_unverified int8, hour_verified int8, day_min int8, hour_min int8)
returns bool
language sql immutable parallel safe
as $$
	select $1 > greatest($5, 0.2 * $2)
	    or $3 > greatest($6, greatest($5, 0.2 * $2) / 6, 0.2 * $4)
$$;

-- The most codes of a key that were used on one of the last 14 days.
create function spend_verified_max(key text) returns int8
language sql stable
as $$
	select coalesce(max(d.n), 0) from (
		select sum(s.verified) as n from spend_hour s
		where s.key = $1 and s.hour > now() - interval '14 days'
		group by date_trunc('day', s.hour, 'UTC')) d
$$;

-- Has this person signed in within 30 days, and not left codes unused since?
create function sms_in_standing(person uuid) returns bool
language sql stable
as $$
	select exists (select from person_login l where l.person_id = $1
	    and l.last_login_at > now() - interval '30 days')
	    and (select count(*) < 3 from challenge c where c.person_id = $1
	    and c.created_at >= now() - interval '24 hours'
	    and c.used_at is null)
$$;

-- Which keys the use of a text message's code counts for.
create function spend_used_keys(destination text, country text,
    application uuid, client_ip inet)
returns text[]
language sql immutable parallel safe
as $$
	select array_remove(array['all', 'country:' || $2, 'app:' || $3::text,
	    'prefix:' || left(substr($1, 2), -4),
	    'address:' || host(address_block($4))], null)
$$;

-- The row of a key that this connection counts in.
create function spend_shard() returns int2
language sql stable
as $$
	select (pg_backend_pid() % 64 + 1)::int2
$$;

-- What a key has in the running hour, and in it and the 23 before it.
create type spend_sum as (key text, sent_hour int8, sent_day int8,
    cost_hour int8, cost_day int8, used_hour int8, used_day int8,
    unused_hour int8, unused_day int8);

-- May it be sent?  Null: yes; or the reason why not; or 'near': not before one
-- knows what |others| are about to send.  Sums only grow, so a ceiling that is
-- reached is reached, whoever is under way.
create function spend_refusal(o outbox, others int8) returns text
language plpgsql volatile set plan_cache_mode = 'force_generic_plan'
as $$
declare
	zero	constant spend_sum := row('', 0, 0, 0, 0, 0, 0, 0, 0);
	s	jsonb;
	k	spend_sum;
	total	spend_sum := zero;
	country	spend_sum := zero;
	app	spend_sum := zero;
	codes	spend_sum := zero;
	prefix	spend_sum := zero;
	address	spend_sum := zero;
	person	spend_sum := zero;
	dest	spend_sum := zero;
	is_sms	bool := o.country is not null;
	has_app	bool := o.application_id is not null;
	budget_hour	int8;
	budget_day	int8;
	dear	int8 := 0;
	is_odd	bool;
	why	text;
begin
	s := (select jsonb_object_agg(t.name, coalesce(t.value, t.default_value))
	    from setting t where t.name in ('default_country_code',
	    'otp_app_hour_max', 'sms_app_day_max', 'sms_app_hour_max',
	    'sms_blocked_prefixes', 'sms_breaker', 'sms_countries',
	    'sms_country_day_max', 'sms_country_hour_max', 'sms_day_budget',
	    'sms_day_max', 'sms_destination_day_max', 'sms_hour_budget',
	    'sms_hour_max', 'sms_person_day_max'));
	for k in select h.key,
	    coalesce(sum(h.sent) filter (where n.hour = h.hour), 0),
	    sum(h.sent),
	    coalesce(sum(h.cost) filter (where n.hour = h.hour), 0),
	    sum(h.cost),
	    coalesce(sum(h.verified) filter (where n.hour = h.hour), 0),
	    sum(h.verified),
	    coalesce(sum(h.unverified) filter (where n.hour = h.hour), 0),
	    sum(h.unverified)
	    from (select date_trunc('hour', now(), 'UTC') as hour) n
	    join spend_hour h on h.hour > now() - interval '24 hours'
	    and h.key = any(array['codes:' || case when o.kind = 'code'
	    then o.application_id end, case when is_sms then 'to:'
	    || substr(o.destination, 2) end, case when is_sms then 'person:'
	    || o.person_id end] || case when is_sms then spend_used_keys(
	    o.destination, o.country, o.application_id, o.client_ip) end)
	    group by h.key
	loop
		case split_part(k.key, ':', 1)
		when 'all' then total := k;
		when 'country' then country := k;
		when 'app' then app := k;
		when 'codes' then codes := k;
		when 'prefix' then prefix := k;
		when 'address' then address := k;
		when 'person' then person := k;
		when 'to' then dest := k;
		end case;
	end loop;

	if codes.sent_hour >= (s ->> 'otp_app_hour_max')::int8 and has_app
	    and o.kind = 'code' then
		return 'app_codes';
	elsif not is_sms then
		return case when codes.sent_hour + others
		    >= (s ->> 'otp_app_hour_max')::int8 then 'near' end;
	end if;
	why := (select case when not exists (
	    select from jsonb_array_elements_text(case
	    when s -> 'sms_countries' <> '[]' then s -> 'sms_countries'
	    else jsonb_build_array(s -> 'default_country_code') end) c (code)
	    where starts_with(o.destination, '+' || c.code))
	    then 'country_denied'
	    when exists (select from jsonb_array_elements_text(
	    s -> 'sms_blocked_prefixes') b (prefix)
	    where starts_with(o.destination, '+' || b.prefix))
	    then 'prefix_blocked' end);
	budget_hour := nullif((s ->> 'sms_hour_budget')::int8, 0);
	budget_day := nullif((s ->> 'sms_day_budget')::int8, 0);
	why := case when why is not null then why
	    when dest.sent_day >= (s ->> 'sms_destination_day_max')::int8
	    then 'destination_day'
	    when person.sent_day >= (s ->> 'sms_person_day_max')::int8
	    then 'person_day'
	    when has_app and app.sent_hour >= (s ->> 'sms_app_hour_max')::int8
	    then 'app_hour'
	    when has_app and app.sent_day >= (s ->> 'sms_app_day_max')::int8
	    then 'app_day'
	    when country.sent_hour >= (s ->> 'sms_country_hour_max')::int8
	    then 'country_hour'
	    when country.sent_day >= (s ->> 'sms_country_day_max')::int8
	    then 'country_day'
	    when total.sent_hour >= (s ->> 'sms_hour_max')::int8
	    then 'hour_max'
	    when total.sent_day >= (s ->> 'sms_day_max')::int8
	    then 'day_max'
	    when total.cost_hour + o.cost > budget_hour then 'hour_budget'
	    when total.cost_day + o.cost > budget_day then 'day_budget' end;
	if why is null and o.client_ip is not null and (
	    select count(distinct t.key) > 3 from spend_hour t
	    where t.hour > now() - interval '24 hours'
	    and t.key >= 'from:' || host(address_block(o.client_ip)) || '/'
	    and t.key < 'from:' || host(address_block(o.client_ip)) || '0') then
		why := 'address_countries';
	end if;
	if why is not null then
		return why;
	end if;
	if budget_hour is not null or budget_day is not null then
		dear := others * (select coalesce(max(p.price), 0)
		    from sms_price p);
	end if;
	if codes.sent_hour + others >= (s ->> 'otp_app_hour_max')::int8
	    or has_app and app.sent_hour + others
	    >= (s ->> 'sms_app_hour_max')::int8
	    or has_app and app.sent_day + others
	    >= (s ->> 'sms_app_day_max')::int8
	    or country.sent_hour + others
	    >= (s ->> 'sms_country_hour_max')::int8
	    or country.sent_day + others >= (s ->> 'sms_country_day_max')::int8
	    or total.sent_hour + others >= (s ->> 'sms_hour_max')::int8
	    or total.sent_day + others >= (s ->> 'sms_day_max')::int8
	    or total.cost_hour + o.cost + dear > budget_hour
	    or total.cost_day + o.cost + dear > budget_day then
		return 'near';
	elsif o.kind = 'test' or s -> 'sms_breaker' = 'false' then
		return null;
	end if;

	-- From here on people who use their codes are let through, so that an
	-- attack on others ends nobody's sign-in.
	is_odd := spend_is_odd(address.unused_day, address.used_day,
	    address.unused_hour, address.used_hour, 10, 5)
	    or spend_is_odd(prefix.unused_day, prefix.used_day,
	    prefix.unused_hour, prefix.used_hour, 10, 5)
	    or spend_is_odd(country.unused_day, country.used_day,
	    country.unused_hour, country.used_hour, 20, 3)
	    and spend_is_odd(country.unused_day, greatest(country.used_day,
	    spend_verified_max('country:' || o.country)), country.unused_hour,
	    country.used_hour, 20, 3)
	    -- The last fifth of the ceiling is theirs too.
	    or total.sent_hour >= (s ->> 'sms_hour_max')::int8 * 0.8
	    or total.sent_day >= (s ->> 'sms_day_max')::int8 * 0.8;
	if is_odd and not coalesce(sms_in_standing(o.person_id), false) then
		return 'breaker';
	end if;
	return null;
end
$$;

-- Decides under the lock: shared, and alone where that says nothing yet.  The
-- savepoint gives the shared one back, so that two who want it alone do not wait
-- for each other.
create function spend_decide(o outbox) returns text
language plpgsql volatile
as $$
declare
	lock	constant int8 := hashtextextended('spend', 0);
	why	text;
begin
	if current_setting('identity.spending', true) = 'on' then
		raise exception 'outbox_one_message' using
		    hint = 'Queue one message in a transaction.';
	end if;
	perform set_config('identity.spending', 'on', true);
	if o.country is not null then
		perform pg_advisory_xact_lock(hashtextextended('code/person/'
		    || o.person_id, 0)),
		    pg_advisory_xact_lock(hashtextextended('code/to/'
		    || o.destination, 0)),
		    pg_advisory_xact_lock(hashtextextended('code/from/'
		    || address_block(o.client_ip), 0));
	end if;
	begin
		perform pg_advisory_xact_lock_shared(lock);
		why := spend_refusal(o,
		    current_setting('max_connections')::int8 - 1);
		if why = 'near' then
			raise exception using errcode = 'IS001';
		end if;
	exception when sqlstate 'IS001' then
		perform pg_advisory_xact_lock(lock);
		why := spend_refusal(o, 0);
	end;
	return why;
end
$$;

-- Counts what was decided.  By order of the keys, so that two never wait for
-- each other.
create function spend_count(o outbox, is_refused bool) returns void
language plpgsql volatile set plan_cache_mode = 'force_generic_plan'
as $$
begin
	insert into spend_hour as h (key, hour, shard, sent, refused, cost)
	select k.key, date_trunc('hour', now(), 'UTC'), k.shard,
	    (not is_refused)::int4, is_refused::int4,
	    case when is_refused then 0 else coalesce(o.cost, 0) end
	from (values ('all', spend_shard(), o.country is not null),
	    ('app:' || o.application_id, spend_shard(), o.country is not null
	    and not is_refused),
	    ('codes:' || o.application_id, spend_shard(), o.kind = 'code'
	    and not is_refused),
	    ('country:' || o.country, spend_shard(), true),
	    ('from:' || host(address_block(o.client_ip)) || '/' || o.country, 0,
	    not is_refused),
	    ('person:' || o.person_id, 0, o.country is not null
	    and not is_refused),
	    ('to:' || substr(o.destination, 2), 0, o.country is not null
	    and not is_refused)) k (key, shard, is_counted)
	where k.is_counted and k.key is not null
	on conflict (key, hour, shard) do update
	set sent = h.sent + excluded.sent, refused = h.refused
	    + excluded.refused, cost = h.cost + excluded.cost;
end
$$;

-- What is not to be sent is kept as 'refused', with the reason and without
-- its content.  With no provider for text messages nothing can be spent.
create function outbox_before_insert() returns trigger
language plpgsql set search_path from current
as $$
declare
	why	text;
begin
	if new.channel = 'sms' and exists (select from provider v
	    where v.is_enabled and v.type <> 'smtp') then
		new.country := dialling_code(substr(new.destination, 2));
		new.cost := sms_price_max(substr(new.destination, 2));
		new.is_unsettled := new.kind in ('code', 'reset');
	elsif new.kind <> 'code' or new.application_id is null then
		return new;
	end if;
	why := spend_decide(new);
	perform spend_count(new, why is not null);
	if why is not null then
		new.state := 'refused';
		new.payload := null;
		new.ended_at := clock_timestamp();
		new.last_error := why;
		new.cost := null;
		new.is_unsettled := false;
	end if;
	return new;
end
$$;
create trigger outbox_before_insert before insert on outbox
    for each row when (new.state = 'queued' or new.kind = 'test')
    execute function outbox_before_insert();

-- What a caller is told: a limit of his own, or that it cannot be sent; which
-- of the ceilings it was is the administrators' to know.
create function spend_outcome(reason text) returns text
language sql immutable parallel safe
as $$
	select case when $1 in ('person_day', 'destination_day', 'app_codes')
	    then 'otp_limit' else 'delivery_unavailable' end
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
-- outcome: 'sent', 'otp_cooldown', 'otp_limit', 'delivery_unavailable' (the
-- ceiling of what may be spent), 'none'.  With 'otp_limit' the challenge that is
-- alive still, if there is one.
create or replace function challenge_open(uuid, uuid, uuid, text, text, text,
    bytea, int4, int4, int4, int4, int4, int4, uuid, bytea, text, text, text,
    text, text, text)
returns table (outcome text, retry_after_s int4, challenge_id uuid,
    channel text, destination text, expires_in_s int4)
language plpgsql volatile rows 1 set plan_cache_mode = 'force_generic_plan'
as $$
#variable_conflict use_column
declare
	o	record;
	c	record;
	since	timestamptz := clock_timestamp() - interval '25 hours';
	free_at	timestamptz;
	why	text;
begin
	if $5 is null then
		return query select 'none', 0, null::uuid, null::text,
		    null::text, null::int4;
		return;
	end if;
	select * into o from audit_origin($16, $17, $18, $19, $20, $21);
	-- Always in this order, so that two never wait for each other.
	perform pg_advisory_xact_lock(hashtextextended('code/person/' || $2, 0)),
	    pg_advisory_xact_lock(hashtextextended('code/to/' || $6, 0)),
	    pg_advisory_xact_lock(hashtextextended('code/from/'
	    || address_block(o.client_ip), 0));

	-- Times of unused codes, newest first.  By created_at, which no index of
	-- persons or destinations has: a range of ids would let the planner, who
	-- may know of an empty table only, walk all codes by the wrong index.
	select (select max(c.created_at) from challenge c
	    where c.person_id = $2 and c.created_at >= since
	    and c.application_id is not distinct from $3 and c.purpose = $4
	    and c.used_at is null) + make_interval(secs => $10) as waits_until,
	    exists (select from challenge c where c.person_id = $2
	    and c.purpose = $4 and c.application_id is not distinct from $3
	    and c.used_at is null and c.ended_at is null) as has_live,
	    array(select c.created_at from challenge c
	    where c.person_id = $2 and c.created_at >= since and c.used_at is null
	    order by c.created_at desc limit greatest($11, $12)) as person,
	    array(select c.created_at from challenge c
	    where c.destination = $6 and c.created_at >= since and c.used_at is null
	    order by c.created_at desc limit greatest($11, $12)) as target,
	    case when o.client_ip is not null then
	    array(select c.created_at from challenge c
	    where address_block(c.client_ip) = address_block(o.client_ip)
	    and c.client_ip is not null
	    and c.created_at >= clock_timestamp() - interval '15 minutes'
	    and c.used_at is null
	    order by c.created_at desc limit $13) end as address
	    into c;
	if c.waits_until > clock_timestamp() then
		return query select 'otp_cooldown', greatest(1, ceil(extract(
		    epoch from c.waits_until - clock_timestamp())))::int4,
		    null::uuid, null::text, null::text, null::int4;
		return;
	end if;
	free_at := greatest(
	    limit_free_at(c.person, $11, interval '15 minutes'),
	    limit_free_at(c.person, $12, interval '24 hours'),
	    limit_free_at(c.target, $11, interval '15 minutes'),
	    limit_free_at(c.target, $12, interval '24 hours'),
	    limit_free_at(c.address, $13, interval '15 minutes'));
	if free_at is not null then
		return query select 'otp_limit', greatest(1, ceil(extract(
		    epoch from free_at - clock_timestamp())))::int4, k.id,
		    k.channel, k.destination, floor(extract(
		    epoch from k.expires_at - clock_timestamp()))::int4
		    from (select 1) one left join challenge k
		    on k.person_id = $2 and k.application_id is not distinct from
		    $3 and k.purpose = $4 and k.used_at is null
		    and k.ended_at is null and k.attempts < k.max_attempts
		    and k.expires_at > clock_timestamp() + interval '15 seconds';
		return;
	end if;

	-- First, since it may be refused: then nothing else has happened.
	insert into outbox as q (id, kind, channel, person_id, application_id,
	    challenge_id, destination, payload, expires_at, client_ip)
	    values ($14, 'code', $5, $2, $3, $1, $6, $15,
	    clock_timestamp() + make_interval(secs => $8), o.client_ip)
	    returning case q.state when 'refused' then q.last_error end into why;
	if why is not null then
		return query select spend_outcome(why), 300, null::uuid,
		    null::text, null::text, null::int4;
		return;
	end if;
	if c.has_live then
		with e as (
			update challenge k set ended_at = clock_timestamp()
			where k.person_id = $2 and k.purpose = $4
			    and k.application_id is not distinct from $3
			    and k.used_at is null and k.ended_at is null
			returning k.id
		)
		-- One that a dispatcher holds is left: waiting for it could be
		-- mutual.
		update outbox q set state = 'expired', payload = null,
		    ended_at = clock_timestamp(), last_error = 'replaced'
		    where q.id in (select w.id from e join outbox w
		    on w.challenge_id = e.id where w.state = 'queued'
		    for update of w skip locked);
	end if;
	insert into challenge (id, person_id, application_id, purpose, channel,
	    destination, code_mac, max_attempts, expires_at, ip, client_ip)
	    values ($1, $2, $3, $4, $5, $6, $7, $9,
	    clock_timestamp() + make_interval(secs => $8), o.ip, o.client_ip);
	insert into audit (event, category, subject_id, application_id,
	    request_id, ip, remote, forwarded, client_ip, user_agent, detail)
	    values ('otp_sent', 'sign_in', $2, $3, o.request_id, o.ip, o.remote,
	    o.forwarded, o.client_ip, o.user_agent, jsonb_build_object(
	    'challenge_id', $1, 'purpose', $4, 'channel', $5));
	return query select 'sent', 0, $1, $5, $6, $8;
end
$$;

-- As in 0007 (see there), but step by step, so that a sign-in pays only for what
-- it does; planned once for a connection.  And a carrier's gateway, which must not
-- be the only way, is no way to tell of a new device.
create or replace function session_open(uuid, uuid, text, text, bytea, int4, int4,
    int4, text, text, text, text, text, text, text, text, text, uuid, bytea,
    bool)
returns table (session_id uuid, session_created_at timestamptz,
    session_expires_at timestamptz, session_last_seen_at timestamptz,
    device_id text, device_name text, device_user_agent text, device_ip text,
    user_id uuid, name text, email text, mobile_number text, emp_id text,
    is_active bool, mfa_enabled bool, updated_at timestamptz, sync_hash text,
    app_name text, refresh_expires_at timestamptz)
language plpgsql volatile rows 1 set plan_cache_mode = 'force_generic_plan'
as $$
#variable_conflict use_column
declare
	o	record;
	who	record;
	past	record;
	made	record;
	opened	record;
	is_new	bool := false;
	label	text := $4;
	until	timestamptz;
begin
	select p.auth_user_id as user_id, p.name, p.email, p.mobile_number,
	    p.carrier, p.emp_id, p.mfa_enabled, p.updated_at, p.sync_hash,
	    b.name as app_name into who
	    from person p
	    join assignment s on s.person_id = p.auth_user_id
	    join application b on b.id = s.application_id
	    where p.auth_user_id = $1 and s.application_id = $2
	    and p.status = 'active' and p.deleted_at is null
	    and b.is_enabled and ($17 is null or p.password_hash = $17)
	    and not (p.mfa_enabled and $9 in ('password', 'otp'))
	    for share of p for key share of s;
	if not found then
		return;
	end if;
	select * into o from audit_origin($11, $12, $13, $14, $15, $16);
	insert into person_login (person_id, last_login_at)
	    values (who.user_id, now())
	    on conflict (person_id) do update
	    set failures = 0, wait_until = null, last_login_at = now();
	if $10 is not null then
		update person q set password_hash = $10
		    where q.auth_user_id = who.user_id;
	end if;
	if $3 is not null then
		delete from throttle t where t.bucket = 'login_device'
		    and t.subject = login_device(who.user_id, $2, $3);
		select exists (select from device x
		    where x.person_id = who.user_id and x.device_id <> $3)
		    as has_other, exists (select from device x
		    where x.person_id = who.user_id and x.device_id = $3)
		    as is_known into past;
		insert into device as d (person_id, application_id, device_id,
		    name, user_agent, last_ip)
		    values (who.user_id, $2, $3, $4, o.user_agent,
		    coalesce(o.client_ip, o.ip))
		    on conflict (person_id, application_id, device_id) do update
		    set name = coalesce(excluded.name, d.name),
		    user_agent = coalesce(excluded.user_agent, d.user_agent),
		    last_ip = excluded.last_ip,
		    last_seen_at = excluded.last_seen_at
		    returning d.name, d.xmax = 0 as is_made into made;
		label := coalesce($4, made.name);
		is_new := made.is_made and past.has_other and not past.is_known;
	end if;
	if is_new and $18 is not null then
		insert into outbox (id, kind, channel, person_id,
		    application_id, destination, payload, expires_at)
		    select $18, 'notice', c.channel, who.user_id, $2,
		    c.destination, $19, now() + interval '1 day'
		    from (select 'email' as channel, who.email as destination
		    where $20 or exists (select from provider v
		    where v.is_enabled and v.type = 'smtp')
		    union all
		    select 'sms', who.mobile_number where $20 or sms_reaches(
		    who.mobile_number, who.carrier, who.email)) c
		    where c.destination is not null
		    order by c.channel limit 1;
	end if;
	insert into session (person_id, application_id, method, device_id,
	    device_name, user_agent, ip, created_at, last_seen_at, expires_at,
	    absolute_expires_at)
	    values (who.user_id, $2, $9, $3, label, o.user_agent,
	    coalesce(o.client_ip, o.ip), now(), now(),
	    now() + make_interval(secs => least($6, $8)),
	    now() + make_interval(secs => $8))
	    returning id, created_at, expires_at, last_seen_at, ip into opened;
	until := now() + make_interval(secs => least($7, $8));
	insert into refresh_token (hash, session_id, generation, expires_at)
	    values ($5, opened.id, 1, until);
	insert into audit (event, category, actor_id, subject_id,
	    application_id, session_id, request_id, ip, remote, forwarded,
	    client_ip, user_agent, detail)
	    select e.event, 'sign_in', who.user_id, who.user_id, $2, opened.id,
	    o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
	    o.user_agent, case when e.event = 'login_succeeded'
	    then jsonb_build_object('method', $9) || case when is_new
	    then jsonb_build_object('new_device', true) else '{}' end end
	    from (values ('login_succeeded', true),
	    ('password_rehashed', $10 is not null)) e (event, has_happened)
	    where e.has_happened;
	return query select opened.id, opened.created_at, opened.expires_at,
	    opened.last_seen_at, $3, label, o.user_agent, host(opened.ip),
	    who.user_id, who.name, who.email, who.mobile_number, who.emp_id,
	    true, who.mfa_enabled, who.updated_at, who.sync_hash, who.app_name,
	    until;
end
$$;

-- "a***@example.org", "+91********10", as contact_mask() of the service.
create function contact_masked(contact text) returns text
language sql immutable parallel safe
as $$
	select case when strpos($1, '@') > 0 then left($1, 1) || '***'
	    || substr($1, strpos($1, '@'))
	    else left($1, 3) || repeat('*', greatest(0, length($1) - 5))
	    || right($1, 2) end
$$;

create function price_json() returns jsonb
language sql stable
as $$
	select jsonb_build_object('data', coalesce(jsonb_agg(
	    jsonb_build_object('prefix', s.prefix, 'provider', v.name, 'price',
	    s.price) order by s.prefix, v.name nulls first), '[]'))
	from sms_price s left join provider v on v.id = s.provider_id
$$;

-- Replaces all prices, or says what is wrong with them.
-- |o|: origin  outcome: 'ok', 'invalid' (body: [{"field","message"}])
create function price_save(prices jsonb, actor uuid, o text[])
returns table (outcome text, body text)
language plpgsql volatile rows 1
as $$
#variable_conflict use_column
declare
	bad	jsonb;
begin
	select jsonb_agg(jsonb_build_object('field', 'data[' || e.n - 1 || ']',
	    'message', case when coalesce(e.v ->> 'prefix', '')
	    !~ '^[1-9][0-9]{0,14}$' then 'The prefix is 1 to 15 digits.'
	    when coalesce(e.v ->> 'price', '') !~ '^[0-9]{1,15}$'
	    then 'The price is a whole number, in millionths.'
	    when e.n > 2000 then 'There may be 2000 prices.'
	    when k.n > 1 then 'This prefix and provider are there twice.'
	    else 'There is no provider of this name.' end) order by e.n)
	    into bad
	    from jsonb_array_elements($1) with ordinality e (v, n)
	    left join provider p on lower(p.name) = lower(e.v ->> 'provider')
	    cross join lateral (select count(*) as n
	    from jsonb_array_elements($1) x
	    where x ->> 'prefix' = e.v ->> 'prefix'
	    and lower(x ->> 'provider') is not distinct from
	    lower(e.v ->> 'provider')) k
	    where coalesce(e.v ->> 'prefix', '') !~ '^[1-9][0-9]{0,14}$'
	    or coalesce(e.v ->> 'price', '') !~ '^[0-9]{1,15}$' or k.n > 1
	    or e.n > 2000 or (e.v ->> 'provider' is not null and p.id is null);
	if bad is not null then
		return query select 'invalid', bad::text;
		return;
	end if;
	-- What is under way was decided by the prices that stood.
	perform pg_advisory_xact_lock(hashtextextended('spend', 0));
	delete from sms_price;
	insert into sms_price (prefix, provider_id, price)
	    select e ->> 'prefix', p.id, (e ->> 'price')::int8
	    from jsonb_array_elements($1) e
	    left join provider p on lower(p.name) = lower(e ->> 'provider');
	perform audit_act('prices_saved', $2, null, null, jsonb_build_object(
	    'prices', jsonb_array_length($1)), $3[1], $3[2], $3[3], $3[4],
	    $3[5], $3[6]);
	return query select 'ok', price_json()::text;
end
$$;
