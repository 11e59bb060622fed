// /auth/password/*: forgotten and changed passwords, and what a new one has to
// be, as applications, owners and attackers see them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditRows, makeApp, makeCast, makeKey, makeUser, setSetting, signIn, startService, waitUntil } from './harness.mjs';

const svc = await startService({ env: { IDENTITY_DEV_OTP: '1' } });
const { app, key, user } = await makeCast(svc);
const other = await makeApp(svc);
const { key: otherKey } = await makeKey(svc, other);

let counter = 0;
const good = () => `violet kettle ${++counter} marching slowly`;
const ask = (identifier, o) => svc.post('/auth/password/request-reset', { identifier }, { key, ...o });
const reset = (body, o) => svc.post('/auth/password/reset', body, { key, ...o });
const change = (token, body, o = {}) => svc.post('/auth/password/change', body, { key, ...o, headers: { authorization: `Bearer ${token}`, ...o.headers } });
const login = (body, o) => svc.post('/auth/login', body, { key, ...o });
const session = (t, k = key) => svc.get('/auth/session', { key: k, headers: { authorization: `Bearer ${t.access_token}` } });
const outbox = (u) => svc.db.rows('select * from outbox where person_id = $1 order by id', [u.auth_user_id]);
const resets = (u) => svc.db.rows('select * from password_reset where person_id = $1', [u.auth_user_id]);
let phones = 9876000000;
const person = (o = {}) => makeUser(svc, { apps: [app], ...o });

