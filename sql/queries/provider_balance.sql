-- provider_balance: what is left with a provider, as it said just now.
-- $1 provider_id uuid  $2 balance int8 (hundredths of its currency)
-- returns: n int8
-- rows: 1
with v as (
	update provider v set balance = $2::int8, balance_at = now()
	where v.id = $1::uuid
	returning v.id
)
select count(*) as n from v
