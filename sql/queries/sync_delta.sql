-- sync_delta: a page of changes behind a place of the feed (0011_sync.sql).
-- $1 app_id uuid  $2 epoch uuid  $3 xid int8  $4 id uuid  $5 limit int4
-- $6 with_hash bool
-- returns: outcome text, users text?, n_users int4?, removed text?,
--	n_removed int4?, has_more bool?, is_end bool, next_xid int8?,
--	next_id uuid?, epoch uuid, waits_for int8?, set_hash text?
-- rows: 1
select s.outcome, s.people as users, s.n_people as n_users, s.removed,
    s.n_removed, s.has_more, true as is_end, s.next_xid, s.next_id,
    $2::uuid as epoch, s.waits_for, s.set_hash
from sync_delta($1::uuid, $2::uuid, $3::int8, $4::uuid, $5::int4,
    $6::bool) s
