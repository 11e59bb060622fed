-- person_export: a page of the directory as lines of CSV, by id.  The first
-- one begins with the names of the columns and writes the audit row.
-- $1 filters jsonb  $2 after_id uuid (null: the first page)  $3 limit int4
-- $4 actor uuid
-- $5..$10 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: piece text, next text?
-- rows: 1
select r.piece, r.next
from person_export($1::jsonb, $2::uuid, $3::int4, $4::uuid, array[$5::text,
    $6::text, $7::text, $8::text, $9::text, $10::text]) r
