-- stat_codes: how many codes of this hour and the last were sent and used.
-- returns: n int8 (sums written)
-- rows: 1
select stat_codes() as n
