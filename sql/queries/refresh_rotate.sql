-- refresh_rotate: spends a refresh token and makes its successor, or finds the
-- successor again for a retry within the grace time, or ends the family of one
-- that is used later than that.  Token and session are locked first, and read
-- as they stand then: of any number of calls with one token one spends it.  The
-- successor is inserted or, where a transaction that this snapshot does not see
-- has made it, found by its conflict.
-- $1 hash bytea  $2 successor_hash bytea  $3 app_id uuid
-- $4 session_ttl_s int4  $5 refresh_ttl_s int4  $6 grace_s int4
-- $7..$12 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: verdict text ('ok', 'refresh_invalid', 'refresh_expired',
--	'refresh_reused', 'user_disabled', 'not_assigned'), is_ended bool (the
--	family was ended by this call), user_id uuid?, session_id uuid?,
--	session_created_at timestamptz?, session_expires_at timestamptz?,
--	session_last_seen_at timestamptz?, device_id text?, device_name text?,
--	device_user_agent text?, device_ip text?, name text?, email text?,
--	mobile_number text?, emp_id text?, is_active bool?, mfa_enabled bool?,
--	updated_at timestamptz?, sync_hash text?, app_name text?,
--	refresh_expires_at timestamptz?
-- rows: 1 (user and session: null for refresh_invalid where nothing was found;
--	what follows is to be read with 'ok' only)
with o as (
	select o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
	    o.user_agent
	from audit_origin($7::text, $8::text, $9::text, $10::text, $11::text,
	    $12::text) o
), t as (
	select r.generation, r.expires_at, r.spent_at, r.successor_hash,
	    s.id as session_id, s.person_id, s.created_at, s.last_seen_at,
	    s.expires_at as session_expires_at, s.absolute_expires_at,
	    s.revoked_at, s.revoke_reason, s.device_id, s.device_name,
	    s.user_agent, s.ip
	from refresh_token r
	join session s on s.id = r.session_id
	where r.hash = $1::bytea and s.application_id = $3::uuid
	for no key update of r, s
), v as (
	select t.session_id, t.person_id, t.generation, t.absolute_expires_at,
	    t.spent_at is not null as is_spent, t.revoked_at is null as is_live,
	    case
	    when p.deleted_at is not null or coalesce(t.revoke_reason, '')
		not in ('', 'user_disabled', 'unassigned', 'refresh_reused')
		then 'refresh_invalid'
	    when t.spent_at < now() - make_interval(secs => $6::int4)
		and (t.revoked_at is null
		or t.revoke_reason = 'refresh_reused') then 'refresh_reused'
	    when least(t.session_expires_at, t.absolute_expires_at,
		case when t.spent_at is null then t.expires_at end) <= now()
		then 'refresh_expired'
	    when p.status <> 'active' then 'user_disabled'
	    when a.person_id is null then 'not_assigned'
	    when t.revoked_at is not null or t.successor_hash <> $2::bytea
		then 'refresh_invalid'
	    else 'ok' end as verdict
	from t
	join person p on p.auth_user_id = t.person_id
	left join assignment a on a.person_id = t.person_id
	    and a.application_id = $3::uuid
), u as (
	update refresh_token r set spent_at = clock_timestamp(),
	    successor_hash = $2::bytea
	from v where r.hash = $1::bytea and v.verdict = 'ok' and not v.is_spent
	returning r.hash
), n as (
	insert into refresh_token as n (hash, session_id, generation,
	    expires_at)
	select $2::bytea, v.session_id, v.generation + 1,
	    least(now() + make_interval(secs => $5::int4),
	    v.absolute_expires_at)
	from v where v.verdict = 'ok'
	on conflict (hash) do update set hash = n.hash
	returning n.expires_at
), s as (
	update session s set last_seen_at = greatest(s.last_seen_at, now()),
	    expires_at = case when v.verdict = 'ok'
	    then least(now() + make_interval(secs => $4::int4),
	    s.absolute_expires_at) else s.expires_at end,
	    revoked_at = case when v.verdict <> 'ok'
	    then clock_timestamp() end,
	    revoke_reason = case when v.verdict <> 'ok'
	    then 'refresh_reused' end
	from v where s.id = v.session_id and v.is_live
	    and ((v.verdict = 'ok' and not v.is_spent)
	    or v.verdict = 'refresh_reused')
	returning s.expires_at, s.last_seen_at, s.revoked_at
), l as (
	insert into audit (event, category, outcome, actor_id, subject_id,
	    application_id, session_id, request_id, ip, remote, forwarded,
	    client_ip, user_agent, detail)
	select case when v.verdict = 'ok' then 'token_refreshed'
	    else 'refresh_reused' end, 'sign_in', v.verdict,
	    case when v.verdict = 'ok' then v.person_id end, v.person_id,
	    $3::uuid, v.session_id, o.request_id, o.ip, o.remote, o.forwarded,
	    o.client_ip, o.user_agent, jsonb_build_object('generation',
	    v.generation, 'retry', v.is_spent and v.verdict = 'ok')
	from v cross join o
	where v.verdict = 'ok' or (v.verdict = 'refresh_reused' and v.is_live)
	returning id
)
select coalesce(v.verdict, 'refresh_invalid') as verdict,
    exists (select from s where s.revoked_at is not null) as is_ended,
    t.person_id as user_id, t.session_id,
    t.created_at as session_created_at,
    coalesce(s.expires_at, t.session_expires_at) as session_expires_at,
    coalesce(s.last_seen_at, t.last_seen_at) as session_last_seen_at,
    t.device_id, t.device_name, t.user_agent as device_user_agent,
    host(t.ip) as device_ip, p.name, p.email, p.mobile_number, p.emp_id,
    p.status = 'active' as is_active, p.mfa_enabled, p.updated_at, p.sync_hash,
    b.name as app_name, n.expires_at as refresh_expires_at
from (select 1) one
left join t on true
left join v on true
left join n on true
left join s on true
left join person p on p.auth_user_id = t.person_id
left join application b on b.id = $3::uuid
