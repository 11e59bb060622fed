// POST /auth/otp/request and /auth/otp/verify: what an application and an
// attacker see.  MFA is in mfa.test.mjs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditRows, makeApp, makeCast, makeKey, makeUser, setSetting, startService, waitUntil } from './harness.mjs';

const svc = await startService({ env: { IDENTITY_DEV_OTP: '1' } });
const { app, key } = await makeCast(svc);
let counter = 0;
const mobile = () => `+9198${String(10_000_000 + (++counter))}`;
const person = (o = {}) => makeUser(svc, { apps: [app], mobile: mobile(), password: null, ...o });
const ask = (body, o) => svc.post('/auth/otp/request', body, { key, ...o });
const verify = (body, o) => svc.post('/auth/otp/verify', body, { key, ...o });
// Any code but |code|.
const wrong = (code, i = 1) => String((Number(code) + i) % 1_000_000).padStart(6, '0');
async function sent(u, body = {}) {
	const r = await ask({ identifier: u.email ?? u.mobile_number, ...body });
	assert.equal(r.status, 200, r.text);
	return r.body;
}
// As if the person's codes were that much older.
const age = (u, interval) => svc.db.query(`update challenge set created_at = created_at - $2::interval, expires_at = expires_at - $2::interval
	where person_id = $1`, [u.auth_user_id, interval]);
const problem = (r, status, code) => {
	assert.equal(r.status, status, r.text);
	assert.equal(r.body.code, code, r.text);
	assert.match(r.headers['content-type'], /^application\/problem\+json/);
	if (status === 429 || status === 503) assert.ok(Number(r.headers['retry-after']) >= 1, 'Retry-After');
};

test('a code signs in, once', async () => {
	const u = await person();
	const r = await ask({ identifier: u.email, client_ip: '203.0.113.5' });
	assert.equal(r.status, 200, r.text);
	assert.match(r.headers['cache-control'], /no-store/);
	assert.deepEqual(Object.keys(r.body), ['challenge_id', 'channel', 'destination', 'expires_in', 'retry_after', 'dev_code']);
	assert.deepEqual([r.body.channel, r.body.expires_in, r.body.retry_after], ['sms', 300, 30]);
	assert.equal(r.body.destination, `${u.mobile_number.slice(0, 3)}********${u.mobile_number.slice(-2)}`);
	assert.match(r.body.dev_code, /^\d{6}$/);

	const v = await verify({ challenge_id: r.body.challenge_id, code: r.body.dev_code, device_id: 'phone-9', device_name: 'A phone' });
	assert.equal(v.status, 200, v.text);
	assert.deepEqual(Object.keys(v.body), ['token_type', 'access_token', 'expires_in', 'refresh_token', 'refresh_expires_in', 'session', 'user', 'application']);
	assert.equal(v.body.user.auth_user_id, u.auth_user_id);
	assert.deepEqual([v.body.session.device.id, v.body.session.device.name], ['phone-9', 'A phone']);
	const s = await svc.get('/auth/session', { key, token: v.body.access_token });
	assert.equal(s.status, 200, s.text);

	const again = await verify({ challenge_id: r.body.challenge_id, code: r.body.dev_code });
	problem(again, 401, 'otp_invalid');
	assert.equal(again.body.attempts_left, 0);

	const [a] = await auditRows(svc.db, { event: 'otp_sent', subject_id: u.auth_user_id });
	assert.deepEqual([a.application_id, a.client_ip, a.detail.purpose, a.detail.channel], [app.id, '203.0.113.5', 'sign_in', 'sms']);
	const [l] = await auditRows(svc.db, { event: 'login_succeeded', subject_id: u.auth_user_id });
	assert.deepEqual(l.detail, { method: 'otp' });
	const f = await waitUntil(async () => (await auditRows(svc.db, { event: 'otp_failed', outcome: 'otp_invalid' }))[0]);
	assert.equal(f.application_id, app.id);
});

