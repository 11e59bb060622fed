-- console_app_suggest: addresses of the last day, turned away and let in.
-- $1 app_id uuid  $2 your_address text
-- returns: outcome text, version int8?, body text?
-- rows: 0..1
select d.outcome, d.version, d.body
from console_app_suggest($1::uuid, $2::text) d
