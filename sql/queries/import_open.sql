-- import_open: the command line stages a file itself, without chunks.
-- $1 import_id uuid  $2 run uuid (new)  $3 delimiter text  $4 encoding text
-- $5 columns jsonb  $6 mapping jsonb
-- returns: n int8
-- rows: 1
with u as (
	update import_job j set state = 'checking', run = $2::uuid,
	    run_until = now() + interval '60 seconds', delimiter = $3::text,
	    encoding = $4::text, columns = $5::jsonb, mapping = $6::jsonb
	where j.id = $1::uuid and j.state = 'staging'
	returning 1
)
select count(*) as n from u
