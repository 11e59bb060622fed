-- app_list: all applications, by name.
-- returns: app_id uuid, name text, is_enabled bool, allow text (CIDRs, comma),
--	users int8, keys int8, created_at timestamptz
-- rows: 0..n
select b.id as app_id, b.name, b.is_enabled,
    (select coalesce(string_agg(w.block::text, ',' order by w.block), '')
    from application_allow w where w.application_id = b.id) as allow,
    (select count(*) from assignment s where s.application_id = b.id)::int8
    as users,
    (select count(*) from application_key k where k.application_id = b.id)::int8
    as keys, b.created_at
from application b
order by lower(b.name), b.id
