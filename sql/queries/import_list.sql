-- import_list: the last hundred imports.
-- returns: outcome text, version int8?, body text
-- rows: 1
select 'ok' as outcome, null::int8 as version, json_build_object('data', (
    select coalesce(json_agg(import_json(j) order by j.created_at desc,
    j.id desc), '[]') from (select i.id from import_job i
    order by i.created_at desc, i.id desc limit 100) v
    join import_job j on j.id = v.id), 'page',
    json_build_object('next_cursor', null, 'has_more', false))::text as body
