-- setup_token_create: the one-time link of an installation that has no
-- administrator; an earlier one is void.
-- $1 token_hash bytea  $2 ttl_s int4
-- $3..$8 origin: request_id, ip, remote, forwarded, client_ip, user_agent text?
-- returns: expires_at timestamptz
-- rows: 0..1 (0: there is an administrator)
with t as (
	insert into setup_token as t (token_hash, expires_at)
	select $1::bytea, now() + make_interval(secs => $2::int4)
	where not exists (select from person where is_admin
	    and deleted_at is null and status = 'active')
	on conflict (only_row) do update set token_hash = excluded.token_hash,
	    created_at = excluded.created_at, expires_at = excluded.expires_at,
	    used_at = null
	returning t.expires_at
), a as (
	insert into audit (event, category, request_id, ip, remote, forwarded,
	    client_ip, user_agent, detail)
	select 'setup_link_created', 'admin', o.request_id, o.ip, o.remote,
	    o.forwarded, o.client_ip, o.user_agent,
	    jsonb_build_object('expires_at', t.expires_at)
	from t cross join audit_origin($3::text, $4::text, $5::text, $6::text,
	    $7::text, $8::text) o
	returning id
)
select t.expires_at from t
