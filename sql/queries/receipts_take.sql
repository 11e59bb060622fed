-- receipts_take: what a provider reported about messages that it took.
-- $1 provider_id uuid  $2 rows jsonb: [{"ref","state","error"?}..]
-- $3..$8 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: n_delivered int4, n_failed int4, n_same int4, n_unknown int4
-- rows: 1
select t.n_delivered, t.n_failed, t.n_same, t.n_unknown
from receipts_take($1::uuid, $2::jsonb, array[$3::text, $4::text, $5::text,
    $6::text, $7::text, $8::text]) t
