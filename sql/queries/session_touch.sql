-- session_touch: notes when sessions were last seen, many at once.  A row that
-- somebody else holds is left for the next time.
-- $1 session_ids uuid[]  $2 at timestamptz
-- returns: n int8 (rows written)
-- rows: 1
with k as (
	select id from session
	where id = any($1::uuid[]) and last_seen_at < $2::timestamptz
	order by id
	for no key update skip locked
), u as (
	update session s set last_seen_at = $2::timestamptz
	from k where s.id = k.id
	returning s.id
)
select count(*)::int8 as n from u
