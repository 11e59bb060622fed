-- overview: the console's first page: checklist, health, counts, charts.
-- $1 span text ('24h', '7d', '30d', '90d')  $2 env jsonb: {version,
--	schema_version, has_public_url, has_proxies, dev_otp, db_ready, db_busy,
--	db_waiting}
-- returns: outcome text, version int8?, body text?
-- rows: 1
select o.outcome, o.version, o.body from overview($1::text, $2::jsonb) o
