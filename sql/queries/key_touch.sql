-- key_touch: notes when keys were last used, many at once.  A row that somebody
-- else holds is left for the next time.
-- $1 key_ids text[]  $2 at timestamptz
-- returns: n int8 (rows written)
-- rows: 1
with k as (
	select key_id from application_key
	where key_id = any($1::text[])
	    and (last_used_at is null or last_used_at < $2::timestamptz)
	order by key_id
	for no key update skip locked
), u as (
	update application_key a set last_used_at = $2::timestamptz
	from k where a.key_id = k.key_id
	returning a.key_id
)
select count(*)::int8 as n from u
