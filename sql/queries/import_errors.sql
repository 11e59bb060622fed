-- import_errors: a page of the rows that cannot be done, as lines of CSV.
-- $1 import_id uuid  $2 after_row int4 (0: from the first)  $3 limit int4
-- returns: piece text, next text?
-- rows: 0..1 (none: there is no such import)
select r.piece, r.next from import_errors($1::uuid, $2::int4, $3::int4) r
