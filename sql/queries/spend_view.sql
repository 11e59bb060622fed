-- spend_view: the ceiling of text messages and what was decided lately.
-- returns: outcome text, version int8?, body text
-- rows: 1
with h as (
	select s.key, s.hour = date_trunc('hour', now(), 'UTC') as is_now,
	    s.sent, s.verified, s.unverified, s.refused, s.cost, s.reported
	from spend_hour s where s.hour > now() - interval '24 hours'
	    and (s.key = 'all' or s.key like 'country:%')
), a as (
	select coalesce(sum(h.sent) filter (where h.is_now), 0) as sent_hour,
	    coalesce(sum(h.refused) filter (where h.is_now), 0) as refused_hour,
	    coalesce(sum(h.cost) filter (where h.is_now), 0) as cost_hour,
	    coalesce(sum(h.reported) filter (where h.is_now), 0)
	    as reported_hour,
	    coalesce(sum(h.sent), 0) as sent_day,
	    coalesce(sum(h.refused), 0) as refused_day,
	    coalesce(sum(h.cost), 0) as cost_day,
	    coalesce(sum(h.reported), 0) as reported_day
	from h where h.key = 'all'
), c as (
	select substr(h.key, 9) as code, sum(h.sent) as sent,
	    sum(h.verified) as verified, sum(h.unverified) as unverified,
	    setting_value('sms_breaker') = 'true' and spend_is_odd(
	    sum(h.unverified), greatest(sum(h.verified),
	    spend_verified_max(h.key)),
	    coalesce(sum(h.unverified) filter (where h.is_now), 0),
	    coalesce(sum(h.verified) filter (where h.is_now), 0), 20, 3)
	    as is_open
	from h where h.key <> 'all' group by h.key
), r as (
	select q.created_at, q.destination, q.country, q.state, q.last_error,
	    q.application_id, q.cost, q.cost_reported
	from outbox q where q.channel = 'sms'
	order by q.id desc limit 50
)
select 'ok' as outcome, null::int8 as version, jsonb_build_object(
    'hour', jsonb_build_object('sent', a.sent_hour, 'refused', a.refused_hour,
    'cost', a.cost_hour, 'reported', a.reported_hour, 'max',
    setting_int('sms_hour_max'), 'budget',
    setting_int('sms_hour_budget')),
    'day', jsonb_build_object('sent', a.sent_day, 'refused', a.refused_day,
    'cost', a.cost_day, 'reported', a.reported_day, 'max',
    setting_int('sms_day_max'), 'budget',
    setting_int('sms_day_budget')),
    'countries', coalesce((select jsonb_agg(jsonb_build_object('code', c.code,
    'sent', c.sent, 'verified', c.verified, 'unverified', c.unverified,
    'ratio', case when c.verified + c.unverified > 0 then round(
    c.verified / (c.verified + c.unverified), 3) end, 'is_open', c.is_open)
    order by c.sent desc) from c), '[]'),
    'breaker', jsonb_build_object('open', coalesce((select bool_or(c.is_open)
    from c), false), 'until', case when (select bool_or(c.is_open) from c)
    then json_time(date_trunc('hour', now(), 'UTC') + interval '1 hour') end),
    'recent', coalesce((select jsonb_agg(jsonb_build_object('at',
    json_time(r.created_at), 'destination', contact_masked(r.destination),
    'country', r.country, 'decision', case r.state when 'refused' then
    'refused' else 'allowed' end, 'reason', case r.state when 'refused' then
    r.last_error end, 'cost', r.cost, 'cost_reported', r.cost_reported,
    'application_id', r.application_id)
    order by r.created_at desc) from r), '[]'))::text as body
from a
