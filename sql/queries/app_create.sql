-- app_create: registers an application with its allow-list.
-- $1 name text  $2 allow text (CIDRs, comma or blanks; empty: nobody may call)
-- $3..$8 origin: request_id, ip, remote, forwarded, client_ip, user_agent text?
-- returns: app_id uuid, name text, allow text (CIDRs, comma),
--	created_at timestamptz
-- rows: 1
with b as (
	insert into application (name) values ($1::text)
	returning id, name, created_at
), w as (
	insert into application_allow (application_id, block)
	select distinct b.id, e.entry::cidr
	from b cross join regexp_split_to_table($2::text, '[,[:space:]]+') e (entry)
	where e.entry <> ''
	returning block
), l as (
	select coalesce(string_agg(w.block::text, ',' order by w.block), '')
	    as allow from w
), a as (
	insert into audit (event, category, application_id, request_id, ip,
	    remote, forwarded, client_ip, user_agent, detail)
	select 'application_created', 'admin', b.id, o.request_id, o.ip,
	    o.remote, o.forwarded, o.client_ip, o.user_agent,
	    jsonb_build_object('name', b.name,
	    'allow', string_to_array(nullif(l.allow, ''), ','))
	from b cross join l cross join audit_origin($3::text, $4::text,
	    $5::text, $6::text, $7::text, $8::text) o
	returning id
)
select b.id as app_id, b.name, l.allow, b.created_at
from b cross join l
