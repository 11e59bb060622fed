-- sign_in_purge: forgets what sign-ins left behind, some of each kind at a
-- time.  Limits look back 25 hours, so codes, resets and tickets stay 2 days;
-- sessions stay 30 days after their end, and so does what was sent; a spent
-- refresh token stays until it could not have been used any more, since its
-- reuse tells of a thief.  Ids begin with their time: the oldest are looked at
-- first.  Uses of keys are asked for by the day: they stay 25 hours.
-- $1 max_rows int4
-- returns: n int8 (the most rows removed of one kind)
-- rows: 1
with c as (
	delete from challenge c using (select id from challenge
	    where id < uuid_v7_at(now() - interval '2 days')
	    order by id limit $1::int4 for update skip locked) o
	where c.id = o.id
	returning c.id
), r as (
	delete from password_reset r using (select id from password_reset
	    where id < uuid_v7_at(now() - interval '2 days')
	    order by id limit $1::int4 for update skip locked) o
	where r.id = o.id
	returning r.id
), t as (
	delete from mfa_ticket t using (select hash from mfa_ticket
	    where expires_at < now() - interval '2 days'
	    limit $1::int4 for update skip locked) o
	where t.hash = o.hash
	returning t.hash
), s as (
	delete from session s using (select id from session
	    where id < uuid_v7_at(now() - interval '30 days')
	    and least(revoked_at, expires_at) < now() - interval '30 days'
	    order by id limit $1::int4 for update skip locked) o
	where s.id = o.id
	returning s.id
), f as (
	delete from refresh_token f using (select hash from refresh_token
	    where expires_at < now() - interval '1 day' and spent_at is not null
	    limit $1::int4 for update skip locked) o
	where f.hash = o.hash
	returning f.hash
), k as (
	delete from token_key k where k.expires_at < now() - interval '30 days'
	returning k.kid
), m as (
	delete from outbox m using (select id from outbox
	    where id < uuid_v7_at(now() - interval '30 days')
	    and ended_at is not null
	    order by id limit $1::int4 for update skip locked) o
	where m.id = o.id
	returning m.id
), y as (
	delete from receipt_early y
	where y.at < now() - interval '10 minutes'
	returning y.ref
), w as (
	delete from console_session w using (select hash from console_session
	    where least(revoked_at, expires_at, absolute_expires_at)
	    < now() - interval '30 days'
	    limit $1::int4 for update skip locked) o
	where w.hash = o.hash
	returning w.hash
), u as (
	delete from key_use u using (select key_id, hour from key_use
	    where hour < now() - interval '25 hours'
	    limit $1::int4 for update skip locked) o
	where u.key_id = o.key_id and u.hour = o.hour
	returning u.key_id
)
select greatest((select count(*) from c), (select count(*) from r),
    (select count(*) from t), (select count(*) from s),
    (select count(*) from f), (select count(*) from k),
    (select count(*) from m), (select count(*) from w),
    (select count(*) from u))::int8 as n
