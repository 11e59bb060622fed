-- token_key_create: the first signing key; whoever comes second makes none.
-- $1 kid text  $2 alg text  $3 secret bytea (sealed)
-- $4..$9 origin: request_id, ip, remote, forwarded, client_ip, user_agent text?
-- returns: kid text
-- rows: 0..1 (0: there is one)
with k as (
	insert into token_key (kid, alg, secret)
	values ($1::text, $2::text, $3::bytea)
	on conflict do nothing
	returning kid
), a as (
	insert into audit (event, category, key_id, request_id, ip, remote,
	    forwarded, client_ip, user_agent, detail)
	select 'token_key_created', 'admin', k.kid, o.request_id, o.ip,
	    o.remote, o.forwarded, o.client_ip, o.user_agent,
	    jsonb_build_object('alg', $2::text)
	from k cross join audit_origin($4::text, $5::text, $6::text, $7::text,
	    $8::text, $9::text) o
	returning id
)
select k.kid from k
