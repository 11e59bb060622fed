-- console_app_show: one application.
-- $1 app_id uuid
-- returns: outcome text, version int8?, body text?
-- rows: 0..1
select d.outcome, d.version, d.body
from console_app_show($1::uuid) d
