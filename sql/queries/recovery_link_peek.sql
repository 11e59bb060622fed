-- recovery_link_peek: whose link this is, while it is good.
-- $1 token_hash bytea
-- returns: name text, email text?, mobile_number text?
-- rows: 0..1
select p.name, p.email, p.mobile_number
from password_reset r
join person p on p.auth_user_id = r.person_id and p.is_admin
    and p.status = 'active' and p.deleted_at is null
where r.token_hash = $1::bytea and r.channel = 'link' and r.used_at is null
    and r.ended_at is null and r.expires_at > now()
