-- message_text_save: a text that goes before the shipped one.
-- $1 name text  $2 channel text  $3 language text  $4 subject text?
-- $5 text text  $6 html text?  $7 actor uuid
-- $8..$13 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text, version int8?, body text
-- rows: 1
with t as (
	insert into message_text as t (name, channel, language, subject, text,
	    html, updated_by)
	values ($1::text, $2::text, $3::text, $4::text, $5::text, $6::text,
	    $7::uuid)
	on conflict (name, channel, language) do update
	set subject = excluded.subject, text = excluded.text,
	    html = excluded.html, updated_at = excluded.updated_at,
	    updated_by = excluded.updated_by
	returning t.name, t.channel, t.language, t.subject, t.text, t.html,
	    t.updated_at, t.updated_by
), a as (
	select audit_act('message_text_saved', $7::uuid, null, null,
	    jsonb_build_object('name', t.name, 'channel', t.channel,
	    'language', t.language), $8::text, $9::text, $10::text, $11::text,
	    $12::text, $13::text) as id
	from t
)
select 'ok' as outcome, null::int8 as version, jsonb_build_object('name',
    t.name, 'channel', t.channel, 'language', t.language, 'subject', t.subject,
    'text', t.text, 'html', t.html, 'updated_at', json_time(t.updated_at),
    'updated_by', t.updated_by)::text as body
from t cross join a
