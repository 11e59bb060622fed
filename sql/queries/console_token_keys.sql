-- console_token_keys: keys of access tokens, without their secrets.
-- returns: outcome text, version int8?, body text?
-- rows: 1
select d.outcome, d.version, d.body
from console_token_keys() d
