-- audit_purge_begin: decides a purge; its rows are hidden from now on.
-- $1 days int4? (null: everything)  $2 confirm_rows int8  $3 actor uuid
-- $4..$9 origin: request_id, ip, remote, forwarded, client_ip, user_agent text?
-- returns: outcome text ('ok', 'purge_running', 'rows_changed'),
--	version int8?, body text?
-- rows: 1
select case r.outcome when 'nothing' then 'ok' else r.outcome end as outcome,
    null::int8 as version, jsonb_build_object('rows', r.n_rows, 'before',
    json_time(b.at))::text as body
from (select date_trunc('hour', now(), 'UTC')
    - $1::int4 * interval '1 day' as at) b,
    lateral audit_purge_begin(b.at, $2::int8, $3::uuid, $4::text, $5::text,
    $6::text, $7::text, $8::text, $9::text) r
