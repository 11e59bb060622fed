-- console_app_test: would this address be let in, and by which block?
-- $1 app_id uuid  $2 address text
-- returns: outcome text, version int8?, body text?
-- rows: 0..1
select d.outcome, d.version, d.body
from console_app_test($1::uuid, $2::text) d
