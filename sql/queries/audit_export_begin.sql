-- audit_export_begin: checks the filter of an export and writes it down.
-- $1 form text ('csv', 'ndjson')  $2 filter jsonb  $3 actor uuid
-- $4..$9 origin: request_id, ip, remote, forwarded, client_ip, user_agent text?
-- returns: outcome text, version int8?, body text?
-- rows: 1
with v as (
	select audit_filter_faults($2::jsonb) as faults
), a as (
	select audit_act('audit_exported', $3::uuid, null, null,
	    jsonb_build_object('format', $1::text, 'filter', $2::jsonb),
	    $4::text, $5::text, $6::text, $7::text, $8::text, $9::text) as id
	from v where v.faults is null
)
select case when v.faults is null then 'ok' else 'invalid' end as outcome,
    (select a.id from a) as version, v.faults::text as body
from v
