-- audit_coalesced: what was counted in memory, one row for each kind of event.
-- $1 rows jsonb: array of {event, outcome?, category?, app_id?, key_id?,
--	user_id?, ip?, remote?, forwarded?, client_ip?, client_user_agent?,
--	request_id?, count? (1), first_us?, last_us?, detail?}.  Without a
--	category: 'sign_in' for the login events, else 'denied'.
-- returns: n int8
-- rows: 1
with a as (
	insert into audit (at, event, category, outcome, subject_id,
	    application_id, key_id, ip, remote, forwarded, client_ip, user_agent,
	    request_id, detail, count, first_at)
	select coalesce(timestamptz 'epoch'
	    + r.last_us * interval '1 microsecond', clock_timestamp()),
	    r.event, coalesce(r.category, case when r.event in
	    ('login_failed', 'login_refused') then 'sign_in' else 'denied' end),
	    coalesce(r.outcome, 'ok'),
	    r.user_id, r.app_id, r.key_id, nullif(r.ip, '')::inet,
	    nullif(r.remote, '')::inet, nullif(r.forwarded, ''),
	    nullif(r.client_ip, '')::inet, nullif(r.client_user_agent, ''),
	    nullif(r.request_id, ''), r.detail, coalesce(r.count, 1),
	    timestamptz 'epoch' + r.first_us * interval '1 microsecond'
	from jsonb_to_recordset($1::jsonb) r (event text, category text,
	    outcome text, app_id uuid, key_id text, user_id uuid, ip text,
	    remote text, forwarded text, client_ip text, client_user_agent text,
	    request_id text, count int8, first_us int8, last_us int8,
	    detail jsonb)
	returning id
)
select count(*)::int8 as n from a
