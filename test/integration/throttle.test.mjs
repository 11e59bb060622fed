// Throttling of sign-ins: per person in the database, per address and per
// application in shared memory, and what a known device is spared.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditRows, makeApp, makeCast, makeKey, makeUser, setSetting, signIn, startService, waitUntil } from './harness.mjs';

const svc = await startService({ env: { IDENTITY_DEV_OTP: '1' } });
const { app, key } = await makeCast(svc);
const login = (body, o) => svc.post('/auth/login', body, { key, ...o });
const person = (o = {}) => makeUser(svc, { apps: [app], ...o });
const wrong = (u, more) => login({ identifier: u.email, password: 'not the password at all', ...more });
const row = async (u) => (await svc.db.rows('select failures, wait_until from person_login where person_id = $1', [u.auth_user_id]))[0];

// At once, since one count is forgotten every 15 s: the statuses, each once.
const twenty = async (fn) => [...new Set((await Promise.all(Array.from({ length: 20 }, (_, i) => fn(i)))).map((r) => r.status))];

function refused(r) {
	assert.equal(r.status, 429, r.text);
	assert.equal(r.body.code, 'too_many_attempts');
	const wait = Number(r.headers['retry-after']);
	assert.ok(wait >= 1 && wait <= 900, `waits ${wait} s`);
	return wait;
}

test('an address gets twenty wrong passwords in five minutes, whomever they are for', async () => {
	const u = await person();
	const at = { client_ip: '203.0.113.9' };
	// Right ones are not counted.
	for (let i = 0; i < 25; i++) await signIn(svc, { key, user: u }, { body: at });
	assert.deepEqual(await twenty((i) => wrong({ email: `spray${i}@example.org` }, at)), [401]);
	const wait = refused(await wrong({ email: 'spray99@example.org' }, at));
	assert.ok(wait <= 15);
	refused(await login({ identifier: u.email, password: u.password, ...at }));
	assert.equal((await row(u)).failures, 0, 'and the person is not counted');
	assert.equal((await login({ identifier: u.email, password: u.password, client_ip: '203.0.113.10' })).status, 200);
	assert.equal((await login({ identifier: u.email, password: u.password })).status, 200, 'no address was told');
	await waitUntil(async () => (await auditRows(svc.db, { event: 'too_many_attempts' })).length > 0);
});

test('of IPv6 the network counts', async () => {
	assert.deepEqual(await twenty((i) => wrong({ email: `six${i}@example.org` }, { client_ip: `2001:db8:7:7::${i}` })), [401]);
	refused(await wrong({ email: 'six99@example.org' }, { client_ip: '2001:db8:7:7:ffff::1' }));
	assert.equal((await wrong({ email: 'six99@example.org' }, { client_ip: '2001:db8:7:8::1' })).status, 401);
});

test('parallel guesses from one address do not outrun the count, on any worker', async () => {
	const rs = await Promise.all(Array.from({ length: 60 }, (_, i) => wrong({ email: `par${i}@example.org` }, { client_ip: '203.0.113.20' })));
	assert.equal(rs.filter((r) => r.status === 401).length, 20);
	assert.equal(rs.filter((r) => r.status === 429).length, 40);
});

test('guesses of strangers do not keep the owner’s phone out', async () => {
	const u = await person();
	const phone = { device_id: 'phone-1' };
	await signIn(svc, { key, user: u }, { body: phone });
	for (let i = 0; i < 5; i++) assert.equal((await wrong(u)).status, 401);
	refused(await login({ identifier: u.email, password: u.password }));
	refused(await login({ identifier: u.email, password: u.password, device_id: 'phone-2' }));
	const r = await login({ identifier: u.email, password: u.password, ...phone });
	assert.equal(r.status, 200, r.text);
	assert.equal((await row(u)).failures, 0, 'success resets');
	// The phone has tries of its own, not endless ones.
	for (let i = 0; i < 5; i++) assert.equal((await wrong(u, phone)).status, 401);
	refused(await login({ identifier: u.email, password: u.password, ...phone }));
	assert.equal((await row(u)).failures, 0);
	assert.equal((await login({ identifier: u.email, password: u.password })).status, 200, 'elsewhere it goes on');
	await waitUntil(async () => (await login({ identifier: u.email, password: u.password, ...phone })).status === 200);
	assert.equal((await svc.db.rows("select from throttle where bucket = 'login_device' and subject like $1", [`${u.auth_user_id}%`])).length, 0);
});

test('a device is known only to its own person and application', async () => {
	const [u, v] = [await person(), await person()];
	const second = await makeApp(svc);
	const { key: secondKey } = await makeKey(svc, second);
	await signIn(svc, { key, user: u }, { body: { device_id: 'shared-name' } });
	for (let i = 0; i < 5; i++) await wrong(v);
	refused(await login({ identifier: v.email, password: v.password, device_id: 'shared-name' }));
	for (let i = 0; i < 5; i++) await wrong(u);
	refused(await login({ identifier: u.email, password: u.password, device_id: 'shared-name' }, { key: secondKey }));
});

