-- console_factor_look: what the second factor of a waiting sign-in to the
-- console is compared with.
-- $1 ticket_hash bytea
-- returns: user_id uuid, challenge_id uuid?, totp_secret bytea? (sealed),
--	totp_step int8? (the last one used), device_id, device_name text? (null)
-- rows: 0..1
select t.person_id as user_id, t.challenge_id, o.secret as totp_secret,
    o.last_step as totp_step, t.device_id, t.device_name
from mfa_ticket t
left join totp o on o.person_id = t.person_id and o.confirmed_at is not null
where t.hash = $1::bytea and t.application_id is null
