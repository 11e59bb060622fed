-- price_save: replaces all prices.
-- $1 rows jsonb ([{"prefix", "provider"?, "price"}])  $2 actor uuid
-- $3..$8 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text ('ok', 'invalid'), version int8?, body text
-- rows: 1
select r.outcome, null::int8 as version, r.body
from price_save($1::jsonb, $2::uuid, array[$3::text, $4::text, $5::text,
    $6::text, $7::text, $8::text]) r
