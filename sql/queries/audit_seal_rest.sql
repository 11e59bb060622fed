-- audit_seal_rest: the next seal over rows that were restored.
-- $1 max_rows int4
-- returns: line text, marks bytea?
-- rows: 0..1
select n.line, n.marks from audit_seal_next($1::int4, 0, true) n
