-- stat_codes: how many codes of this hour and the last were sent and used.
-- Tells once an hour when codes are guessed (audit row wrong_codes).
-- returns: n int8 (sums written), wrong int8? (wrong codes of the last hour, when
--	that is to be told now)
-- rows: 1
select stat_codes() as n, codes_alarm() as wrong
