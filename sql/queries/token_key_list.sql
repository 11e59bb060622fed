-- token_key_list: the keys of access tokens that are alive, the signing one
-- first.
-- returns: kid text, alg text, secret bytea (sealed), is_signing bool
-- rows: 0..n
select kid, alg, secret, is_signing
from token_key
where expires_at is null or expires_at > now()
order by is_signing desc, created_at desc, kid
