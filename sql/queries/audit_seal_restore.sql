-- audit_seal_restore: the line of the seal behind restored rows.
-- returns: line text
-- rows: 1
select audit_restore_line() as line
