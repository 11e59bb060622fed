-- provider_all: every provider, or one by name, as the dispatcher loads it and
-- as it is shown.
-- $1 name text? (null: all)
-- returns: id uuid, name text, type text, is_enabled bool, priority int4,
--	timeout_s int4, countries text (comma), config text (JSON),
--	secrets bytea? (sealed), paused_until timestamptz?, version int8,
--	state text ('ready', 'not_configured', 'failing', 'retiring', 'paused'),
--	about text (JSON: state, last_ok_at, last_error_at, last_error,
--	tested_at, paused_until, version)
-- rows: 0..n
select v.id, v.name, v.type, v.is_enabled, v.priority, v.timeout_s,
    array_to_string(v.countries, ',') as countries, v.config::text as config,
    v.secrets, v.paused_until, v.version, provider_state(v) as state,
    provider_about(v)::text as about
from provider v
where $1::text is null or lower(v.name) = lower($1::text)
order by v.priority, v.name
