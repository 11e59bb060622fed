-- console_webhook_test: where a test call goes; an administrator asked for it.
-- $1 app_id uuid  $2 actor uuid
-- $3..$8 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: url text, secret bytea (sealed)
-- rows: 0..1
select w.url, w.secret
from webhook w cross join lateral (select audit_act('webhook_tested',
    $2::uuid, null, w.application_id, jsonb_build_object('url', w.url),
    $3::text, $4::text, $5::text, $6::text, $7::text, $8::text) as id) a
where w.application_id = $1::uuid and a.id is not null
