-- webhook_mark: there is something to sync for these applications.
-- $1 app_ids uuid[]? (null: all)
-- returns: n int8 (webhooks that are to be called)
-- rows: 1
with w as (
	update webhook w set dirty_at = clock_timestamp(),
	    attempts = case when w.next_attempt_at is null then 0
	    else w.attempts end,
	    next_attempt_at = coalesce(w.next_attempt_at, now())
	where w.is_enabled and ($1::uuid[] is null
	    or w.application_id = any($1::uuid[]))
	returning w.application_id
)
select count(*)::int8 as n from w