test('by identifier, in other spellings, as a form, with blanks in the code', async () => {
	const u = await person();
	let c = await sent(u);
	let v = await verify({ mobile_number: u.mobile_number.slice(3), code: `${c.dev_code.slice(0, 3)} ${c.dev_code.slice(3)}` });
	assert.equal(v.status, 200, v.text);
	c = await sent(u);
	v = await svc.request('POST', '/auth/otp/verify', { key, form: { email: u.email.toUpperCase(), code: c.dev_code } });
	assert.equal(v.status, 200, v.text);
});

test('the channel: as asked, else a text message, else e-mail', async () => {
	const both = await person();
	assert.equal((await sent(both, { channel: 'email' })).channel, 'email');
	assert.equal((await ask({ identifier: both.email, channel: 'carrier pigeon' })).body.errors[0].field, 'channel');
	const mailOnly = await person({ mobile: undefined });
	const c = await sent(mailOnly);
	assert.equal(c.channel, 'email');
	assert.equal(c.destination, `${mailOnly.email[0]}***@example.org`);
	const r = await ask({ identifier: mailOnly.email, channel: 'sms' });
	assert.deepEqual(r.body.errors.map((e) => e.field), ['channel']);
	const phoneOnly = await person({ email: null });
	assert.equal((await sent(phoneOnly)).channel, 'sms');
	const q = await ask({ identifier: phoneOnly.mobile_number, channel: 'email' });
	assert.deepEqual(q.body.errors.map((e) => e.field), ['channel']);
});

test('who gets no code', async () => {
	problem(await ask({ identifier: 'nobody@example.org' }), 404, 'user_not_found');
	const stranger = await makeUser(svc, { apps: [] });
	const r = await ask({ identifier: stranger.email });
	problem(r, 403, 'not_assigned');
	assert.equal(r.body.detail, 'You are not allowed to access this application. Contact Administrator.');
	const off = await person();
	await svc.db.query('update person set status = \'disabled\' where auth_user_id = $1', [off.auth_user_id]);
	problem(await ask({ identifier: off.email }), 403, 'user_disabled');
	const row = await waitUntil(async () => (await auditRows(svc.db, { event: 'otp_refused', outcome: 'user_disabled' }))[0]);
	assert.equal(row.subject_id, off.auth_user_id);
	assert.equal((await svc.db.rows('select from challenge where person_id = $1', [off.auth_user_id])).length, 0);
});

test('what is between request and verify counts too', async () => {
	const u = await person();
	let c = await sent(u);
	await svc.db.query('delete from assignment where person_id = $1', [u.auth_user_id]);
	problem(await verify({ challenge_id: c.challenge_id, code: c.dev_code }), 403, 'not_assigned');
	await svc.db.query('insert into assignment (application_id, person_id) values ($1, $2)', [app.id, u.auth_user_id]);
	c = await sent(u);
	await svc.db.query('update person set status = \'disabled\' where auth_user_id = $1', [u.auth_user_id]);
	problem(await verify({ challenge_id: c.challenge_id, code: c.dev_code }), 403, 'user_disabled');
	await svc.db.query('update person set status = \'active\' where auth_user_id = $1', [u.auth_user_id]);
	c = await sent(u);
	await svc.db.query('update person set mfa_enabled = true where auth_user_id = $1', [u.auth_user_id]);
	problem(await verify({ challenge_id: c.challenge_id, code: c.dev_code }), 403, 'password_required');
	assert.equal((await svc.db.rows('select from session where person_id = $1', [u.auth_user_id])).length, 0);
});

test('five wrong tries end a code', async () => {
	const u = await person();
	const c = await sent(u);
	for (let i = 1; i <= 5; i++) {
		const r = await verify({ challenge_id: c.challenge_id, code: wrong(c.dev_code, i) });
		problem(r, 401, 'otp_invalid');
		assert.equal(r.body.attempts_left, 5 - i);
	}
	problem(await verify({ challenge_id: c.challenge_id, code: c.dev_code }), 429, 'otp_locked');
	problem(await verify({ identifier: u.email, code: c.dev_code }), 429, 'otp_locked');
});

