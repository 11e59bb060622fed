-- reseal_put: secrets of one place, sealed anew.  One that was changed since it
-- was read is left alone: whoever changed it sealed it under the present key.
-- $1 place text (as reseal_list)
-- $2 rows jsonb [{id, was, now}] (was, now: hexadecimal)
-- $3..$8 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: n int8
-- rows: 1
with v as (
	select v.id, decode(v.was, 'hex') as was, decode(v.now, 'hex') as now,
	    case when $1::text <> 'token_key/secret' then v.id::uuid end as uuid
	from jsonb_to_recordset($2::jsonb) v (id text, was text, now text)
), o as (
	update outbox q set payload = v.now from v
	where $1::text = 'outbox/payload' and q.id = v.uuid
	    and q.payload = v.was
	returning 1
), p as (
	update provider q set secrets = v.now from v
	where $1::text = 'provider/secrets' and q.id = v.uuid
	    and q.secrets = v.was
	returning 1
), k as (
	update token_key q set secret = v.now from v
	where $1::text = 'token_key/secret' and q.kid = v.id
	    and q.secret = v.was
	returning 1
), t as (
	update totp q set secret = v.now from v
	where $1::text = 'totp/secret' and q.person_id = v.uuid
	    and q.secret = v.was
	returning 1
), w as (
	update webhook q set secret = v.now from v
	where $1::text = 'webhook/secret' and q.application_id = v.uuid
	    and q.secret = v.was
	returning 1
), c as (
	select count(*) as n from (select from o union all select from p
	    union all select from k union all select from t
	    union all select from w) x
), a as (
	select audit_act('secrets_resealed', null, null, null,
	    jsonb_build_object('place', $1::text, 'n', c.n), $3::text,
	    $4::text, $5::text, $6::text, $7::text, $8::text) as id
	from c where c.n > 0
)
select c.n from c left join a on true
