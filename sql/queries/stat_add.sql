-- stat_add: adds what was counted in memory to the sums of this hour.
-- $1 sums jsonb: [{metric, label, n, total_us?}]
-- returns: n int8 (sums written)
-- rows: 1
select stat_add($1::jsonb) as n
