-- provider_delete: takes a provider away.
-- $1 name text  $2 version int8  $3 actor uuid
-- $4..$9 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text ('done', 'precondition_failed', 'not_found'),
--	version int8?, body text?
-- rows: 1
with w as (
	select v.id, v.version from provider v where lower(v.name) = lower($1::text)
), d as (
	delete from provider v using w
	where v.id = w.id and v.version = $2::int8
	returning v.name, v.type
), a as (
	select audit_act('provider_deleted', $3::uuid, null, null,
	    jsonb_build_object('provider', d.name, 'type', d.type), $4::text,
	    $5::text, $6::text, $7::text, $8::text, $9::text) as id
	from d
)
select case when exists (select from a) then 'done'
    when exists (select from w) then 'precondition_failed'
    else 'not_found' end as outcome, null::int8 as version,
    null::text as body
