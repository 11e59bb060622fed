-- reset_request: a recovery token by e-mail or a code by text message, for a
-- person who may use the calling application.  It makes an earlier one void.
-- Nobody, somebody who may not and somebody past the caps get nothing; the
-- counts and the audit row are written for all of them alike.
-- $1 kind text ('email', 'phone')  $2 value text  $3 app_id uuid
-- $4 reset_id uuid  $5 token_hash bytea  $6 code_mac bytea
-- $7 ttl_s int4 (a code by text message: 600 at most, security.md 3.4)
-- $8 outbox_id uuid  $9 token_payload bytea  $10 code_payload bytea (sealed)
-- $11 nobody text (keyed hash of the identifier, of 2^20)
-- $12 window_max int4  $13 day_max int4  $14 is_dev bool (no provider needed)
-- $15..$20 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: channel text? ('email', 'sms'; null: nothing was made, or the ceiling
--	of what may be spent was reached)
-- rows: 1
with v as (
	select $14::bool or exists (select from provider
	    where is_enabled and type = 'smtp') as can_email
), p as (
	select p.auth_user_id as user_id, p.email, p.mobile_number,
	    p.status = 'active' as is_active,
	    exists (select from assignment s where s.person_id = p.auth_user_id
	    and s.application_id = $3::uuid) as is_assigned,
	    case when $1::text = 'phone' and s.can_sms then 'sms'
	    when p.email is not null and v.can_email then 'email'
	    when p.mobile_number is not null and s.can_sms then 'sms'
	    end as channel
	from person_by_contact($1::text, $2::text) p cross join v
	cross join lateral (select $14::bool or sms_reaches(p.mobile_number,
	    p.carrier, p.email) as can_sms) s
), t as (
	insert into throttle as l (bucket, subject, n, window_start)
	select b.bucket, coalesce(p.user_id::text, $11::text), 1, now()
	from (values ('reset'), ('reset_day')) b (bucket)
	left join p on true
	on conflict (bucket, subject) do update
	set n = case when l.window_start > now() - case l.bucket
	    when 'reset' then interval '15 minutes' else interval '24 hours' end
	    then least(l.n, 1000000) + 1 else 1 end,
	    window_start = case when l.window_start > now() - case l.bucket
	    when 'reset' then interval '15 minutes' else interval '24 hours' end
	    then l.window_start else now() end
	returning l.bucket, l.n
), c as (
	select bool_and(t.n <= case t.bucket when 'reset' then $12::int4
	    else $13::int4 end) as is_within
	from t
), q as (
	select p.user_id, p.channel, case p.channel when 'sms'
	    then p.mobile_number else p.email end as destination,
	    case when p.user_id is null then 'user_not_found'
	    when not p.is_active then 'user_disabled'
	    when not p.is_assigned then 'not_assigned'
	    when p.channel is null then 'delivery_unavailable'
	    when not c.is_within then 'reset_limit'
	    else 'ok' end as outcome
	from c left join p on true
), r as (
	insert into password_reset (id, person_id, application_id, channel,
	    token_hash, code_mac, expires_at)
	select $4::uuid, q.user_id, $3::uuid, q.channel,
	    case q.channel when 'email' then $5::bytea end,
	    case q.channel when 'sms' then $6::bytea end,
	    now() + make_interval(secs => case q.channel when 'sms'
	    then least($7::int4, 600) else $7::int4 end)
	from q where q.outcome = 'ok'
	on conflict (person_id) where used_at is null and ended_at is null
	do update set id = excluded.id,
	    application_id = excluded.application_id,
	    channel = excluded.channel, token_hash = excluded.token_hash,
	    code_mac = excluded.code_mac, attempts = 0,
	    created_at = excluded.created_at, expires_at = excluded.expires_at
	returning id, channel, expires_at
), b as (
	insert into outbox (id, kind, channel, person_id, application_id,
	    destination, payload, expires_at, client_ip)
	select $8::uuid, 'reset', q.channel, q.user_id, $3::uuid,
	    q.destination, case q.channel when 'email' then $9::bytea
	    else $10::bytea end, r.expires_at, nullif($19::text, '')::inet
	from q cross join r
	returning state
), a as (
	insert into audit (event, category, outcome, subject_id, application_id,
	    request_id, ip, remote, forwarded, client_ip, user_agent, detail)
	select 'password_reset_requested', 'sign_in',
	    case when b.state = 'refused' then 'delivery_unavailable'
	    else q.outcome end, q.user_id,
	    $3::uuid, o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
	    o.user_agent, case when q.outcome = 'ok'
	    then jsonb_build_object('channel', q.channel) end
	from q left join b on true cross join audit_origin($15::text, $16::text, $17::text,
	    $18::text, $19::text, $20::text) o
	returning id
)
select r.channel from (select 1) one
left join (select r.channel from r cross join b where b.state <> 'refused') r
    on true
