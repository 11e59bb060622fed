// The guard: api.md section 2, in its order, and what the audit log keeps.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditRows, makeApp, makeCast, makeKey, startService, waitUntil } from './harness.mjs';

const svc = await startService({ env: { IDENTITY_TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8' } });
const { app, key, keyId, user } = await makeCast(svc);
const ask = (o = {}) => svc.post('/auth/register', o.body ?? { identifier: user.email }, { key, ...o });

test('no key, and keys that are wrong in every way', async () => {
	const none = await ask({ key: undefined });
	assert.equal(none.status, 401);
	assert.equal(none.body.code, 'api_key_missing');
	const { key: gone, id: goneId } = await makeKey(svc, app);
	await svc.db.query('delete from application_key where key_id = $1', [goneId]);
	const { key: off, id: offId } = await makeKey(svc, app);
	await svc.db.query('update application_key set is_enabled = false where key_id = $1', [offId]);
	const { key: old, id: oldId } = await makeKey(svc, app);
	await svc.db.query("update application_key set expires_at = now() - interval '1 second', created_at = now() - interval '1 day' where key_id = $1", [oldId]);
	const other = (await makeKey(svc, app)).key;
	const mixed = key.slice(0, 17) + other.slice(17);
	const bad = ['x', key.slice(0, -1), `${key}x`, key.toLowerCase(), gone, off, old, mixed, 'isk_'.padEnd(66, 'A')];
	const bodies = new Set();
	for (const k of bad) {
		const r = await ask({ key: k, headers: { 'x-request-id': 'same-request-id' } });
		assert.equal(r.status, 401, `${k}: ${r.text}`);
		assert.equal(r.body.code, 'api_key_invalid');
		bodies.add(r.text);
	}
	assert.equal(bodies.size, 1);
});

test('a key that is switched off or deleted stops at once on every worker', async () => {
	const { key: k, id } = await makeKey(svc, app);
	for (let i = 0; i < 12; i++) assert.equal((await ask({ key: k })).status, 200);
	await svc.db.query('update application_key set is_enabled = false where key_id = $1', [id]);
	const started = performance.now();
	await waitUntil(async () => (await Promise.all([1, 2, 3, 4].map(() => ask({ key: k })))).every((r) => r.status === 401), { stepMs: 5 });
	assert.ok(performance.now() - started < 1000);
	await svc.db.query('update application_key set is_enabled = true where key_id = $1', [id]);
	await waitUntil(async () => (await ask({ key: k })).status === 200);
});

test('a disabled application is refused, after its key', async () => {
	const a = await makeApp(svc, {});
	const { key: k } = await makeKey(svc, a);
	await svc.db.query('update application set is_enabled = false where id = $1', [a.id]);
	const r = await ask({ key: k });
	assert.equal(r.status, 403);
	assert.equal(r.body.code, 'application_disabled');
});

test('an empty list of addresses refuses everybody', async () => {
	const a = await makeApp(svc, {});
	const { key: k } = await makeKey(svc, a);
	await svc.db.query('delete from application_allow where application_id = $1', [a.id]);
	const r = await ask({ key: k });
	assert.equal(r.status, 403);
	assert.equal(r.body.code, 'ip_not_allowed');
});

test('the effective address is what counts', async () => {
	const a = await makeApp(svc, { allow: ['203.0.113.0/24', '2001:db8::/32'] });
	const { key: k } = await makeKey(svc, a);
	const cases = [
		// forwarded header, allowed, effective address
		[undefined, false, '127.0.0.1'],
		['203.0.113.9', true, '203.0.113.9'],
		['198.51.100.1', false, '198.51.100.1'],
		['203.0.113.9, 198.51.100.1', false, '198.51.100.1'],
		['198.51.100.1, 203.0.113.9', true, '203.0.113.9'],
		['203.0.113.9, 10.1.2.3', true, '203.0.113.9'],
		['203.0.113.9:4711, 10.1.2.3', true, '203.0.113.9'],
		['2001:db8::1', true, '2001:db8::1'],
		['[2001:db8::1]:443', true, '2001:db8::1'],
		['::ffff:203.0.113.9', true, '203.0.113.9'],
		['203.0.113.9, nonsense', false, '127.0.0.1'],
		['203.0.113.9, nonsense, 10.1.2.3', false, '10.1.2.3'],
		['unknown', false, '127.0.0.1'],
		['10.1.1.1, 10.2.2.2', false, '10.1.1.1'],
	];
	for (const [xff, isAllowed, effective] of cases) {
		const id = `xff-${Math.random().toString(36).slice(2, 12)}`;
		const r = await ask({ key: k, headers: { 'x-request-id': id, ...(xff === undefined ? {} : { 'x-forwarded-for': xff }) } });
		assert.equal(r.body.code, isAllowed ? 'not_assigned' : 'ip_not_allowed', `${xff}: ${r.text}`);
		if (!isAllowed) continue;
		const [row] = await waitUntil(async () => {
			const rows = await auditRows(svc.db, { request_id: id });
			return rows.length > 0 && rows;
		});
		assert.equal(row.ip, effective, xff);
		assert.equal(row.remote, '127.0.0.1');
		assert.equal(row.forwarded, xff);
	}
});

test('two X-Forwarded-For headers are one list', async () => {
	const a = await makeApp(svc, { allow: ['203.0.113.9'] });
	const { key: k } = await makeKey(svc, a);
	const r = await ask({ key: k, headers: { 'x-forwarded-for': ['203.0.113.9', '10.9.9.9'] } });
	assert.equal(r.body.code, 'not_assigned', r.text);
});

test('an untrusted peer is taken at its own address', async () => {
	const plain = await startService({ db: svc.db, env: { IDENTITY_MASTER_KEY_FILE: `${svc.env.IDENTITY_DATA_DIR}/master.key` } });
	const a = await makeApp(svc, { allow: ['203.0.113.9'] });
	const { key: k } = await makeKey(svc, a);
	const r = await plain.post('/auth/register', { identifier: user.email }, { key: k, headers: { 'x-forwarded-for': '203.0.113.9' } });
	assert.equal(r.body.code, 'ip_not_allowed');
	await plain.stop();
});

test('the guard comes before the body', async () => {
	const bad = { body: '{not json', headers: { 'content-type': 'application/json' } };
	assert.equal((await ask({ ...bad, key: undefined })).body.code, 'api_key_missing');
	assert.equal((await ask({ ...bad, key: 'nope' })).body.code, 'api_key_invalid');
	assert.equal((await ask(bad)).body.code, 'malformed_request');
	const huge = { body: `{"identifier":"${'a'.repeat(70_000)}"}`, headers: { 'content-type': 'application/json' } };
	assert.equal((await ask({ ...huge, key: undefined })).body.code, 'api_key_missing');
	assert.equal((await ask({ ...huge, key: 'nope' })).body.code, 'api_key_invalid');
	const r = await ask(huge);
	assert.equal(r.status, 413);
	assert.equal(r.body.code, 'body_too_large');
	const plain = await ask({ body: 'a=b', headers: { 'content-type': 'text/plain' } });
	assert.equal(plain.status, 415);
});

test('a request budget', async () => {
	const a = await makeApp(svc, {});
	const { key: k } = await makeKey(svc, a);
	await svc.db.query('update application set rate_per_minute = 20 where id = $1', [a.id]);
	await waitUntil(async () => (await ask({ key: k })).headers.ratelimit !== undefined);
	const rs = [];
	for (let i = 0; i < 30; i++) rs.push(await ask({ key: k }));
	const ok = rs.filter((r) => r.status === 403).length;
	const limited = rs.filter((r) => r.status === 429);
	assert.ok(ok >= 15 && ok <= 21, `${ok} passed`);
	assert.equal(ok + limited.length, 30);
	const r = limited.at(-1);
	assert.equal(r.body.code, 'rate_limited');
	assert.equal(r.headers['ratelimit-policy'], '"application";q=20;w=60');
	const t = Number(/t=(\d+)/.exec(r.headers.ratelimit)[1]);
	assert.equal(Number(r.headers['retry-after']), t);
});

test('refusals are counted together', async () => {
	const a = await makeApp(svc, { allow: ['203.0.113.9'] });
	const { key: k } = await makeKey(svc, a);
	const started = performance.now();
	await Promise.all(Array.from({ length: 500 }, () => ask({ key: k })));
	const seconds = (performance.now() - started) / 1000;
	const rows = await waitUntil(async () => {
		const found = await auditRows(svc.db, { application_id: a.id, event: 'ip_not_allowed' });
		return found.reduce((n, r) => n + Number(r.count), 0) === 500 && found;
	});
	// One row a second for each of two workers, and the flushes at the edges.
	assert.ok(rows.length <= 2 * (seconds + 2), `${rows.length} rows in ${seconds} s`);
	assert.equal(rows[0].outcome, 'ip_not_allowed');
	assert.equal(rows[0].category, 'denied');
	assert.equal(rows[0].ip, '127.0.0.1');
	assert.ok(rows[0].first_at <= rows[0].at);
});

test('a flood of different addresses writes a bounded number of rows', async () => {
	const before = (await svc.db.rows('select coalesce(max(id), 0) as id from audit'))[0].id;
	const n = 3000;
	for (let i = 0; i < n; i += 300)
		await Promise.all(Array.from({ length: 300 }, (_, k) => ask({
			key: undefined, headers: { 'x-forwarded-for': `198.18.${(i + k) >> 8}.${(i + k) & 255}` },
		})));
	const rows = await waitUntil(async () => {
		const found = await svc.db.rows("select count, detail from audit where id > $1 and event = 'api_key_missing'", [before]);
		return found.reduce((sum, r) => sum + Number(r.count), 0) === n && found;
	});
	assert.ok(rows.length < n);
	assert.ok(rows.length > 0);
});

test('requests are counted by key, on every worker: each that was let through, once', async () => {
	const a = await makeApp(svc, { allow: ['127.0.0.1', '198.51.100.7'] });
	const keys = [await makeKey(svc, a), await makeKey(svc, a)];
	const want = [37, 5];
	const askOf = (k, o = {}) => ask({ key: k.key, ...o });
	for (const [i, k] of keys.entries())
		for (let n = 0; n < want[i]; n++) assert.notEqual((await askOf(k)).status, 401);
	// Refused, for its address and for a wrong key: no use.
	assert.equal((await askOf(keys[0], { headers: { 'x-forwarded-for': '198.51.100.8' } })).status, 403);
	assert.equal((await askOf({ key: `${keys[0].key.slice(0, -1)}${keys[0].key.endsWith('A') ? 'B' : 'A'}` })).status, 401);
	const counted = async () => Promise.all(keys.map(async (k) => Number((await svc.db.rows('select coalesce(sum(count), 0) as n from key_use where key_id = $1', [k.id]))[0].n)));
	// A worker writes the first use at once and the others a minute later.
	await waitUntil(async () => (await counted()).every((n, i) => n === want[i]), { timeoutMs: 90_000 });
	await askOf(keys[1], { headers: { 'x-forwarded-for': '198.51.100.7' } });
	await waitUntil(async () => (await counted())[1] === want[1] + 1, { timeoutMs: 90_000 });
	assert.equal((await counted())[0], want[0], 'written once');
});

test('when a key was last used is written', async () => {
	await ask();
	await waitUntil(async () => (await svc.db.rows('select last_used_at from application_key where key_id = $1', [keyId]))[0].last_used_at !== null);
});
