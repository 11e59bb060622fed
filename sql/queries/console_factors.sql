-- console_factors: an administrator's own second factor, as the profile shows
-- it.
-- $1 person_id uuid
-- returns: outcome text, version int8?, body text?
-- rows: 0..1
select d.outcome, d.version, d.body from console_factors($1::uuid) d