test('sixty guesses at once: five are compared', async () => {
	const u = await person();
	const c = await sent(u);
	const rs = await Promise.all(Array.from({ length: 60 }, (_, i) => verify({ challenge_id: c.challenge_id, code: wrong(c.dev_code, i + 1) })));
	const tally = Object.groupBy ? Object.groupBy(rs, (r) => r.body.code) : rs.reduce((t, r) => ({ ...t, [r.body.code]: [...(t[r.body.code] ?? []), r] }), {});
	assert.deepEqual(Object.fromEntries(Object.entries(tally).map(([k, v]) => [k, v.length])), { otp_invalid: 5, otp_locked: 55 });
	assert.deepEqual(tally.otp_invalid.map((r) => r.body.attempts_left).sort(), [0, 1, 2, 3, 4]);
	problem(await verify({ challenge_id: c.challenge_id, code: c.dev_code }), 429, 'otp_locked');
});

test('sixty times the right code at once: one session', async () => {
	const u = await person();
	const c = await sent(u);
	const rs = await Promise.all(Array.from({ length: 60 }, (_, i) => verify(i % 2 ? { challenge_id: c.challenge_id, code: c.dev_code } :
		{ identifier: u.email, code: c.dev_code })));
	assert.equal(rs.filter((r) => r.status === 200).length, 1);
	assert.equal(rs.filter((r) => r.body.code === 'otp_invalid').length, 59);
	assert.equal((await svc.db.rows('select from session where person_id = $1', [u.auth_user_id])).length, 1);
});

test('guesses and the right code at once: never more than five, never twice', async () => {
	for (let round = 0; round < 4; round++) {
		const u = await person();
		const c = await sent(u);
		const rs = await Promise.all(Array.from({ length: 40 }, (_, i) => verify({ challenge_id: c.challenge_id,
			code: i % 8 === 7 ? c.dev_code : wrong(c.dev_code, i + 1) })));
		const ok = rs.filter((r) => r.status === 200).length;
		assert.ok(ok <= 1, `${ok} sessions`);
		assert.equal((await svc.db.rows('select from session where person_id = $1', [u.auth_user_id])).length, ok);
		const [{ attempts }] = await svc.db.rows('select attempts from challenge where id = $1', [c.challenge_id]);
		assert.ok(attempts <= 5 && (ok === 1 || attempts === 5), `${attempts} attempts, ${ok} sessions`);
	}
});

test('sixty requests at once: one code', async () => {
	const u = await person();
	const rs = await Promise.all(Array.from({ length: 60 }, () => ask({ identifier: u.email })));
	assert.equal(rs.filter((r) => r.status === 200).length, 1);
	assert.equal(rs.filter((r) => r.body.code === 'otp_cooldown').length, 59);
	assert.equal((await svc.db.rows('select from challenge where person_id = $1', [u.auth_user_id])).length, 1);
	assert.equal((await svc.db.rows('select from outbox where person_id = $1', [u.auth_user_id])).length, 1);
});

test('a code is good where it was made for, and nowhere else', async () => {
	const other = await makeApp(svc);
	const { key: otherKey } = await makeKey(svc, other);
	const u = await person({ apps: [app, other] });
	const v = await person();
	const [c, d] = [await sent(u), await sent(v)];
	// Another application: not even counted.
	for (let i = 0; i < 7; i++) {
		const r = await verify({ challenge_id: c.challenge_id, code: c.dev_code }, { key: otherKey });
		problem(r, 401, 'otp_invalid');
	}
	problem(await verify({ identifier: u.email, code: c.dev_code }, { key: otherKey }), 401, 'otp_invalid');
	// Another person.
	problem(await verify({ challenge_id: d.challenge_id, code: c.dev_code === d.dev_code ? wrong(c.dev_code) : c.dev_code }), 401, 'otp_invalid');
	problem(await verify({ identifier: 'nobody@example.org', code: c.dev_code }), 401, 'otp_invalid');
	problem(await verify({ challenge_id: '0190a000-0000-7000-8000-000000000000', code: c.dev_code }), 401, 'otp_invalid');
	// Another purpose.
	for (const purpose of ['mfa', 'console', 'step_up', 'verify']) {
		await svc.db.query('update challenge set purpose = $2 where id = $1', [c.challenge_id, purpose]);
		problem(await verify({ challenge_id: c.challenge_id, code: c.dev_code }), 401, 'otp_invalid');
		problem(await verify({ identifier: u.email, code: c.dev_code }), 401, 'otp_invalid');
	}
	await svc.db.query('update challenge set purpose = \'sign_in\' where id = $1', [c.challenge_id]);
	assert.equal((await verify({ challenge_id: c.challenge_id, code: c.dev_code })).status, 200);
});

