-- audit_list: a page of the log, newest first.
-- $1 filter jsonb: {events?, user?, application?, ip?, outcome?, from?, to?,
--	request_id?, q?}  $2 before_id int8  $3 max_rows int4  $4 is_count bool
-- returns: outcome text, version int8?, body text?
-- rows: 1
select l.outcome, l.version, l.body from audit_list($1::jsonb, $2::int8,
    $3::int4, $4::bool) l
