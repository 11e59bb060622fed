-- audit_retain: begins the purge that the setting audit_days asks for, once
-- there is a day's worth.
-- $1..$6 origin: request_id, ip, remote, forwarded, client_ip, user_agent text?
-- returns: n int8 (rows that will go)
-- rows: 1
with d as (
	select coalesce(s.value, s.default_value)::text::int4 as days
	from setting s where s.name = 'audit_days'
), b as (
	select date_trunc('day', now(), 'UTC') - d.days * interval '1 day' as at
	from d where d.days > 0
)
select coalesce((select r.n_rows from b, lateral audit_purge_begin(b.at, null,
    null, $1::text, $2::text, $3::text, $4::text, $5::text, $6::text) r
    where r.outcome = 'ok'), 0)::int8 as n
