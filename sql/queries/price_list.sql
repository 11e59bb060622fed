-- price_list: what text messages cost, by prefix of the number.
-- returns: outcome text, version int8?, body text
-- rows: 1
select 'ok' as outcome, null::int8 as version, price_json()::text as body
