-- import_chunk_get: a part of the file.
-- $1 import_id uuid  $2 no int4
-- returns: data bytea
-- rows: 0..1
select c.data from import_chunk c
where c.import_id = $1::uuid and c.no = $2::int4
