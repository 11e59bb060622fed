-- console_branding_show: name, accent, support address and logo.
-- returns: outcome text, version int8?, body text?
-- rows: 1
select d.outcome, d.version, d.body
from console_branding_show() d