test('a MAC is no use at another challenge', async () => {
	const [u, v] = [await person(), await person()];
	const [c, d] = [await sent(u), await sent(v)];
	await svc.db.query('update challenge t set code_mac = f.code_mac from challenge f where f.id = $1 and t.id = $2', [c.challenge_id, d.challenge_id]);
	problem(await verify({ challenge_id: d.challenge_id, code: c.dev_code }), 401, 'otp_invalid');
});

test('a code expires', async () => {
	const u = await person();
	const c = await sent(u);
	await svc.db.query('update challenge set expires_at = now() - interval \'1 ms\' where id = $1', [c.challenge_id]);
	problem(await verify({ challenge_id: c.challenge_id, code: c.dev_code }), 401, 'otp_expired');
	problem(await verify({ identifier: u.email, code: c.dev_code }), 401, 'otp_expired');
});

test('a new code replaces the earlier one, after the wait', async () => {
	const u = await person();
	const c = await sent(u);
	const r = await ask({ identifier: u.email });
	problem(r, 429, 'otp_cooldown');
	const wait = Number(r.headers['retry-after']);
	assert.ok(wait > 20 && wait <= 30, `waits ${wait} s`);
	await age(u, '30 seconds');
	const d = await sent(u);
	problem(await verify({ challenge_id: c.challenge_id, code: c.dev_code }), 401, 'otp_expired');
	if (c.dev_code !== d.dev_code) {
		const old = await verify({ identifier: u.email, code: c.dev_code });
		problem(old, 401, 'otp_invalid');
		assert.equal(old.body.attempts_left, 4);
	}
	assert.equal((await verify({ identifier: u.email, code: d.dev_code })).status, 200);
	const rows = await svc.db.rows('select state, payload is null as is_empty from outbox where person_id = $1 order by created_at', [u.auth_user_id]);
	assert.deepEqual(rows, [{ state: 'expired', is_empty: true }, { state: 'queued', is_empty: false }]);
});

test('caps for a person: three in a quarter of an hour, six in a day; used ones do not count', async () => {
	const u = await person();
	for (let i = 0; i < 4; i++) {
		const c = await sent(u);
		assert.equal((await verify({ challenge_id: c.challenge_id, code: c.dev_code })).status, 200);
	}
	for (let i = 0; i < 3; i++) {
		await sent(u);
		await age(u, '31 seconds');
	}
	const r = await ask({ identifier: u.email });
	problem(r, 429, 'otp_limit');
	const wait = Number(r.headers['retry-after']);
	assert.ok(wait > 700 && wait <= 870, `waits ${wait} s`);
	await age(u, '15 minutes');
	for (let i = 0; i < 3; i++) {
		await sent(u);
		await age(u, '31 seconds');
	}
	await age(u, '1 hour');
	const day = await ask({ identifier: u.email });
	problem(day, 429, 'otp_limit');
	assert.ok(Number(day.headers['retry-after']) > 20 * 3600);
	await age(u, '24 hours');
	await sent(u);
});

test('caps for a destination and for an address, whoever is asked for', async () => {
	const u = await person({ email: null });
	await sent(u);
	await svc.db.query(`insert into challenge (person_id, application_id, purpose, channel, destination, code_mac, expires_at, ended_at)
		select p.auth_user_id, $2, 'verify', 'sms', $1, sha256('x'), now(), now() from person p, generate_series(1, 2) where p.mobile_number is null limit 2`,
	[u.mobile_number, app.id]);
	await age(u, '31 seconds');
	problem(await ask({ identifier: u.mobile_number }), 429, 'otp_limit');

	await setSetting(svc.db, 'otp_address_max', 2);
	try {
		await waitUntil(async () => {
			const u2 = await person();
			const r = await ask({ identifier: u2.email, client_ip: '2001:db8:1:2:aaaa::1' });
			return r.body.code === 'otp_limit';
		});
		// The same network, another host in it; another network; an IPv4 in two spellings.
		problem(await ask({ identifier: (await person()).email, client_ip: '2001:db8:1:2:bbbb::2' }), 429, 'otp_limit');
		await sent(await person(), { client_ip: '2001:db8:1:3::1' });
		await sent(await person(), { client_ip: '::ffff:198.51.100.1' });
		await sent(await person(), { client_ip: '198.51.100.1' });
		problem(await ask({ identifier: (await person()).email, client_ip: '::ffff:198.51.100.1' }), 429, 'otp_limit');
		await sent(await person(), { client_ip: '::ffff:198.51.100.2' });
		await sent(await person());
	} finally {
		await setSetting(svc.db, 'otp_address_max', 20);
	}
});

