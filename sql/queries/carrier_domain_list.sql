-- carrier_domain_list: what is known of carriers' domains.
-- returns: domain text, mx_ok bool?, mx_checked_at text? (RFC 3339),
--	mx_reason text?
-- rows: 0..n
select c.domain, c.mx_ok, json_time(c.mx_checked_at) as mx_checked_at,
    c.mx_reason
from carrier_domain c
order by c.domain
