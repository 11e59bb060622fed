-- console_webhook_delete: takes the webhook of an application away.
-- $1 app_id uuid  $2 actor uuid
-- $3..$8 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text, version int8?, body text?
-- rows: 0..1
with w as (
	delete from webhook w where w.application_id = $1::uuid
	returning w.application_id, w.url
), a as (
	select audit_act('webhook_deleted', $2::uuid, null, w.application_id,
	    jsonb_build_object('url', w.url), $3::text, $4::text, $5::text,
	    $6::text, $7::text, $8::text) as id
	from w
)
select 'done'::text as outcome, null::int8 as version, null::text as body
from w cross join a
