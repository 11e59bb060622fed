-- console_setting_list: settings with their defaults and limits.
-- returns: outcome text, version int8?, body text?
-- rows: 1
select d.outcome, d.version, d.body
from console_setting_list() d
