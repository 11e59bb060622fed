-- person_bulk: one act on many people, 10 000 at a time.
-- $1 act text ('disable', 'enable', 'sign_out', 'assign', 'unassign',
-- 'require_mfa', 'delete')  $2 app_id uuid?  $3 user_ids uuid[]
-- (null: by filter)  $4 filter jsonb  $5 actor uuid
-- $6..$11 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- deadline_ms: 60000
-- returns: outcome text ('ok', 'invalid', 'last_administrator'),
--	version int8?, body text
-- rows: 1
select r.outcome, r.version, r.body
from person_bulk($1::text, $2::uuid, $3::uuid[], $4::jsonb, $5::uuid,
    array[$6::text, $7::text, $8::text, $9::text, $10::text, $11::text]) r
