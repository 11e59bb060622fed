-- import_stage: rows of the file with what each of them would do.
-- $1 import_id uuid  $2 run uuid  $3 first_row int4  $4 cells text[]
-- $5 name text[]  $6 email text[]  $7 mobile_number text[]  $8 emp_id text[]
-- $9 language text[]  $10 carrier text[]  $11 status text[]
-- $12 mfa_enabled text[]  $13 problems text[]  $14 is_error bool[]
-- $15 done int8 (bytes read)
-- deadline_ms: 60000
-- returns: n int8?
-- rows: 1 (null: somebody else does it, or it was cancelled)
select import_stage($1::uuid, $2::uuid, $3::int4, $4::text[], $5::text[],
    $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
    $12::text[], $13::text[], $14::bool[], $15::int8) as n
