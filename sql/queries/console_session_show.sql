-- console_session_show: the session that calls, as a page of the console needs
-- it.
-- $1 session_id uuid  $2 csrf_token text  $3 version text  $4 public_url text
-- $5 is_dev bool (codes are shown in answers)
-- returns: outcome text, version int8?, body text
-- rows: 1
select 'ok' as outcome, null::int8 as version, console_session_json($1::uuid,
    $2::text, $3::text, $4::text, $5::bool) as body
