-- person_device_forget: a device is not known any more; its sessions end.
-- $1 user_id uuid  $2 app_id uuid  $3 device_id text  $4 actor uuid
-- $5..$10 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text ('done', 'not_found'), version int8?, body text?
-- rows: 1
select r.outcome, r.version, r.body
from person_device_forget($1::uuid, $2::uuid, $3::text, $4::uuid,
    array[$5::text, $6::text, $7::text, $8::text, $9::text, $10::text]) r
