-- person_list: a page of the directory, by keyset (person_list() of 0010).
-- $1 filters jsonb (status, admin, app, mfa, never, inactive_days, import, source,
-- q)
-- $2 sort text ('created', 'name', 'last_login')  $3 is_descending bool
-- $4 limit int4  $5 after_id uuid and  $6 after_key text: the last row of the
-- page before, or null  $7 do_count bool  $8 bound bytea (of its cursor)
-- $9 is_cut bool (the cursor says that the search was cut)
-- deadline_ms: 2000
-- returns: outcome text, version int8?, body text
-- rows: 1
select l.outcome, l.version, l.body
from person_list($1::jsonb, $2::text, $3::bool, $4::int4, $5::uuid, $6::text,
    $7::bool, $8::bytea, $9::bool) l
