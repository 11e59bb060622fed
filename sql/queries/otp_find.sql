-- otp_find: the newest sign-in code of this person at this application, be it
-- alive or not: trying it tells.
-- $1 kind text ('email', 'phone')  $2 value text  $3 app_id uuid
-- returns: challenge_id uuid
-- rows: 0..1
select c.id as challenge_id
from person_by_contact($1::text, $2::text) p
join challenge c on c.person_id = p.auth_user_id
    and c.application_id = $3::uuid and c.purpose = 'sign_in'
order by c.created_at desc
limit 1
