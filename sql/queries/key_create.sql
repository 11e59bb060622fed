-- key_create: another key for an application.
-- $1 app_id uuid  $2 key_id text  $3 hash bytea  $4 last4 text  $5 label text?
-- $6 expires_at timestamptz?
-- $7..$12 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: created_at timestamptz, expires_at timestamptz?
-- rows: 0..1 (0: no such application)
with k as (
	insert into application_key (key_id, application_id, hash, last4, label,
	    expires_at)
	select $2::text, b.id, $3::bytea, $4::text, $5::text, $6::timestamptz
	from application b where b.id = $1::uuid
	returning key_id, application_id, created_at, expires_at
), a as (
	insert into audit (event, category, application_id, key_id, request_id,
	    ip, remote, forwarded, client_ip, user_agent, detail)
	select 'api_key_created', 'admin', k.application_id, k.key_id,
	    o.request_id, o.ip, o.remote, o.forwarded, o.client_ip,
	    o.user_agent, jsonb_strip_nulls(jsonb_build_object(
	    'label', $5::text, 'expires_at', k.expires_at))
	from k cross join audit_origin($7::text, $8::text, $9::text, $10::text,
	    $11::text, $12::text) o
	returning id
)
select k.created_at, k.expires_at from k