test('settings of codes', async () => {
	for (const [name, value] of [['otp_length', 8], ['otp_ttl_s', 120], ['otp_attempts', 2]]) await setSetting(svc.db, name, value);
	const c = await waitUntil(async () => {
		const s = await sent(await person());
		return s.dev_code.length === 8 && s.expires_in === 120 && s;
	});
	const r = await verify({ challenge_id: c.challenge_id, code: '00000000' === c.dev_code ? '11111111' : '00000000' });
	assert.equal(r.body.attempts_left, 1);
	assert.equal((await verify({ challenge_id: c.challenge_id, code: c.dev_code })).status, 200);
	for (const [name, value] of [['otp_length', 6], ['otp_ttl_s', 300], ['otp_attempts', 5]]) await setSetting(svc.db, name, value);
	await waitUntil(async () => (await sent(await person())).dev_code.length === 6);
});

test('a new device is told to the person, as after a password', async () => {
	const u = await person();
	const told = async () => (await svc.db.rows('select from outbox where kind = \'notice\' and person_id = $1', [u.auth_user_id])).length;
	for (const [device, n] of [['d-1', 0], ['d-1', 0], ['d-2', 1], ['d-1', 1]]) {
		const c = await sent(u);
		assert.equal((await verify({ challenge_id: c.challenge_id, code: c.dev_code, device_id: device })).status, 200);
		assert.equal(await told(), n, device);
	}
	const owner = await makeUser(svc, { apps: [app], mfa: true, mobile: mobile() });
	for (const [device, n] of [['e-1', 0], ['e-2', 1]]) {
		const m = await svc.post('/auth/login', { identifier: owner.email, password: owner.password, device_id: device, device_name: 'Tab' }, { key });
		assert.equal((await verify({ mfa_token: m.body.mfa_token, code: m.body.dev_code })).status, 200);
		assert.equal((await svc.db.rows('select from outbox where kind = \'notice\' and person_id = $1', [owner.auth_user_id])).length, n, device);
	}
});

test('guesses spread over many people are braked by address', async () => {
	await setSetting(svc.db, 'login_address_max', 4);
	const from = { client_ip: '203.0.113.200' };
	const unknown = { challenge_id: '0190a000-0000-7000-8000-000000000000', code: '123456' };
	await waitUntil(async () => (await verify({ ...unknown, ...from })).body.code === 'too_many_attempts');
	problem(await verify({ ...unknown, ...from }), 429, 'too_many_attempts');
	// Others go on, and so does a sign-in that knows the password.
	problem(await verify({ ...unknown, client_ip: '203.0.113.201' }), 401, 'otp_invalid');
	problem(await verify({ mfa_token: `ism_${'A'.repeat(43)}`, code: '123456', ...from }), 401, 'otp_invalid');
	await setSetting(svc.db, 'login_address_max', 20);
});

