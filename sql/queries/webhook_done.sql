-- webhook_done: what came of a call.  A change that came meanwhile is told by
-- another one.
-- $1 app_id uuid  $2 is_ok bool  $3 error text?
-- $4 retry_s int4? (null: not again until the next change)
-- returns: application_id uuid
-- rows: 0..1
update webhook w set
    last_ok_at = case when $2::bool then clock_timestamp()
    else w.last_ok_at end,
    last_error = case when not $2::bool then left($3::text, 500) end,
    attempts = case when $2::bool then 0 else w.attempts end,
    next_attempt_at = case when not w.is_enabled then null
    when $2::bool then case when w.dirty_at > w.claimed_at then now() end
    else now() + make_interval(secs => $4::int4) end
where w.application_id = $1::uuid
returning w.application_id
