-- import_enable: enables them again, for whoever was not changed since.
-- $1 import_id uuid  $2 run uuid
-- $3..$8 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- deadline_ms: 3600000
-- returns: n int8?
-- rows: 1 (null: somebody else does it)
select import_enable($1::uuid, $2::uuid, array[$3::text, $4::text, $5::text,
    $6::text, $7::text, $8::text]) as n
