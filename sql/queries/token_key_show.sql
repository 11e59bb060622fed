-- token_key_show: the keys of access tokens, for the operator; no secret.
-- returns: kid text, alg text, state text ('signing', 'verifying', 'expired'),
--	created_at timestamptz, retired_at timestamptz?, expires_at timestamptz?
-- rows: 0..n
select kid, alg, case when is_signing then 'signing'
    when expires_at is null or expires_at > now() then 'verifying'
    else 'expired' end as state,
    created_at, retired_at, expires_at
from token_key
order by is_signing desc, created_at desc, kid
