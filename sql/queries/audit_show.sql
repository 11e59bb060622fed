-- audit_show: one row of the log and what happened around it.
-- $1 id int8
-- returns: outcome text, version int8?, body text?
-- rows: 1
select s.outcome, s.version, s.body from audit_show($1::int8) s
