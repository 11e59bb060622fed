-- audit_export: a page of an export.
-- $1 form text  $2 filter jsonb  $3 place text? (null: the first page)
-- returns: piece text?, next text?
-- rows: 1
select e.piece, e.next from audit_export($1::text, $2::jsonb, $3::text) e
