-- guard_key: an API key with its application and allow-list.
-- $1 key_id text
-- returns: key_hash bytea, key_enabled bool, key_expires_at timestamptz?,
--	app_id uuid, app_name text, app_enabled bool, allow text (CIDRs, comma),
--	rate_per_minute int4?
-- rows: 0..1
select k.hash as key_hash, k.is_enabled as key_enabled,
    k.expires_at as key_expires_at, a.id as app_id, a.name as app_name,
    a.is_enabled as app_enabled,
    (select coalesce(string_agg(w.block::text, ',' order by w.block), '')
    from application_allow w where w.application_id = a.id) as allow,
    a.rate_per_minute
from application_key k
join application a on a.id = k.application_id
where k.key_id = $1::text