test('request-reset: one answer for everybody, a token for who is there', async () => {
	const disabled = await person();
	await svc.db.query("update person set status = 'disabled' where auth_user_id = $1", [disabled.auth_user_id]);
	const stranger = await makeUser(svc, { apps: [other] });
	const u = await person();
	for (const [identifier, code] of [[u.email, true], ['nobody@example.org', false], [disabled.email, false], [stranger.email, false]]) {
		const r = await ask(identifier);
		assert.equal(r.status, 202, r.text);
		assert.match(r.headers['cache-control'], /no-store/);
		assert.deepEqual(Object.keys(r.body), ['reset_id', 'expires_in', ...(code ? ['dev_code'] : [])]);
		assert.match(r.body.reset_id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
		assert.equal(r.body.expires_in, 1800);
	}
	assert.equal((await resets(disabled)).length + (await resets(stranger)).length, 0);
	const rows = await auditRows(svc.db, { event: 'password_reset_requested' });
	assert.deepEqual(rows.map((r) => r.outcome), ['ok', 'user_not_found', 'user_disabled', 'not_assigned']);
	const [m] = await outbox(u);
	assert.deepEqual([m.kind, m.channel, m.destination, m.state, m.application_id], ['reset', 'email', u.email, 'queued', app.id]);
	assert.ok(m.payload.length > 60);
	const r = await ask('not an address');
	assert.equal(r.status, 422);
});

test('a token sets a new password, once, and opens nothing', async () => {
	const u = await makeUser(svc, { apps: [app, other] });
	const here = await signIn(svc, { key, user: u });
	const there = await signIn(svc, { key: otherKey, user: u });
	assert.equal((await session(here)).status, 200);
	assert.equal((await session(there, otherKey)).status, 200);
	const { dev_code } = (await ask(u.email)).body;
	assert.match(dev_code, /^irt_[A-Za-z0-9_-]{43}$/);
	const password = good();
	const r = await reset({ recovery_token: dev_code, new_password: password });
	assert.equal(r.status, 200, r.text);
	assert.deepEqual(r.body, { reset: true });
	// Seen by the very next call, at every application.
	assert.equal((await session(here)).body.code, 'session_revoked');
	assert.equal((await session(there, otherKey)).body.code, 'session_revoked');
	assert.equal((await svc.db.rows('select from session where person_id = $1 and revoked_at is null', [u.auth_user_id])).length, 0);
	assert.equal((await login({ identifier: u.email, password: u.password })).body.code, 'invalid_credentials');
	assert.equal((await login({ identifier: u.email, password })).status, 200);
	assert.deepEqual((await outbox(u)).map((m) => [m.kind, m.channel]), [['reset', 'email'], ['notice', 'email']]);
	const [row] = await auditRows(svc.db, { event: 'password_reset', subject_id: u.auth_user_id });
	assert.deepEqual(row.detail, { channel: 'email', sessions: 2 });
	const again = await reset({ recovery_token: dev_code, new_password: good() });
	assert.equal(again.status, 401);
	assert.equal(again.body.code, 'recovery_invalid');
});

test('a code by text message, for the number it was asked for', async () => {
	const mobile = `+91${++phones}`;
	const u = await person({ mobile });
	const r = await ask(mobile);
	assert.match(r.body.dev_code, /^[0-9]{6}$/);
	assert.equal(r.body.expires_in, 600);
	const [m] = await outbox(u);
	assert.deepEqual([m.channel, m.destination], ['sms', mobile]);
	assert.equal((await reset({ reset_id: r.body.reset_id, code: r.body.dev_code, new_password: good() }, { key: otherKey })).body.code,
		'recovery_invalid', 'another application');
	const done = await reset({ reset_id: r.body.reset_id, code: r.body.dev_code, new_password: good() });
	assert.equal(done.status, 200, done.text);
	const again = await reset({ reset_id: r.body.reset_id, code: r.body.dev_code, new_password: good() });
	assert.equal(again.body.code, 'recovery_invalid');
});

test('five wrong codes end a reset, in parallel as well', async () => {
	const mobile = `+91${++phones}`;
	const u = await person({ mobile });
	const { reset_id, dev_code } = (await ask(mobile)).body;
	const wrong = String((Number(dev_code) + 1) % 1_000_000).padStart(6, '0');
	const rs = await Promise.all(Array.from({ length: 30 }, () => reset({ reset_id, code: wrong, new_password: good() })));
	assert.ok(rs.every((r) => r.status === 401 && r.body.code === 'recovery_invalid'));
	assert.equal((await resets(u))[0].attempts, 5);
	assert.equal((await reset({ reset_id, code: dev_code, new_password: good() })).body.code, 'recovery_invalid');
	assert.equal((await login({ identifier: u.email, password: u.password })).status, 200);
	// One that never was looks the same.
	const none = await reset({ reset_id: '01900000-0000-7000-8000-000000000000', code: '123456', new_password: good() }, { headers: { 'x-request-id': 'same-request' } });
	const was = await reset({ reset_id, code: wrong, new_password: good() }, { headers: { 'x-request-id': 'same-request' } });
	assert.equal(none.text, was.text);
});

test('of many that use one proof at once, one wins', async () => {
	const u = await person();
	const { dev_code } = (await ask(u.email)).body;
	const rs = await Promise.all(Array.from({ length: 12 }, () => reset({ recovery_token: dev_code, new_password: good() })));
	assert.equal(rs.filter((r) => r.status === 200).length, 1);
	assert.ok(rs.every((r) => r.status === 200 || r.body.code === 'recovery_invalid'), rs.map((r) => r.text).join('\n'));
});

test('a new request makes the earlier one void; an old one expires', async () => {
	const u = await person();
	const a = (await ask(u.email)).body;
	const b = (await ask(u.email)).body;
	assert.notEqual(a.reset_id, b.reset_id);
	assert.equal((await reset({ recovery_token: a.dev_code, new_password: good() })).body.code, 'recovery_invalid');
	await svc.db.query("update password_reset set expires_at = now() - interval '1 second' where person_id = $1", [u.auth_user_id]);
	assert.equal((await reset({ recovery_token: b.dev_code, new_password: good() })).body.code, 'recovery_invalid');
});

test('a weak password does not use the proof up', async () => {
	const u = await person();
	const { dev_code } = (await ask(u.email)).body;
	for (const [bad, sentence] of [['short', /too short: use at least 15/], ['passwordpassword', /easy to guess|try first/], ['e\u0301'.repeat(14), /too short/]]) {
		const r = await reset({ recovery_token: dev_code, new_password: bad });
		assert.equal(r.status, 422, r.text);
		assert.equal(r.body.code, 'invalid_parameter');
		assert.equal(r.body.errors.length, 1);
		assert.equal(r.body.errors[0].field, 'new_password');
		assert.match(r.body.errors[0].message, sentence);
	}
	const mine = await reset({ recovery_token: dev_code, new_password: `${u.email}!` });
	assert.match(mine.body.errors[0].message, /knows your name/);
	assert.equal((await reset({ recovery_token: dev_code, new_password: good() })).status, 200);
});

test('a second factor stays needed, and its length rule is its own', async () => {
	const u = await person({ mfa: true });
	const { dev_code } = (await ask(u.email)).body;
	assert.equal((await reset({ recovery_token: dev_code, new_password: 'kX9#mQ2' })).status, 422);
	assert.equal((await reset({ recovery_token: dev_code, new_password: 'kX9#mQ2p' })).status, 200);
	const r = await login({ identifier: u.email, password: 'kX9#mQ2p' });
	assert.equal(r.body.access_token, undefined);
	assert.equal((await svc.db.rows('select from session where person_id = $1', [u.auth_user_id])).length, 0);
});

test('reset: fields that are missing, bad or too many', async () => {
	const id = '01900000-0000-7000-8000-000000000000';
	for (const [body, fields] of [
		[{ new_password: good() }, ['recovery_token']],
		[{ recovery_token: 'irt_x' }, ['new_password']],
		[{ reset_id: id, new_password: good() }, ['code']],
		[{ recovery_token: 'irt_x', reset_id: id, code: '123456', new_password: good() }, ['recovery_token']],
		[{ reset_id: 'x', code: 'abc', new_password: good() }, ['reset_id', 'code']],
	]) {
		const r = await reset(body);
		assert.equal(r.status, 422, r.text);
		assert.deepEqual(r.body.errors.map((e) => e.field), fields);
	}
	for (const recovery_token of ['irt_x', 'x', `irt_${'A'.repeat(43)}`, 'A'.repeat(200)])
		assert.equal((await reset({ recovery_token, new_password: good() })).body.code, 'recovery_invalid');
});

test('caps: three in a quarter of an hour, six in a day; the answer stays the same', async () => {
	const u = await person();
	const codes = async (n) => {
		let got = 0;
		for (let i = 0; i < n; i++) {
			const r = await ask(u.email);
			assert.equal(r.status, 202);
			if (r.body.dev_code) got++;
		}
		return got;
	};
	const back = (bucket, t) => svc.db.query(`update throttle set window_start = window_start - $3::interval where bucket = $1 and subject = $2`, [bucket, u.auth_user_id, t]);
	assert.equal(await codes(5), 3);
	await back('reset', '16 minutes');
	assert.equal(await codes(2), 1, 'those over the cap count for the day');
	await back('reset', '16 minutes');
	assert.equal(await codes(1), 0, 'six in a day');
	await back('reset_day', '25 hours');
	assert.equal(await codes(1), 1);
	assert.ok((await auditRows(svc.db, { event: 'password_reset_requested', outcome: 'reset_limit' })).length > 0);
});

test('unknown identifiers write no row each', async () => {
	const before = Number((await svc.db.rows('select count(*) as n from throttle'))[0].n);
	for (let i = 0; i < 3; i++) await ask('always.the.same@example.net');
	const after = Number((await svc.db.rows('select count(*) as n from throttle'))[0].n);
	assert.equal(after - before, 2);
	const names = await svc.db.rows("select subject from throttle where subject !~ '-'");
	assert.ok(names.every((r) => /^[0-9a-f]{5}$/.test(r.subject)), JSON.stringify(names));
});

test('change: this session goes on, all others end', async () => {
	const u = await makeUser(svc, { apps: [app, other] });
	const mine = await signIn(svc, { key, user: u });
	const second = await signIn(svc, { key, user: u });
	const there = await signIn(svc, { key: otherKey, user: u });
	const lost = (await ask(u.email)).body;
	const password = good();
	const r = await change(mine.access_token, { current_password: u.password, new_password: password });
	assert.equal(r.status, 200, r.text);
	assert.deepEqual(r.body, { changed: true });
	assert.equal((await session(mine)).status, 200);
	assert.equal((await session(second)).body.code, 'session_revoked');
	assert.equal((await session(there, otherKey)).body.code, 'session_revoked');
	assert.equal((await login({ identifier: u.email, password })).status, 200);
	assert.equal((await login({ identifier: u.email, password: u.password })).status, 401);
	assert.equal((await reset({ recovery_token: lost.dev_code, new_password: good() })).body.code, 'recovery_invalid');
	assert.deepEqual((await outbox(u)).map((m) => m.kind), ['reset', 'notice']);
	const [row] = await auditRows(svc.db, { event: 'password_changed', subject_id: u.auth_user_id });
	assert.deepEqual([row.session_id, row.detail], [mine.session.id, { sessions: 2 }]);
});

test('change: refusals', async () => {
	const u = await person();
	const t = await signIn(svc, { key, user: u });
	const body = { current_password: u.password, new_password: good() };
	assert.equal((await svc.post('/auth/password/change', body, { key })).body.code, 'token_missing');
	assert.equal((await change('nonsense', body)).body.code, 'token_invalid');
	assert.equal((await change(t.access_token, body, { key: otherKey })).body.code, 'token_invalid');
	assert.equal((await svc.post('/auth/password/change', body, { headers: { authorization: `Bearer ${t.access_token}` } })).body.code, 'api_key_missing');
	const weak = await change(t.access_token, { ...body, new_password: 'aaaaaaaaaaaaaaaaaaaaaaaaaaa' });
	assert.equal(weak.status, 422);
	assert.equal(weak.body.errors[0].field, 'new_password');
	for (let i = 0; i < 5; i++) {
		const r = await change(t.access_token, { ...body, current_password: 'not the current one' });
		assert.equal(r.status, 401, r.text);
		assert.equal(r.body.code, 'invalid_credentials');
	}
	// One count with the logins.
	const r = await change(t.access_token, body);
	assert.equal(r.status, 429);
	assert.equal(r.body.code, 'too_many_attempts');
	assert.ok(Number(r.headers['retry-after']) >= 1);
	await waitUntil(async () => (await change(t.access_token, body)).status === 200);
	await svc.post('/auth/logout', {}, { key, headers: { authorization: `Bearer ${t.access_token}` } });
	assert.equal((await change(t.access_token, body)).body.code, 'session_revoked');
});

test('the administrator decides the length, never below eight', async () => {
	const u = await person();
	await setSetting(svc.db, 'password_min_len', 40);
	await waitUntil(async () => {
		const { dev_code } = (await ask(u.email)).body;
		const r = await reset({ recovery_token: dev_code, new_password: good() });
		return r.status === 422 && /at least 40/.test(r.body.errors[0].message);
	}, { stepMs: 300 });
	await setSetting(svc.db, 'password_min_len', 15);
	await assert.rejects(setSetting(svc.db, 'password_min_len', 7), { constraint: 'setting_value_valid' });
});

test('without development codes nothing shows, and the message is written all the same', async () => {
	const plain = await startService();
	const cast = await makeCast(plain);
	const request = (identifier) => plain.post('/auth/password/request-reset', { identifier }, { key: cast.key });
	await plain.db.query("insert into provider (name, type, is_enabled) values ('mail', 'smtp', true)");
	for (const identifier of [cast.user.email, 'nobody@example.org']) {
		const r = await request(identifier);
		assert.equal(r.status, 202);
		assert.deepEqual(Object.keys(r.body), ['reset_id', 'expires_in']);
	}
	await waitUntil(async () => (await plain.db.rows("select from audit where event = 'password_reset_requested'")).length === 2);
	const rows = await plain.db.rows('select person_id, channel from outbox');
	assert.deepEqual(rows, [{ person_id: cast.user.auth_user_id, channel: 'email' }]);
	await plain.db.query('delete from provider');
	assert.equal((await request(cast.user.email)).status, 202, 'always');
	await waitUntil(async () => (await plain.db.rows("select from audit where outcome = 'delivery_unavailable'")).length === 1);
	assert.equal(plain.log.includes('irt_'), false);
});

test('a code by text message lives ten minutes, also for who asked by an e-mail address', async () => {
	const plain = await startService();
	const cast = await makeCast(plain, { user: { mobile: '+919876512345' } });
	await plain.db.query("insert into provider (name, type, is_enabled) values ('gateway', 'generic', true)");
	const r = await plain.post('/auth/password/request-reset', { identifier: cast.user.email }, { key: cast.key });
	// As for nobody: the answer must not tell which way it went.
	assert.equal(r.body.expires_in, 1800);
	const made = await waitUntil(async () => (await plain.db.rows(`select channel, round(extract(epoch from expires_at - created_at))::int as s
		from password_reset where person_id = '${cast.user.auth_user_id}'`))[0]);
	assert.deepEqual(made, { channel: 'sms', s: 600 });
	const [m] = await plain.db.rows("select round(extract(epoch from expires_at - created_at))::int as s from outbox where kind = 'reset'");
	assert.equal(m.s, 600);
});

test('a service that is told to end at once still writes what it answered', async () => {
	const plain = await startService();
	const cast = await makeCast(plain);
	await plain.db.query("insert into provider (name, type, is_enabled) values ('mail', 'smtp', true)");
	const all = await Promise.all(Array.from({ length: 3 }, () => plain.post('/auth/password/request-reset', { identifier: cast.user.email }, { key: cast.key })));
	assert.deepEqual(all.map((r) => r.status), [202, 202, 202]);
	await plain.stop();
	const [{ n }] = await plain.db.rows("select count(*)::int as n from audit where event = 'password_reset_requested'");
	assert.equal(n, 3);
});

test('no secret is in the log or in the database', async () => {
	const u = await person();
	const { dev_code } = (await ask(u.email)).body;
	const password = good();
	assert.equal((await reset({ recovery_token: dev_code, new_password: password })).status, 200);
	await waitUntil(() => svc.log.includes('/auth/password/reset'));
	const [dump] = await svc.db.rows(`select (select jsonb_agg(a) from audit a)::text || (select jsonb_agg(r) from password_reset r)::text
		|| (select jsonb_agg(o) from outbox o)::text || (select jsonb_agg(p) from person p)::text as text`);
	for (const secret of [dev_code, password]) {
		assert.ok(!svc.log.includes(secret));
		assert.ok(!dump.text.includes(secret));
		assert.ok(!dump.text.includes(Buffer.from(secret).toString('hex')));
	}
	assert.ok(user.auth_user_id);
});
