-- audit_verify_seals: seals in order, for identityd audit verify.
-- $1 after_no int8  $2 max_rows int4
-- returns: no int8, line text, hash bytea, mac bytea, key_id text,
--	marks bytea?, gone int8 (seals whose rows were purged), agrees bool (the
--	columns say what the line says)
-- rows: 0..n
select s.no, s.line, s.hash, s.mac, s.key_id, m.marks,
    coalesce((select max(p.up_to) from audit_seal p
    where p.kind = 'purge'), 0)::int8 as gone,
    (s.no::text, s.kind, s.after_id::text, s.xid::text, s.id::text,
    s.n_rows::text, s.total::text, s.up_to::text)
    is not distinct from (s.line::jsonb ->> 'no', s.line::jsonb ->> 'kind',
    s.line::jsonb ->> 'after_id', s.line::jsonb ->> 'xid',
    s.line::jsonb ->> 'id', s.line::jsonb ->> 'n', s.line::jsonb ->> 'total',
    s.line::jsonb ->> 'up_to') as agrees
from audit_seal s
left join audit_mark m on m.no = s.no
where s.no > $1::int8
order by s.no
limit $2::int4
