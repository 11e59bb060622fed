-- console_webhook_put: makes or changes the webhook of an application; the
-- secret is that of the first time.
-- $1 app_id uuid  $2 url text  $3 is_enabled bool  $4 secret bytea (sealed)
-- $5 actor uuid
-- $6..$11 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text, version int8?, body text?
-- rows: 0..1
with old as (
	select w.application_id, w.url, w.is_enabled from webhook w
	where w.application_id = $1::uuid
), w as (
	insert into webhook as h (application_id, url, is_enabled, secret)
	select a.id, $2::text, $3::bool, $4::bytea from application a
	where a.id = $1::uuid
	on conflict (application_id) do update set url = excluded.url,
	    is_enabled = excluded.is_enabled, attempts = 0, last_error = null,
	    next_attempt_at = case when excluded.is_enabled
	    then h.next_attempt_at end
	returning h.*
), a as (
	select audit_act('webhook_changed', $5::uuid, null, w.application_id,
	    jsonb_build_object('url', jsonb_build_object('from', o.url, 'to',
	    w.url), 'is_enabled', jsonb_build_object('from', o.is_enabled, 'to',
	    w.is_enabled)), $6::text, $7::text, $8::text, $9::text, $10::text,
	    $11::text) as id
	from w left join old o on o.application_id = w.application_id
)
select case when exists (select from old) then 'ok' else 'created' end
    as outcome, null::int8 as version, webhook_json(w)::text as body
from w cross join a
