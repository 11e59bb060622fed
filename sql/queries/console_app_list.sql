-- console_app_list: applications by name, page by page.
-- $1 q text?  $2 limit_n int4  $3 cursor_text text?  $4 with_count bool
-- returns: outcome text, version int8?, body text?
-- rows: 0..1
select d.outcome, d.version, d.body
from console_app_list($1::text, $2::int4, $3::text, $4::bool) d
