-- webhook_claim: takes webhooks whose call is due; each by one node at a time.
-- $1 max_rows int4  $2 lease_s int4
-- returns: application_id uuid, url text, secret bytea (sealed), attempts int4
-- rows: 0..n
with k as (
	select w.application_id
	from webhook w join application a on a.id = w.application_id
	where w.next_attempt_at <= now() and w.is_enabled and a.is_enabled
	order by w.next_attempt_at
	limit $1::int4
	for update of w skip locked
)
update webhook w set attempts = w.attempts + 1,
    claimed_at = clock_timestamp(),
    next_attempt_at = now() + make_interval(secs => $2::int4)
from k where w.application_id = k.application_id
returning w.application_id, w.url, w.secret, w.attempts
