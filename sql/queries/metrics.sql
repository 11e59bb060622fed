-- metrics: what the database knows, in Prometheus' text format, for an address
-- that the settings allow.
-- $1 ip text
-- returns: is_allowed bool, body text?
-- rows: 1
select m.is_allowed, m.body from metrics($1::text) m
