-- token_key_rotate: a new key of access tokens; the one before it verifies on
-- for the overlap that the settings say, or with the others that are alive is
-- dropped at once.  Nothing is done where keys_max are alive, or where the last
-- one does not sign yet: the 5 s are those of token_key_list.
-- $1 kid text  $2 secret bytea (sealed)  $3 is_drop bool  $4 keys_max int4
-- $5..$10 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- $11 actor uuid? (null: the command line)
-- returns: kid text? (null: nothing was done), alg text?, n_alive int8 (before)
-- rows: 1
with c as (
	select (select coalesce(value, default_value) #>> '{}' from setting
	    where name = 'token_alg') as alg,
	    make_interval(secs => 5 + (select coalesce(value, default_value)
	    #>> '{}' from setting where name = 'token_overlap_s')::int4)
	    as overlap,
	    (select count(*) from token_key
	    where expires_at is null or expires_at > now()) as n_alive
), o as (
	update token_key k set is_signing = false,
	    retired_at = coalesce(k.retired_at, now()),
	    expires_at = case when $3::bool then now()
	    else now() + c.overlap end
	from c where (k.is_signing and ($3::bool or (c.n_alive < $4::int4
	    and (c.n_alive = 1 or k.created_at <= now() - interval '5 seconds'))))
	    or ($3::bool and k.expires_at > now())
	returning k.kid
), n as (
	-- Counting makes the old key step back before the new one comes.
	insert into token_key (kid, alg, secret)
	select $1::text, c.alg, $2::bytea
	from c cross join (select count(*) as n from o) o
	where o.n > 0 or c.n_alive = 0
	on conflict do nothing
	returning kid, alg
), a as (
	insert into audit (event, category, actor_id, key_id, request_id, ip,
	    remote, forwarded, client_ip, user_agent, detail)
	select 'token_key_rotated', 'admin', $11::uuid, n.kid, o.request_id, o.ip,
	    o.remote, o.forwarded, o.client_ip, o.user_agent,
	    jsonb_build_object('alg', n.alg, 'dropped', $3::bool,
	    'previous', (select coalesce(jsonb_agg(o.kid), '[]') from o))
	from n cross join audit_origin($5::text, $6::text, $7::text, $8::text,
	    $9::text, $10::text) o
	returning id
)
select n.kid, n.alg, c.n_alive from c left join n on true
