-- key_touch: notes when and from where keys were last used, many at once.  A
-- row that somebody else holds is left for the next time.
-- $1 key_ids text[]  $2 at timestamptz  $3 ips text[] (as many as key_ids)
-- returns: n int8 (rows written)
-- rows: 1
with t as (
	select t.key_id, t.ip::inet as ip
	from unnest($1::text[], $3::text[]) t (key_id, ip)
), k as (
	select k.key_id, t.ip from application_key k
	join t on t.key_id = k.key_id
	where k.last_used_at is null or k.last_used_at < $2::timestamptz
	order by k.key_id
	for no key update of k skip locked
), u as (
	update application_key a set last_used_at = $2::timestamptz,
	    last_used_ip = k.ip
	from k where a.key_id = k.key_id
	returning a.key_id
)
select count(*)::int8 as n from u
