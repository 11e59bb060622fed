// POST /auth/login: what an application and an attacker see.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditRows, makeApp, makeCast, makeUser, setSetting, signIn, startService, waitUntil } from './harness.mjs';

const svc = await startService();
const { app, key, user } = await makeCast(svc);
const login = (body, o) => svc.post('/auth/login', body, { key, ...o });

test('the right password opens a session', async () => {
	const r = await login({
		identifier: user.email, password: user.password, device_id: 'phone-1', device_name: 'Asha’s phone',
		client_ip: '203.0.113.77', client_user_agent: 'Demo/1.0',
	});
	assert.equal(r.status, 200, r.text);
	assert.match(r.headers['cache-control'], /no-store/);
	assert.match(r.headers['content-type'], /^application\/json/);
	const t = r.body;
	assert.deepEqual(Object.keys(t), ['token_type', 'access_token', 'expires_in', 'refresh_token',
		'refresh_expires_in', 'session', 'user', 'application']);
	assert.equal(t.token_type, 'Bearer');
	assert.equal(t.expires_in, 900);
	assert.match(t.refresh_token, /^isr_[A-Za-z0-9_-]{43}$/);
	assert.deepEqual(t.application, { id: app.id, name: app.name });
	assert.equal(t.user.auth_user_id, user.auth_user_id);
	assert.deepEqual(Object.keys(t.user), ['auth_user_id', 'name', 'mobile_number', 'email', 'emp_id', 'status',
		'mfa_enabled', 'updated_at', 'sync_hash']);
	assert.equal(t.session.device.id, 'phone-1');
	assert.equal(t.session.device.name, 'Asha’s phone');
	assert.equal(t.session.device.ip, '203.0.113.77');
	assert.equal(t.session.device.user_agent, 'Demo/1.0');
	for (const at of ['created_at', 'expires_at', 'last_seen_at'])
		assert.match(t.session[at], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

	const [head, claims] = t.access_token.split('.').slice(0, 2).map((p) => JSON.parse(Buffer.from(p, 'base64url')));
	assert.equal(head.alg, 'HS256');
	assert.equal(head.typ, 'at+jwt');
	assert.equal(claims.iss, svc.url);
	assert.equal(claims.aud, app.id);
	assert.equal(claims.client_id, app.id);
	assert.equal(claims.sub, user.auth_user_id);
	assert.equal(claims.sid, t.session.id);
	assert.equal(claims.exp - claims.iat, 900);

	const [row] = await auditRows(svc.db, { event: 'login_succeeded', session_id: t.session.id });
	assert.equal(row.subject_id, user.auth_user_id);
	assert.equal(row.application_id, app.id);
	assert.equal(row.request_id, r.headers['x-request-id']);
	assert.equal(row.ip, '127.0.0.1');
	assert.equal(row.client_ip, '203.0.113.77');
});

test('form bodies, other spellings and other names of the identifier', async () => {
	const mobile = '9876500001';
	const u = await makeUser(svc, { apps: [app], mobile: `+91${mobile}` });
	const bodies = [
		{ email: u.email.toUpperCase() }, { identifier: ` ${u.email} ` }, { mobile_number: mobile },
		{ identifier: `+91 98765-00001` }, { identifier: `(0) 98765 00001` }, { identifier: `0091.98765.00001` },
	];
	for (const b of bodies) {
		const r = await login({ ...b, password: u.password });
		assert.equal(r.status, 200, `${JSON.stringify(b)}: ${r.text}`);
		assert.equal(r.body.user.auth_user_id, u.auth_user_id);
	}
	const r = await svc.request('POST', '/auth/login', { key, form: { identifier: u.email, password: u.password } });
	assert.equal(r.status, 200, r.text);
});

test('unknown person, wrong password and no password look the same', async () => {
	const none = await makeUser(svc, { apps: [app], password: null });
	const seen = [];
	for (const identifier of ['nobody@example.org', user.email, none.email]) {
		const r = await login({ identifier, password: 'not the password at all' }, { headers: { 'x-request-id': 'same-request-id' } });
		assert.equal(r.status, 401);
		seen.push(r.text);
	}
	assert.equal(JSON.parse(seen[0]).code, 'invalid_credentials');
	assert.equal(new Set(seen).size, 1, seen.join('\n'));
	const rows = await waitUntil(async () => {
		const found = await auditRows(svc.db, { event: 'login_failed' });
		return found.length >= 3 && found;
	});
	assert.deepEqual(new Set(rows.map((r) => r.outcome)), new Set(['unknown_person', 'wrong_password', 'no_password']));
	assert.equal(rows.find((r) => r.outcome === 'wrong_password').subject_id, user.auth_user_id);
});

test('assignment and status show only after the right password', async () => {
	const other = await makeUser(svc, { apps: [] });
	const off = await makeUser(svc, { apps: [app] });
	await svc.db.query("update person set status = 'disabled' where auth_user_id = $1", [off.auth_user_id]);
	const cases = [[other, 403, 'not_assigned'], [off, 403, 'user_disabled']];
	for (const [u, status, code] of cases) {
		const wrong = await login({ identifier: u.email, password: 'not the password at all' });
		assert.equal(wrong.body.code, 'invalid_credentials');
		const right = await login({ identifier: u.email, password: u.password });
		assert.equal(right.status, status, right.text);
		assert.equal(right.body.code, code);
		const [row] = await auditRows(svc.db, { event: 'login_refused', subject_id: u.auth_user_id });
		assert.equal(row.outcome, code);
	}
	const r = await login({ identifier: other.email, password: other.password });
	assert.equal(r.body.detail, 'You are not allowed to access this application. Contact Administrator.');
});

test('a person with a second factor gets no session by the password alone', async () => {
	const u = await makeUser(svc, { apps: [app], mfa: true });
	const r = await login({ identifier: u.email, password: u.password });
	assert.equal(r.status, 503, r.text);
	assert.equal(r.body.code, 'delivery_unavailable');
	assert.ok(Number(r.headers['retry-after']) > 0);
	const n = await svc.db.rows('select 1 from session where person_id = $1', [u.auth_user_id]);
	assert.equal(n.length, 0);
});

test('wrong passwords cost exponential waits, which the right one ends', async () => {
	const u = await makeUser(svc, { apps: [app] });
	for (let i = 0; i < 5; i++)
		assert.equal((await login({ identifier: u.email, password: `wrong wrong wrong ${i}` })).status, 401);
	const r = await login({ identifier: u.email, password: u.password });
	assert.equal(r.status, 429, r.text);
	assert.equal(r.body.code, 'too_many_attempts');
	const wait = Number(r.headers['retry-after']);
	assert.ok(wait >= 1 && wait <= 2, `waits ${wait} s`);
	await waitUntil(async () => (await login({ identifier: u.email, password: u.password })).status === 200);
	const [row] = await svc.db.rows('select failures from person_login where person_id = $1', [u.auth_user_id]);
	assert.equal(row.failures, 0);
	// Somebody who does not exist is made to wait in the same way.
	let last;
	for (let i = 0; i < 6; i++) last = await login({ identifier: 'ghost@example.org', password: `wrong ${i}` });
	assert.equal(last.status, 429);
});

test('parallel guesses do not outrun the count', async () => {
	const u = await makeUser(svc, { apps: [app] });
	const rs = await Promise.all(Array.from({ length: 40 }, (_, i) => login({ identifier: u.email, password: `guess number ${i}` })));
	const checked = rs.filter((r) => r.status === 401).length;
	assert.ok(checked >= 1 && checked <= 6, `${checked} guesses were checked`);
	assert.equal(rs.filter((r) => r.status === 429).length, 40 - checked);
});

test('a field that is missing or bad is named, and only those', async () => {
	const long = 'x'.repeat(1025);
	const cases = [
		[{ password: 'p' }, ['identifier']],
		[{ identifier: user.email }, ['password']],
		[{ identifier: user.email, password: long }, ['password']],
		[{ identifier: user.email, password: 7 }, ['password']],
		[{ identifier: 'not an address', password: 'p' }, ['identifier']],
		[{ identifier: user.email, email: user.email, password: 'p' }, ['identifier']],
		[{ identifier: user.email, password: 'p', device_id: 'no blanks please' }, ['device_id']],
		[{ identifier: user.email, password: 'p', device_name: 'bell\u0007' }, ['device_name']],
		[{ identifier: user.email, password: 'p', client_ip: '10.0.0.0/8' }, ['client_ip']],
		[{ identifier: [], password: {}, device_id: 1 }, ['identifier', 'password', 'device_id']],
	];
	for (const [body, fields] of cases) {
		const r = await login(body);
		assert.equal(r.status, 422, `${JSON.stringify(body)}: ${r.text}`);
		assert.equal(r.body.code, 'invalid_parameter');
		assert.deepEqual(r.body.errors.map((e) => e.field), fields);
		for (const e of r.body.errors) assert.ok(e.message.length > 0);
	}
	const r = await login({ identifier: user.email, password: user.password, unknown_field: { a: 1 } });
	assert.equal(r.status, 200, 'unknown fields are ignored');
});

test('a session is as long as the platform says', async () => {
	await setSetting(svc.db, 'access_ttl_s', 120);
	await waitUntil(async () => (await signIn(svc, { key, user })).expires_in === 120);
	await setSetting(svc.db, 'access_ttl_s', 900);
});

test('an old hash is made anew at the next sign-in', async () => {
	const u = await makeUser(svc, { apps: [app] });
	const [{ password_hash: before }] = await svc.db.rows('select password_hash from person where auth_user_id = $1', [u.auth_user_id]);
	assert.match(before, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
	// "correct horse battery staple" by Debian's argon2 program, -t 1 -k 8192.
	const weak = '$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$EstMPFmPwEV1ZKsYgQUv5J+Zg0iQylaykGB5kmbPnSE';
	await svc.db.query('update person set password_hash = $2 where auth_user_id = $1', [u.auth_user_id, weak]);
	const r = await login({ identifier: u.email, password: 'correct horse battery staple' });
	assert.equal(r.status, 200, r.text);
	const [{ password_hash: after }] = await svc.db.rows('select password_hash from person where auth_user_id = $1', [u.auth_user_id]);
	assert.match(after, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
	assert.equal((await auditRows(svc.db, { event: 'password_rehashed', subject_id: u.auth_user_id })).length, 1);
	assert.equal((await login({ identifier: u.email, password: 'correct horse battery staple' })).status, 200);
});

test('a full hashing queue answers 503 and serves everybody else', async () => {
	const people = await Promise.all(Array.from({ length: 4 }, () => makeUser(svc, { apps: [app] })));
	const flood = Array.from({ length: 700 }, (_, i) => login({ identifier: `flood${i}@example.org`, password: 'x y z' }, { timeoutMs: 60_000 }));
	const health = await svc.get('/healthz');
	assert.equal(health.status, 200);
	const rs = await Promise.all(flood);
	const busy = rs.filter((r) => r.status === 503);
	assert.ok(busy.length > 0, 'nobody was refused');
	for (const r of busy) {
		assert.equal(r.body.code, 'overloaded');
		assert.ok(Number(r.headers['retry-after']) >= 1);
	}
	assert.equal(rs.filter((r) => ![401, 503].includes(r.status)).length, 0);
	for (const u of people) await waitUntil(async () => (await login({ identifier: u.email, password: u.password })).status === 200);
});

test('no password, token or key is in the log', async () => {
	const t = await signIn(svc, { key, user });
	await login({ identifier: user.email, password: 'a-wrong-secret-password' });
	await waitUntil(() => svc.log.includes('/auth/login'));
	for (const secret of [user.password, 'a-wrong-secret-password', t.access_token, t.refresh_token, key])
		assert.ok(!svc.log.includes(secret), 'a secret is in the log');
});

test('another application needs its own assignment', async () => {
	const second = await makeApp(svc, {});
	const cast = await makeCast(svc, { user: { apps: [second] } });
	const r = await svc.post('/auth/login', { identifier: user.email, password: user.password }, { key: cast.key });
	assert.equal(r.body.code, 'not_assigned');
});
