-- backup_made: remembers that a backup was made.
-- $1 bytes int8  $2 ms int8  $3 detail jsonb
-- $4..$9 origin: request_id, ip, remote, forwarded, client_ip, user_agent text?
-- returns: audit_id int8
-- rows: 1
with b as (
	insert into backup_run (at, bytes, seconds)
	values (clock_timestamp(), $1::int8, $2::int8 / 1000.0)
	on conflict (only_row) do update set at = excluded.at,
	    bytes = excluded.bytes, seconds = excluded.seconds
	returning at
)
select audit_act('backup_made', null, null, null, $3::jsonb, $4::text,
    $5::text, $6::text, $7::text, $8::text, $9::text) as audit_id from b
