-- console_find: the active administrator of that contact.
-- $1 kind text ('email', 'phone')  $2 value text
-- returns: user_id uuid
-- rows: 0..1
select p.auth_user_id as user_id
from person_by_contact($1::text, $2::text) p
where p.is_admin and p.status = 'active'
