-- spend_tidy: adds up what the connections counted apart in hours that are over,
-- and forgets what no ceiling looks at any more: all but the countries after a
-- day, those after 14 (spend_verified_max() in sql/migrations).
-- $1 max_rows int4
-- returns: n int8
-- rows: 1
with d as (
	delete from spend_hour h using (select key, hour, shard from spend_hour
	    where hour >= now() - interval '24 hours'
	    and hour < now() - interval '2 hours' and shard > 0
	    limit $1::int4) o
	where h.key = o.key and h.hour = o.hour and h.shard = o.shard
	returning h.key, h.hour, h.sent, h.verified, h.unverified, h.refused,
	    h.cost, h.reported
), s as (
	insert into spend_hour as h (key, hour, shard, sent, verified,
	    unverified, refused, cost, reported)
	select d.key, d.hour, 0, sum(d.sent), sum(d.verified),
	    sum(d.unverified), sum(d.refused), sum(d.cost), sum(d.reported)
	from d group by d.key, d.hour order by d.key, d.hour
	on conflict (key, hour, shard) do update
	set sent = h.sent + excluded.sent,
	    verified = h.verified + excluded.verified,
	    unverified = h.unverified + excluded.unverified,
	    refused = h.refused + excluded.refused,
	    cost = h.cost + excluded.cost,
	    reported = h.reported + excluded.reported
	returning h.key
), f as (
	delete from spend_hour h using (select key, hour, shard from spend_hour
	    where hour < now() - interval '25 hours' and shard >= 0
	    and (key not like 'country:%' or hour < now() - interval '15 days')
	    limit $1::int4) o
	where h.key = o.key and h.hour = o.hour and h.shard = o.shard
	returning h.key
)
select (select count(*) from d) + (select count(*) from f) as n