test('a field that is missing or bad is named', async () => {
	const cases = [
		[{ code: '123456' }, ['challenge_id']],
		[{ challenge_id: '0190a000-0000-7000-8000-000000000000' }, ['code']],
		[{ challenge_id: 'x', code: '123456' }, ['challenge_id']],
		[{ challenge_id: '0190a000-0000-7000-8000-000000000000', identifier: 'a@example.org', code: '123456' }, ['challenge_id']],
		[{ identifier: 'a@example.org', email: 'a@example.org', code: '123456' }, ['challenge_id']],
		[{ identifier: 'a@example.org', code: '12345' }, ['code']],
		[{ identifier: 'a@example.org', code: '123456789' }, ['code']],
		[{ identifier: 'a@example.org', code: '12345a' }, ['code']],
		[{ identifier: 'a@example.org', code: 123456 }, ['code']],
		[{ identifier: 'a@example.org', code: 'abcd-efgh-jkmn-pqrs' }, ['code']],
		[{ identifier: 'a@example.org', code: '123456', device_id: 'no blanks please' }, ['device_id']],
	];
	for (const [body, fields] of cases) {
		const r = await verify(body);
		assert.equal(r.status, 422, `${JSON.stringify(body)}: ${r.text}`);
		assert.deepEqual(r.body.errors.map((e) => e.field), fields);
	}
	assert.deepEqual((await ask({})).body.errors.map((e) => e.field), ['identifier']);
	const get = await svc.get('/auth/otp/verify', { key });
	assert.deepEqual([get.status, get.headers.allow], [405, 'POST']);
	assert.equal((await svc.post('/auth/otp/request', { identifier: 'a@example.org' })).body.code, 'api_key_missing');
});

test('no code is in the log, and none in clear in the database', async () => {
	const u = await person();
	const c = await sent(u);
	const bad = wrong(c.dev_code, 77);
	await verify({ challenge_id: c.challenge_id, code: bad });
	const v = await verify({ challenge_id: c.challenge_id, code: c.dev_code });
	assert.equal(v.status, 200);
	await waitUntil(() => svc.log.includes('/auth/otp/verify'));
	const lines = svc.log.split('\n').filter((l) => l.includes('/auth/otp/'));
	for (const secret of [`"${c.dev_code}"`, `code=${c.dev_code}`, v.body.refresh_token])
		assert.ok(!svc.log.includes(secret), 'a secret is in the log');
	assert.ok(lines.every((l) => !l.includes(' code=')), 'a code is logged');
	for (const table of ['challenge', 'outbox', 'audit', 'throttle', 'session']) {
		for (const { t } of await svc.db.rows(`select t::text from ${table} t`))
			assert.doesNotMatch(t, new RegExp(`(^|[^0-9a-f])${c.dev_code}($|[^0-9a-f])`), table);
	}
	const [{ payload }] = await svc.db.rows('select payload from outbox where challenge_id = $1', [c.challenge_id]);
	assert.ok(!payload.includes(c.dev_code));
});

test('without a provider there is no code; with one there is', async () => {
	const plain = await startService({ db: svc.db, env: { IDENTITY_MASTER_KEY_FILE: `${svc.env.IDENTITY_DATA_DIR}/master.key` } });
	const to = (u, body = {}) => plain.post('/auth/otp/request', { identifier: u.email ?? u.mobile_number, ...body }, { key });
	const u = await person();
	problem(await to(u), 503, 'delivery_unavailable');
	const provide = (name, type, countries = '{}') => svc.db.query('insert into provider (name, type, is_enabled, countries) values ($1, $2, true, $3)', [name, type, countries]);
	await provide('mail', 'smtp');
	const r = await to(u);
	assert.equal(r.status, 200, r.text);
	assert.equal(r.body.channel, 'email', 'falls back');
	assert.equal(r.body.dev_code, undefined);
	problem(await to(await person(), { channel: 'sms' }), 503, 'delivery_unavailable');
	await setSetting(svc.db, 'email_fallback', false);
	problem(await to(await person()), 503, 'delivery_unavailable');
	assert.equal((await to(await person({ mobile: undefined }))).body.channel, 'email');
	await provide('elsewhere', 'generic', '{44}');
	problem(await to(await person()), 503, 'delivery_unavailable');
	await provide('here', 'fast2sms', '{91}');
	assert.equal((await to(await person())).body.channel, 'sms');
	// A country that nobody allowed.
	const abroad = await person({ mobile: '+447700900123', email: null });
	problem(await to(abroad), 503, 'delivery_unavailable');
	await setSetting(svc.db, 'sms_countries', ['44', '91']);
	assert.equal((await to(abroad)).body.channel, 'sms');
	await svc.db.query('delete from provider');
});
