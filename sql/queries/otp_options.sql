-- otp_options: a person whom a code may be sent to, and over what: by contact,
-- by id, or by the ticket of a sign-in that waits for its second factor.
-- A text message goes to countries that are allowed and where a provider
-- delivers; the setting sms_countries is empty for the default country alone.
-- $1 kind text? ('email', 'phone')  $2 value text?  $3 user_id uuid?
-- $4 ticket_hash bytea?  $5 app_id uuid
-- returns: user_id uuid, email text?, mobile_number text?, is_active bool,
--	is_assigned bool, mfa_enabled bool, has_totp bool, has_recovery bool,
--	can_sms bool, can_email bool, email_fallback bool
-- rows: 0..1 (0: nobody, or no such ticket)
with s as (
	select s.name, coalesce(s.value, s.default_value) as value
	from setting s where s.name in ('sms_countries', 'default_country_code',
	    'email_fallback')
), c as (
	select jsonb_array_elements_text(s.value) as code from s
	where s.name = 'sms_countries'
	union all
	select s.value #>> '{}' from s where s.name = 'default_country_code'
	    and not exists (select from s l where l.name = 'sms_countries'
	    and jsonb_array_length(l.value) > 0)
)
select p.auth_user_id as user_id, p.email, p.mobile_number,
    p.status = 'active' as is_active,
    exists (select from assignment a where a.person_id = p.auth_user_id
    and a.application_id = $5::uuid) as is_assigned, p.mfa_enabled,
    exists (select from totp t where t.person_id = p.auth_user_id
    and t.confirmed_at is not null) as has_totp,
    exists (select from recovery_code r where r.person_id = p.auth_user_id
    and r.used_at is null) as has_recovery,
    sms_reaches(p.mobile_number, p.carrier, p.email)
    and exists (select from c where starts_with(p.mobile_number, '+' || c.code))
    as can_sms,
    exists (select from provider v where v.is_enabled and v.type = 'smtp')
    as can_email,
    (select s.value = 'true' from s where s.name = 'email_fallback')
    as email_fallback
from person p
-- One of three.  Not a union: its plan depends on which is null, so that it
-- would be planned anew each time.
where p.auth_user_id = coalesce($3::uuid,
    (select n.auth_user_id from person_by_contact($1::text, $2::text) n),
    (select t.person_id from mfa_ticket t where t.hash = $4::bytea
    and t.application_id = $5::uuid and t.used_at is null
    and t.attempts < 5 and t.expires_at > now()))
    and p.deleted_at is null
