-- audit_chain: how far the log is sealed, and whether it looks whole.
-- returns: outcome text, version int8?, body text?
-- rows: 1
select c.outcome, c.version, c.body from audit_chain() c
