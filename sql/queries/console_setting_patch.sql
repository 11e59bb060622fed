-- console_setting_patch: changes settings, all or none; null is the default.
-- $1 doc jsonb  $2 is_stepped_up bool  $3 actor uuid
-- $4..$9 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text, version int8?, body text?
-- rows: 1
select d.outcome, d.version, d.body
from console_setting_patch($1::jsonb, $2::bool, $3::uuid, $4::text, $5::text,
    $6::text, $7::text, $8::text, $9::text) d
