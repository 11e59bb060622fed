-- audit_verify_rows: the rows that lie where those of a seal lie.
-- $1 no int8
-- returns: line text
-- rows: 0..n
select audit_line(a) as line from audit_sealed($1::int8) a
