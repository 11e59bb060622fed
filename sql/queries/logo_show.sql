-- logo_show: the logo of this installation.
-- returns: type text, hash text, data bytea
-- rows: 0..1
select l.type, l.hash, l.data from branding_logo l
