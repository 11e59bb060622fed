-- audit_seal_add: adds the seal that audit_seal_next asked for, and what its
-- rows add to the hourly sums.  What was sealed by somebody else meanwhile is
-- asked for anew.
-- $1 line text  $2 mac bytea  $3 key_id text  $4 marks bytea?
-- returns: no int8 (0: somebody else was faster)
-- rows: 1
select audit_seal_add($1::text, $2::bytea, $3::text, $4::bytea) as no
