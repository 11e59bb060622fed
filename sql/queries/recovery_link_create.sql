-- recovery_link_create: a one-time link for an administrator who is locked out;
-- it takes the place of an earlier reset of this person.
-- $1 kind text ('email', 'phone')  $2 value text  $3 token_hash bytea
-- $4 ttl_s int4
-- $5..$10 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: name text, expires_at timestamptz
-- rows: 0..1 (0: no active administrator of that contact)
with p as (
	select p.auth_user_id, p.name
	from person_by_contact($1::text, $2::text) p
	where p.is_admin and p.status = 'active'
), e as (
	update password_reset r set ended_at = now() from p
	where r.person_id = p.auth_user_id and r.used_at is null
	    and r.ended_at is null
	returning r.id
), r as (
	-- Counting makes the earlier one end before the new one comes.
	insert into password_reset (person_id, channel, token_hash, expires_at)
	select p.auth_user_id, 'link', $3::bytea,
	    now() + make_interval(secs => $4::int4)
	from p cross join (select count(*) as n from e) e
	where e.n >= 0
	returning expires_at
), a as (
	insert into audit (event, category, subject_id, request_id, ip, remote,
	    forwarded, client_ip, user_agent)
	select 'recovery_link_created', 'admin', p.auth_user_id, o.request_id,
	    o.ip, o.remote, o.forwarded, o.client_ip, o.user_agent
	from p cross join r cross join audit_origin($5::text, $6::text,
	    $7::text, $8::text, $9::text, $10::text) o
	returning id
)
select p.name, r.expires_at from p cross join r
