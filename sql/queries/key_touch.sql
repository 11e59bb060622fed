-- key_touch: notes when and from where keys were last used, and how often, many
-- at once.  A key's row that somebody else holds is left for the next time; its
-- count is added all the same.
-- $1 key_ids text[]  $2 at timestamptz  $3 ips text[] (as many as key_ids)
-- $4 counts text[] (as many; requests since the last time)
-- returns: n int8 (rows written)
-- rows: 1
with t as (
	select t.key_id, t.ip::inet as ip, t.count::int8 as count
	from unnest($1::text[], $3::text[], $4::text[]) t (key_id, ip, count)
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
), c as (
	insert into key_use as s (key_id, hour, count)
	select t.key_id, date_trunc('hour', $2::timestamptz, 'UTC'), t.count
	from t join application_key a on a.key_id = t.key_id
	order by t.key_id
	on conflict (key_id, hour) do update set count = s.count + excluded.count
	returning s.key_id
)
select count(*)::int8 as n from u
