-- audit_seal_next: the seal that is to be made now, and whether a purge has
-- rows to remove.
-- $1 max_rows int4  $2 age_s int4? (older rows are sealed though they are few;
--	null: as the settings say)
-- returns: is_purging bool, line text?, marks bytea?
-- rows: 1
select p.is_active and p.is_sealed as is_purging, n.line, n.marks
from audit_purge p left join lateral audit_seal_next($1::int4,
    coalesce($2::int4, (select coalesce(s.value, s.default_value)::text::int4
    from setting s where s.name = 'audit_seal_s'))) n on true
