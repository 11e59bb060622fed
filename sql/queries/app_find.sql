-- app_find: an application by its id or its name.
-- $1 id_or_name text
-- returns: app_id uuid, name text
-- rows: 0..n (2 where one's name is another one's id)
select b.id as app_id, b.name
from application b
where lower(b.name) = lower($1::text) or b.id::text = lower($1::text)
order by b.id
