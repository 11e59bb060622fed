-- audit_purge_preview: what a purge would remove.
-- $1 days int4? (null: everything)
-- returns: outcome text, version int8?, body text?
-- rows: 1
select 'ok' as outcome, null::int8 as version, jsonb_build_object('rows',
    audit_purge_count(b.at), 'before', json_time(b.at))::text as body
from (select date_trunc('hour', now(), 'UTC')
    - $1::int4 * interval '1 day' as at) b
