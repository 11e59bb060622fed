-- import_rows: a page of the staged rows, with what changes and what is wrong.
-- $1 import_id uuid  $2 action text ('create', 'update', 'same', 'error',
-- 'warning')  $3 after_row int4  $4 limit int4
-- returns: outcome text, version int8?, body text
-- rows: 0..1
select 'ok' as outcome, null::int8 as version, (select json_build_object(
    'data', coalesce(json_agg(json_build_object('row', v.row_no,
    'action', v.action, 'auth_user_id', v.person_id,
    'cells', v.cells::json, 'values', v.new,
    'changes', case when v.action = 'update' then (select
    jsonb_object_agg(k, jsonb_build_array(v.old -> k, v.new -> k))
    from jsonb_object_keys(v.new) k where v.new -> k <> 'null'
    and v.new -> k is distinct from v.old -> k) end,
    'problems', coalesce(v.problems, '[]')) order by v.row_no)
    filter (where v.n <= $4::int4), '[]'),
    'page', json_build_object('next_cursor', case when count(*) > $4::int4
    then (max(v.row_no) filter (where v.n <= $4::int4))::text end,
    'has_more', count(*) > $4::int4))::text
    from (select r.row_no, r.action, r.person_id, r.cells, r.problems,
	row_number() over (order by r.row_no) as n,
	jsonb_build_object('name', r.name, 'email', r.email,
	'mobile_number', r.mobile_number, 'emp_id', r.emp_id,
	'language', r.language, 'carrier', r.carrier, 'status', r.status,
	'mfa_enabled', r.mfa_enabled) as new,
	(select to_jsonb(p) from person p
	where p.auth_user_id = r.person_id) as old
	from import_row r
	where r.import_id = j.id and r.row_no > $3::int4
	and ($2::text = r.action or $2::text = 'warning'
	and r.action <> 'error' and r.problems is not null)
	order by r.row_no limit $4::int4 + 1) v) as body
from import_job j where j.id = $1::uuid
