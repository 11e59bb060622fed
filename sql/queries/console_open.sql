-- console_open: opens a session of the console after the right password
-- (console_session_open() in sql/migrations).
-- $1 user_id uuid  $2 hash bytea (of the cookie)  $3 method text
-- $4 password_hash text? (that was checked)  $5 new_password_hash text?
-- $6..$11 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: session_id uuid? (null: disabled, demoted or password changed
--	meanwhile)
-- rows: 1
select console_session_open($1::uuid, $2::bytea, $3::text, $4::text, $5::text,
    $6::text, $7::text, $8::text, $9::text, $10::text, $11::text) as session_id
