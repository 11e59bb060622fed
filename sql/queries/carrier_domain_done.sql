-- carrier_domain_done: what the DNS said.  A failure to ask changes nothing but
-- the time of the next try; another answer than before is an event.
-- $1 rows jsonb: [{domain, ok? (left out: nobody could say), reason?}..]
-- returns: n int8
-- rows: 1
with r as (
	select t.domain, t.ok, left(t.reason, 200) as reason, c.mx_ok as was
	from jsonb_to_recordset($1::jsonb) t (domain text, ok bool, reason text)
	join carrier_domain c on c.domain = t.domain
	for no key update of c
), u as (
	update carrier_domain c set mx_ok = coalesce(r.ok, c.mx_ok),
	    mx_checked_at = case when r.ok is null then c.mx_checked_at
	    else now() end,
	    mx_reason = case when r.ok is null then c.mx_reason
	    else r.reason end,
	    due_at = now() + case when r.ok is null then interval '1 hour'
	    else interval '24 hours' - random() * interval '1 hour' end
	from r where c.domain = r.domain
	returning c.domain
), a as (
	insert into audit (event, category, outcome, detail)
	select 'carrier_domain_changed', 'system', case when r.ok then 'ok'
	    else 'failed' end, jsonb_strip_nulls(jsonb_build_object('domain',
	    r.domain, 'reason', r.reason))
	from r where r.ok <> coalesce(r.was, true)
	returning id
)
select count(*)::int8 as n from u
