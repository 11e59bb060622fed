-- 0017_carrier_domain: whether carriers' gateways are still in the DNS.

-- mx_ok: does the domain take mail?  Null: nobody could say yet.  due_at: when
-- it is looked up next, by whichever node takes it.
create table carrier_domain (
	domain		text primary key
	    check (domain ~ '^[a-z0-9.-]{1,253}$'),
	mx_ok		bool,
	mx_checked_at	timestamptz,
	mx_reason	text check (char_length(mx_reason) <= 200),
	due_at		timestamptz not null
);

-- Takes the domains that are due, for five minutes; one that is new at once.
-- What no document names any more is forgotten after a month.
create function carrier_domain_claim(domains jsonb, n int4)
returns setof text
language plpgsql volatile rows 64 set search_path from current
as $$
begin
	delete from carrier_domain c
	    where c.due_at < now() - interval '30 days';
	insert into carrier_domain (domain, due_at)
	select distinct lower(d), now() from jsonb_array_elements_text($1) d
	where lower(d) ~ '^[a-z0-9.-]{1,253}$'
	on conflict (domain) do nothing;
	return query with d as (
		select c.domain from carrier_domain c
		where c.due_at <= now() and c.domain in (select lower(x)
		    from jsonb_array_elements_text($1) x)
		order by c.due_at limit $2 for update skip locked
	)
	update carrier_domain c set due_at = now() + interval '5 minutes'
	from d where c.domain = d.domain returning c.domain;
end
$$;
