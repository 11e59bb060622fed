-- carrier_domain_claim: which carriers' domains are to be looked up now.
-- $1 domains jsonb: ["vtext.com"..]  $2 n int4
-- returns: domain text
-- rows: 0..n
select c.domain from carrier_domain_claim($1::jsonb, $2::int4) c (domain)
