-- database_restored: makes a restored database one of its own.
-- $1 detail jsonb
-- $2..$7 origin: request_id, ip, remote, forwarded, client_ip, user_agent text?
-- returns: n int8 (sessions ended)
-- rows: 1
select database_restored(null, $1::jsonb, $2::text, $3::text, $4::text,
    $5::text, $6::text, $7::text) as n
