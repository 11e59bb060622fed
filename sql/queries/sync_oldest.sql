-- sync_oldest: the oldest transaction that is running, or the next one.
-- returns: oldest int8
-- rows: 1
select pg_snapshot_xmin(pg_current_snapshot())::text::int8 as oldest
