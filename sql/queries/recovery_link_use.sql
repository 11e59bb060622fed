-- recovery_link_use: uses the link up: a new password, no second factor, no
-- other session, and one of the console (recovery_link_use() in
-- sql/migrations).
-- $1 token_hash bytea  $2 password_hash text  $3 hash bytea (of the cookie)
-- $4..$9 origin: request_id, ip, remote, forwarded, client_ip, user_agent
-- returns: session_id uuid? (null: not good any more)
-- rows: 1
select recovery_link_use($1::bytea, $2::text, $3::bytea, $4::text, $5::text,
    $6::text, $7::text, $8::text, $9::text) as session_id
