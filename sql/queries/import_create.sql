-- import_create: a file of people is about to be uploaded.
-- $1 file_name text  $2 mode text ('create', 'update', 'both')  $3 match text[]
-- $4 delimiter text and  $5 encoding text (null: as the file looks)
-- $6 app_ids uuid[]  $7 actor uuid
-- returns: outcome text ('created', 'invalid'), version int8?, body text
-- rows: 1
select r.outcome, r.version, r.body
from import_create($1::text, $2::text, $3::text[], $4::text, $5::text,
    $6::uuid[], $7::uuid) r