test('past the limit of its address a known device still signs in', async () => {
	const u = await person();
	const at = { client_ip: '203.0.113.30' };
	await signIn(svc, { key, user: u }, { body: { ...at, device_id: 'laptop' } });
	assert.deepEqual(await twenty((i) => wrong({ email: `office${i}@example.org` }, at)), [401]);
	refused(await login({ identifier: u.email, password: u.password, ...at }));
	refused(await login({ identifier: u.email, password: u.password, ...at, device_id: 'other' }));
	refused(await login({ identifier: 'office1@example.org', password: 'x', ...at, device_id: 'other' }));
	assert.equal((await login({ identifier: u.email, password: u.password, ...at, device_id: 'laptop' })).status, 200);
	assert.equal((await row(u)).failures, 0);
});

test('a hundred failures in a row end it, until the password is set anew', async () => {
	const u = await person();
	await signIn(svc, { key, user: u }, { body: { device_id: 'phone' } });
	await svc.db.query("update person_login set failures = 99, last_failed_at = now(), wait_until = now() - interval '1 s' where person_id = $1", [u.auth_user_id]);
	assert.equal((await wrong(u)).status, 401);
	assert.equal((await row(u)).wait_until, Infinity);
	assert.equal(refused(await login({ identifier: u.email, password: u.password })), 900);
	// Nobody's identifier ends in the same way.
	await wrong({ email: 'stopped@example.org' });
	const [nobody] = await svc.db.rows("select subject from throttle where bucket = 'login' order by window_start desc limit 1");
	await svc.db.query("update throttle set n = 99, wait_until = null where bucket = 'login' and subject = $1", [nobody.subject]);
	assert.equal((await wrong({ email: 'stopped@example.org' })).status, 401);
	assert.equal(refused(await wrong({ email: 'stopped@example.org' })), 900);

	const { dev_code } = (await svc.post('/auth/password/request-reset', { identifier: u.email }, { key })).body;
	const password = 'violet kettle marching slowly';
	assert.equal((await svc.post('/auth/password/reset', { recovery_token: dev_code, new_password: password }, { key })).status, 200);
	assert.equal((await login({ identifier: u.email, password })).status, 200);
});

test('a count that rests for thirty days starts afresh, for somebody and nobody alike', async () => {
	const u = await person();
	for (let i = 0; i < 5; i++) await wrong(u);
	await svc.db.query("update person_login set last_failed_at = now() - interval '31 days', wait_until = now() - interval '30 days' where person_id = $1", [u.auth_user_id]);
	assert.equal((await wrong(u)).status, 401);
	assert.equal((await row(u)).failures, 1);
	const ghost = { email: 'resting.ghost@example.org' };
	for (let i = 0; i < 5; i++) await wrong(ghost);
	const [g] = await svc.db.rows("select subject, n from throttle where bucket = 'login' order by window_start desc limit 1");
	assert.equal(g.n, 5);
	await svc.db.query("update throttle set window_start = now() - interval '31 days', wait_until = now() - interval '30 days' where bucket = 'login' and subject = $1", [g.subject]);
	assert.equal((await wrong(ghost)).status, 401);
	assert.equal((await svc.db.rows("select n from throttle where bucket = 'login' and subject = $1", [g.subject]))[0].n, 1);
});

test('wrong recovery proofs are limited by address, apart from sign-ins', async () => {
	const try1 = (client_ip) => svc.post('/auth/password/reset', { recovery_token: `irt_${'A'.repeat(43)}`, new_password: 'violet kettle marching', client_ip }, { key });
	assert.deepEqual(await twenty(() => try1('203.0.113.40')), [401]);
	refused(await try1('203.0.113.40'));
	assert.equal((await try1('203.0.113.41')).status, 401);
	assert.equal((await wrong({ email: 'apart@example.org' }, { client_ip: '203.0.113.40' })).status, 401);
});

test('an application has a limit of its own, and its known devices pass it', async () => {
	const cast = await makeCast(svc);
	const at = (body) => svc.post('/auth/login', body, { key: cast.key });
	const right = { identifier: cast.user.email, password: cast.user.password };
	assert.equal((await at({ ...right, device_id: 'phone' })).status, 200);
	await setSetting(svc.db, 'login_app_max', 4);
	await waitUntil(async () => (await at({ identifier: `app${Math.random()}@example.org`, password: 'x' })).status === 429);
	// The other worker may hear of the setting a little later.
	await waitUntil(async () => (await at(right)).status === 429);
	assert.equal((await at({ ...right, device_id: 'phone' })).status, 200);
	assert.equal((await login({ identifier: 'elsewhere@example.org', password: 'x' })).status, 401, 'another application');
	await setSetting(svc.db, 'login_app_max', 0);
	await waitUntil(async () => (await at(right)).status === 200);
	await setSetting(svc.db, 'login_app_max', 1000);
});

test('old counts are removed', async () => {
	await svc.db.query(`insert into throttle (bucket, subject, n, window_start, wait_until) values
		('login', 'old', 5, now() - interval '31 days', null), ('login', 'end', 100, now() - interval '31 days', 'infinity'),
		('login', 'new', 5, now() - interval '29 days', null), ('reset', 'old', 5, now() - interval '3 days', null),
		('reset', 'new', 5, now() - interval '1 day', null)`);
	const left = async () => (await svc.db.rows("select bucket || ' ' || subject as s from throttle where subject in ('old', 'new', 'end') order by 1")).map((r) => r.s);
	await svc.restart();	// the first round is soon after the start
	await waitUntil(async () => (await left()).length === 3, { timeoutMs: 15_000 });
	assert.deepEqual(await left(), ['login end', 'login new', 'reset new']);
});
