-- console_webhook_show: the webhook of an application.
-- $1 app_id uuid
-- returns: outcome text, version int8?, body text?
-- rows: 0..1
select 'ok'::text as outcome, null::int8 as version,
    webhook_json(w)::text as body
from webhook w where w.application_id = $1::uuid
