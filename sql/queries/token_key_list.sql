-- token_key_list: the keys of access tokens that are alive, the one that signs
-- first.  A new key verifies for 5 s before it signs, so that every worker on
-- every node knows it by the time it is met; until then its predecessor goes on
-- signing, unless there is none.
-- returns: kid text, alg text, secret bytea (sealed), is_signing bool (which
--	the first one does), stands_ms int8? (the list is other than this after
--	so many milliseconds, though nobody changes anything; null: never)
-- rows: 0..n
with k as (
	select kid, alg, secret, is_signing, created_at, retired_at,
	    case when is_signing
	    then greatest(created_at + interval '5 seconds' - now(),
	    interval '0') else interval '0' end as waits,
	    expires_at - now() as lives
	from token_key
	where expires_at is null or expires_at > now()
)
select kid, alg, secret, row_number() over w = 1 as is_signing,
    ceil(extract(epoch from least(min(nullif(waits, interval '0')) over (),
    min(lives) over ())) * 1000)::int8 as stands_ms
from k
window w as (order by waits, is_signing desc, retired_at desc nulls last, kid)
order by waits, is_signing desc, retired_at desc nulls last, kid
