// queries_spend - the ceiling of text messages while many ask at once: exact to
// the message, and yet nobody waits for anybody while it is far.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { SLOW, onTeardown, waitUntil } from './harness.mjs';
import { ORIGIN, db, makeApp, makeUser, newId, run1 } from './queries_kit.mjs';

const actor = await makeUser({ isAdmin: true });
const app = await makeApp();
await run1('provider_save', [newId(), null, 'any', 'generic', true, 10, 5, '', '{}', null, actor.user_id, ...ORIGIN]);
const set = (name, value) => db.query('update setting set value = $2 where name = $1', [name, value === null ? null : JSON.stringify(value)]);
const [{ max: CONNECTIONS }] = await db.rows(`select current_setting('max_connections')::int as max`);
let counter = 0;
const number = () => `+9198${String(10_000_000 + (++counter) * 10_007)}`;
const INSERT = `insert into outbox (id, kind, channel, application_id, destination, payload, expires_at)
	values ($1, 'code', $2, $3, $4, '\\x01', now() + interval '5 minutes') returning state, last_error`;
const put = async (c, o = {}) => (await c.query(INSERT, [newId(), o.channel ?? 'sms', o.app ?? null, o.to ?? number()])).rows[0];
async function connect() {
	const c = new pg.Client({ connectionString: db.url });
	await c.connect();
	onTeardown(() => c.end());
	return c;
}
const clients = await Promise.all(Array.from({ length: 12 }, connect));
async function afresh() {
	await db.query('truncate outbox, spend_hour, sms_price');
}
// |n| messages over all connections at once; what was decided, counted.
async function rush(n, o = {}) {
	const counts = { queued: 0 };
	let left = n;
	await Promise.all(clients.map(async (c) => {
		while (left-- > 0) {
			const r = await put(c, o);
			const k = r.last_error ?? r.state;
			counts[k] = (counts[k] ?? 0) + 1;
		}
	}));
	return counts;
}
const total = async (what) => Number((await db.rows(`select coalesce(sum(${what}), 0) as n from spend_hour where key = 'all'`))[0].n);

// From far below, where all share the lock, to the ceiling, where each is alone.
const CEILINGS = {
	sms_hour_max: 'hour_max', sms_day_max: 'day_max', sms_country_hour_max: 'country_hour', sms_country_day_max: 'country_day',
	sms_app_hour_max: 'app_hour', sms_app_day_max: 'app_day',
};
for (const [name, reason] of Object.entries(CEILINGS)) {
	test(`${name}: many at once reach it and never pass it`, async () => {
		await afresh();
		await set('sms_breaker', false);
		for (const other of Object.keys(CEILINGS)) await set(other, 100_000);
		const max = CONNECTIONS + 40;
		await set(name, max);
		const counts = await rush(max + 60, { app: app.app_id });
		assert.deepEqual(counts, { queued: max, [reason]: 60 });
		assert.equal(await total('sent'), max);
		await set(name, null);
	});
}

test('a budget of money: never more than it, whatever the prices are', async () => {
	await afresh();
	await set('sms_hour_budget', 1_000_000);
	await db.query(`insert into sms_price (prefix, price) values ('91', 1000), ('9199', 4000)`);
	const counts = await rush(1100);
	assert.deepEqual(counts, { queued: 1000, hour_budget: 100 });
	assert.equal(await total('cost'), 1_000_000);
	await set('sms_hour_budget', null);
});

test('codes of an application by e-mail: exact too', async () => {
	await afresh();
	await set('otp_app_hour_max', CONNECTIONS + 20);
	const counts = await rush(CONNECTIONS + 50, { channel: 'email', to: 'x@example.org', app: app.app_id });
	assert.deepEqual(counts, { queued: CONNECTIONS + 20, app_codes: 30 });
	await set('otp_app_hour_max', null);
});

test('one number: exact however many ask for it at once', async () => {
	await afresh();
	await set('sms_destination_day_max', 7);
	assert.deepEqual(await rush(20, { to: number() }), { queued: 7, destination_day: 13 });
	await set('sms_destination_day_max', null);
});

test('far from the ceiling nobody waits; near it whoever comes second does', async () => {
	await afresh();
	await set('sms_hour_max', 100_000);
	const [a, b] = clients;
	await b.query(`set lock_timeout = ${2000 * SLOW}`);
	await a.query('begin');
	assert.equal((await put(a)).state, 'queued');
	assert.equal((await put(b)).state, 'queued', 'while the other has not committed');
	await a.query('commit');
	await set('sms_hour_max', 10);
	await a.query('begin');
	assert.equal((await put(a)).state, 'queued');
	await b.query('set lock_timeout = 200');
	await assert.rejects(put(b), { code: '55P03' });
	await b.query('set lock_timeout = 0');
	const second = put(b);
	await waitUntil(async () => (await db.rows(`select 1 from pg_locks where locktype = 'advisory' and not granted`)).length > 0,
		{ timeoutMs: 10_000 * SLOW, what: 'the second waits' });
	await a.query('commit');
	assert.equal((await second).state, 'queued');
	await set('sms_hour_max', 100_000);
});

test('one transaction queues one message: the margin counts connections', async () => {
	await afresh();
	const [a] = clients;
	await a.query('begin');
	await put(a);
	await assert.rejects(put(a), /outbox_one_message/);
	await a.query('rollback');
	assert.equal((await put(a)).state, 'queued');
});

test('spend_tidy: what is over is added up and forgotten, and no sum changes', async () => {
	await afresh();
	const row = (key, hours, shard, sent) => db.query(`insert into spend_hour (key, hour, shard, sent, verified, unverified, refused, cost, reported)
		values ($1, date_trunc('hour', now(), 'UTC') - $2 * interval '1 hour', $3, $4, 1, 2, 3, 4, 5)`, [key, hours, shard, sent]);
	for (const shard of [0, 3, 9]) await row('all', 5, shard, 10);
	for (const shard of [1, 2]) await row('all', 0, shard, 1);
	await row('to:919812345678', 30, 0, 1);
	await row('country:91', 30, 7, 5);
	await row('country:91', 24 * 16, 0, 5);
	assert.equal((await run1('spend_tidy', [100])).n, '4');
	assert.deepEqual(await db.rows(`select key, shard, sent, verified, unverified, refused, cost::int, reported::int from spend_hour order by key, hour, shard`), [
		{ key: 'all', shard: 0, sent: 30, verified: 3, unverified: 6, refused: 9, cost: 12, reported: 15 },
		{ key: 'all', shard: 1, sent: 1, verified: 1, unverified: 2, refused: 3, cost: 4, reported: 5 },
		{ key: 'all', shard: 2, sent: 1, verified: 1, unverified: 2, refused: 3, cost: 4, reported: 5 },
		{ key: 'country:91', shard: 7, sent: 5, verified: 1, unverified: 2, refused: 3, cost: 4, reported: 5 },
	]);
	assert.equal((await run1('spend_tidy', [100])).n, '0');
});

test('the sums of a message are read by their keys, not by scanning a day', async () => {
	await afresh();
	await db.query(`insert into spend_hour (key, hour, shard, sent) select 'to:' || i, date_trunc('hour', now(), 'UTC'), 0, 1 from generate_series(1, 20000) i`);
	const [c] = clients;
	const reads = async () => Number((await c.query(`select pg_stat_get_xact_tuples_fetched('spend_hour'::regclass) as n`)).rows[0].n);
	await c.query('begin');
	await put(c);
	// A row for each connection and hour that counted, not the 20 000.
	assert.ok(await reads() < 2000, `${await reads()} rows were read`);
	await c.query('commit');
});
