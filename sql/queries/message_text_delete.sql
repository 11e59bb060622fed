-- message_text_delete: back to the shipped text.
-- $1 name text  $2 channel text  $3 language text  $4 actor uuid
-- $5..$10 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: outcome text ('done', 'not_found'), version int8?, body text?
-- rows: 1
with t as (
	delete from message_text t where t.name = $1::text
	    and t.channel = $2::text and t.language = $3::text
	returning t.name, t.channel, t.language
), a as (
	select audit_act('message_text_deleted', $4::uuid, null, null,
	    jsonb_build_object('name', t.name, 'channel', t.channel,
	    'language', t.language), $5::text, $6::text, $7::text, $8::text,
	    $9::text, $10::text) as id
	from t
)
select case when exists (select from a) then 'done' else 'not_found' end
    as outcome, null::int8 as version, null::text as body
