-- reseal_list: secrets of one place that are not sealed under the present master
-- key, in the order of their ids.
-- $1 place text ('outbox/payload', 'provider/secrets', 'token_key/secret',
--	'totp/secret', 'webhook/secret': table and column)
-- $2 head bytea (what is sealed now begins with it)
-- $3 after text? (an id that the page before ended with)  $4 limit int4
-- returns: id text, sealed bytea
-- rows: 0..n
select x.id, x.sealed
from (
	select q.id::text as id, q.payload as sealed from outbox q
	where $1::text = 'outbox/payload' and q.payload is not null
	union all
	select v.id::text, v.secrets from provider v
	where $1::text = 'provider/secrets' and v.secrets is not null
	union all
	select k.kid, k.secret from token_key k
	where $1::text = 'token_key/secret'
	union all
	select t.person_id::text, t.secret from totp t
	where $1::text = 'totp/secret'
	union all
	select w.application_id::text, w.secret from webhook w
	where $1::text = 'webhook/secret'
) x
where substr(x.sealed, 1, octet_length($2::bytea)) <> $2::bytea
    and ($3::text is null or x.id collate "C" > $3::text)
order by x.id collate "C"
limit $4::int4
