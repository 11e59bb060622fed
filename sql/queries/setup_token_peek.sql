-- setup_token_peek: is this setup link good?
-- $1 token_hash bytea
-- returns: expires_at timestamptz
-- rows: 0..1
select expires_at from setup_token
where token_hash = $1::bytea and used_at is null and expires_at > now()
    and not exists (select from person where is_admin and deleted_at is null
    and status = 'active')
