-- provider_save: makes a provider, or replaces it.  What stopped it is taken as
-- mended.
-- $1 id uuid  $2 version int8? (null: whatever it is)  $3 name text
-- $4 type text  $5 is_enabled bool  $6 priority int4  $7 timeout_s int4
-- $8 countries text (comma)  $9 config jsonb  $10 secrets bytea? (sealed)
-- $11 actor uuid? (null: the command line)
-- $12..$17 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text ('ok', 'created', 'precondition_failed'),
--	version int8?, body text?
-- rows: 1
with s as (
	insert into provider as v (id, name, type, is_enabled, priority,
	    timeout_s, countries, config, secrets)
	values ($1::uuid, $3::text, $4::text, $5::bool, $6::int4, $7::int4,
	    coalesce(string_to_array(nullif($8::text, ''), ','), '{}'),
	    $9::jsonb, $10::bytea)
	on conflict (id) do update
	set name = excluded.name, type = excluded.type,
	    is_enabled = excluded.is_enabled, priority = excluded.priority,
	    timeout_s = excluded.timeout_s, countries = excluded.countries,
	    config = excluded.config, secrets = excluded.secrets,
	    paused_until = null, last_error_at = null, last_error = null
	where $2::int8 is null or v.version = $2::int8
	returning v.id, v.version, v.xmax = 0 as is_made,
	    provider_about(v)::text as about
), a as (
	select audit_act('provider_saved', $11::uuid, null, null,
	    jsonb_build_object('provider', $3::text, 'type', $4::text,
	    'enabled', $5::bool), $12::text, $13::text, $14::text, $15::text,
	    $16::text, $17::text) as id
	from s
)
select case when s.is_made then 'created' when s.id is not null then 'ok'
    else 'precondition_failed' end as outcome, s.version, s.about as body
from (select 1) one left join (s cross join a) on true
