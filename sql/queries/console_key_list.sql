-- console_key_list: keys of an application, newest first.
-- $1 app_id uuid
-- returns: outcome text, version int8?, body text?
-- rows: 0..1
select d.outcome, d.version, d.body
from console_key_list($1::uuid) d
