// The second factor: sign-in with it, an authenticator app, recovery codes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditRows, makeApp, makeCast, makeKey, makeUser, signIn, startService, waitUntil } from './harness.mjs';
import { totp, wrongTotp } from './harness_totp.mjs';

const svc = await startService({ env: { IDENTITY_DEV_OTP: '1' } });
const { app, key } = await makeCast(svc);
let counter = 0;
const person = (o = {}) => makeUser(svc, { apps: [app], mobile: `+9197${String(10_000_000 + (++counter))}`, mfa: true, ...o });
const login = (u, body = {}, o) => svc.post('/auth/login', { identifier: u.email ?? u.mobile_number, password: u.password, ...body }, { key, ...o });
const verify = (body, o) => svc.post('/auth/otp/verify', body, { key, ...o });
const wrong = (code, i = 1) => String((Number(code) + i) % 1_000_000).padStart(6, '0');
const problem = (r, status, code) => {
	assert.equal(r.status, status, r.text);
	assert.equal(r.body.code, code, r.text);
	if (status === 429 || status === 503) assert.ok(Number(r.headers['retry-after']) >= 1, 'Retry-After');
};
async function challenged(u, body) {
	const r = await login(u, body);
	assert.equal(r.status, 200, r.text);
	assert.equal(r.body.mfa_required, true);
	return r.body;
}
// One after the other: more than five tries of a password at once are refused.
async function tickets(u, n) {
	const out = [];
	while (out.length < n) out.push(await challenged(u));
	return out;
}
const sessions = (u) => svc.db.rows('select id, method, device_id, revoked_at, revoke_reason from session where person_id = $1 order by id', [u.auth_user_id]);
const audits = (event, u) => auditRows(svc.db, { event, subject_id: u.auth_user_id });
const notices = (u) => svc.db.rows('select channel, destination, payload from outbox where kind = \'notice\' and person_id = $1', [u.auth_user_id]);

// The app's clock goes on: what was used before is forgotten.
const nextStep = (u) => svc.db.query('update totp set last_step = 0 where person_id = $1', [u.auth_user_id]);
const forgive = (u) => svc.db.query('delete from throttle where subject = $1', [u.auth_user_id]);
const own = (path, token, body = {}) => svc.post(`/auth/mfa/${path}`, body, { key, token });

// A person with an authenticator app: { user, secret, token }.
async function enrolled(o = {}) {
	const user = await person({ mfa: false, ...o });
	const { access_token: token } = await signIn(svc, { key, user });
	const b = await own('totp', token);
	assert.equal(b.status, 200, b.text);
	const c = await own('totp/confirm', token, { code: totp(b.body.secret) });
	assert.equal(c.status, 200, c.text);
	await nextStep(user);
	return { user, secret: b.body.secret, token };
}

test('the password opens no session, the code after it does', async () => {
	const u = await person();
	const r = await login(u, { device_id: 'desk-1', device_name: 'At work' });
	assert.equal(r.status, 200, r.text);
	assert.match(r.headers['cache-control'], /no-store/);
	assert.deepEqual(Object.keys(r.body), ['mfa_required', 'mfa_token', 'methods', 'challenge_id', 'channel', 'destination', 'expires_in', 'dev_code']);
	assert.match(r.body.mfa_token, /^ism_[A-Za-z0-9_-]{43}$/);
	assert.deepEqual([r.body.methods, r.body.channel, r.body.expires_in], [['otp'], 'sms', 300]);
	assert.equal((await sessions(u)).length, 0);
	assert.equal((await audits('mfa_required', u)).length, 1);
	const v = await verify({ mfa_token: r.body.mfa_token, code: r.body.dev_code });
	assert.equal(v.status, 200, v.text);
	assert.deepEqual(Object.keys(v.body), ['token_type', 'access_token', 'expires_in', 'refresh_token', 'refresh_expires_in', 'session', 'user', 'application']);
	assert.deepEqual([v.body.session.device.id, v.body.session.device.name], ['desk-1', 'At work']);
	assert.deepEqual((await sessions(u)).map((s) => s.method), ['password_otp']);
	problem(await verify({ mfa_token: r.body.mfa_token, code: r.body.dev_code }), 401, 'otp_invalid');
	const [row] = await audits('login_succeeded', u);
	assert.deepEqual(row.detail, { method: 'password_otp' });
});

test('a code of the second factor is no code of the first, nor the other way round', async () => {
	const u = await person();
	const c = await challenged(u);
	problem(await verify({ challenge_id: c.challenge_id, code: c.dev_code }), 401, 'otp_invalid');
	problem(await verify({ identifier: u.email, code: c.dev_code }), 401, 'otp_invalid');
	assert.equal((await verify({ mfa_token: c.mfa_token, code: c.dev_code })).status, 200);
	problem(await svc.post('/auth/otp/request', { identifier: u.email }, { key }), 403, 'password_required');
	const v = await person({ mfa: false });
	const d = await svc.post('/auth/otp/request', { identifier: v.email }, { key });
	const e = await challenged(u);
	if (d.body.dev_code !== e.dev_code)
		problem(await verify({ mfa_token: e.mfa_token, code: d.body.dev_code }), 401, 'otp_invalid');
});

test('only with the right password, and not for who may not', async () => {
	const u = await person();
	problem(await login({ ...u, password: 'not the password at all' }), 401, 'invalid_credentials');
	const stranger = await person({ apps: [] });
	problem(await login(stranger), 403, 'not_assigned');
	for (const x of [u, stranger])
		assert.equal((await svc.db.rows('select from challenge where person_id = $1', [x.auth_user_id])).length, 0);
	const c = await challenged(u);
	await svc.db.query('delete from assignment where person_id = $1', [u.auth_user_id]);
	problem(await verify({ mfa_token: c.mfa_token, code: c.dev_code }), 403, 'not_assigned');
	await svc.db.query('insert into assignment (application_id, person_id) values ($1, $2)', [app.id, u.auth_user_id]);
	const d = await challenged(u);
	await svc.db.query('update person set status = \'disabled\' where auth_user_id = $1', [u.auth_user_id]);
	problem(await verify({ mfa_token: d.mfa_token, code: d.dev_code }), 403, 'user_disabled');
	assert.equal((await sessions(u)).length, 0);
});

test('five wrong tries end the sign-in, time does, another application cannot use it', async () => {
	const u = await person();
	let c = await challenged(u);
	for (let i = 1; i <= 5; i++) {
		const r = await verify({ mfa_token: c.mfa_token, code: wrong(c.dev_code, i) });
		problem(r, 401, 'otp_invalid');
		assert.equal(r.body.attempts_left, 5 - i);
	}
	problem(await verify({ mfa_token: c.mfa_token, code: c.dev_code }), 429, 'otp_locked');

	c = await challenged(u);
	const other = await makeApp(svc);
	const { key: otherKey } = await makeKey(svc, other);
	await svc.db.query('insert into assignment (application_id, person_id) values ($1, $2)', [other.id, u.auth_user_id]);
	problem(await verify({ mfa_token: c.mfa_token, code: c.dev_code }, { key: otherKey }), 401, 'otp_invalid');
	problem(await verify({ mfa_token: `ism_${'A'.repeat(43)}`, code: c.dev_code }), 401, 'otp_invalid');
	problem(await verify({ mfa_token: 'isr_short', code: c.dev_code }), 401, 'otp_invalid');
	await svc.db.query('update challenge set expires_at = now() where id = $1', [c.challenge_id]);
	problem(await verify({ mfa_token: c.mfa_token, code: c.dev_code }), 401, 'otp_expired');
	await svc.db.query('update challenge set expires_at = now() + interval \'1 minute\' where id = $1', [c.challenge_id]);
	await svc.db.query('update mfa_ticket set expires_at = now() where challenge_id = $1', [c.challenge_id]);
	problem(await verify({ mfa_token: c.mfa_token, code: c.dev_code }), 401, 'otp_expired');
	assert.equal((await sessions(u)).length, 0);
});

test('sixty guesses, sixty right codes at once', async () => {
	const u = await person();
	let c = await challenged(u);
	let rs = await Promise.all(Array.from({ length: 60 }, (_, i) => verify({ mfa_token: c.mfa_token, code: wrong(c.dev_code, i + 1) })));
	assert.equal(rs.filter((r) => r.body.code === 'otp_invalid').length, 5);
	assert.equal(rs.filter((r) => r.body.code === 'otp_locked').length, 55);
	c = await challenged(u);
	rs = await Promise.all(Array.from({ length: 60 }, () => verify({ mfa_token: c.mfa_token, code: c.dev_code })));
	assert.equal(rs.filter((r) => r.status === 200).length, 1);
	assert.equal((await sessions(u)).length, 1);
});

test('another code for the same sign-in', async () => {
	const u = await person();
	const c = await challenged(u);
	const again = (body = {}) => svc.post('/auth/otp/request', { mfa_token: c.mfa_token, ...body }, { key });
	problem(await again(), 429, 'otp_cooldown');
	await svc.db.query('update challenge set created_at = created_at - interval \'31 s\' where person_id = $1', [u.auth_user_id]);
	const r = await again({ channel: 'email' });
	assert.equal(r.status, 200, r.text);
	assert.equal(r.body.channel, 'email');
	if (c.dev_code !== r.body.dev_code)
		problem(await verify({ mfa_token: c.mfa_token, code: c.dev_code }), 401, 'otp_invalid');
	assert.equal((await verify({ mfa_token: c.mfa_token, code: r.body.dev_code })).status, 200);
	problem(await again(), 401, 'otp_expired');
	problem(await svc.post('/auth/otp/request', { mfa_token: 'isr_x' }, { key }), 401, 'otp_expired');
	assert.deepEqual((await svc.post('/auth/otp/request', { mfa_token: c.mfa_token, identifier: u.email }, { key })).body.errors.map((e) => e.field), ['mfa_token']);
});

test('past the caps the code that is alive goes on, then nothing', async () => {
	const u = await person();
	let last;
	for (let i = 0; i < 3; i++) last = await challenged(u);
	const c = await challenged(u);
	assert.equal(c.challenge_id, last.challenge_id);
	assert.equal(c.dev_code, undefined, 'no code was made');
	assert.equal((await svc.db.rows('select from challenge where person_id = $1', [u.auth_user_id])).length, 3);
	assert.equal((await verify({ mfa_token: c.mfa_token, code: last.dev_code })).status, 200);
	await challenged(u);
	await svc.db.query('update challenge set ended_at = now() where person_id = $1 and used_at is null', [u.auth_user_id]);
	problem(await login(u), 429, 'otp_limit');
	const [{ failures }] = await svc.db.rows('select failures from person_login where person_id = $1', [u.auth_user_id]);
	assert.equal(failures, 0, 'the password was right');
});

test('no way to a second factor: 503', async () => {
	const plain = await startService({ db: svc.db, env: { IDENTITY_MASTER_KEY_FILE: `${svc.env.IDENTITY_DATA_DIR}/master.key` } });
	const u = await person();
	const r = await plain.post('/auth/login', { identifier: u.email, password: u.password }, { key });
	problem(r, 503, 'delivery_unavailable');
	assert.equal((await svc.db.rows('select from mfa_ticket where person_id = $1', [u.auth_user_id])).length, 0);
	// With an authenticator app none is needed.
	const { user, secret } = await enrolled();
	const q = await plain.post('/auth/login', { identifier: user.email, password: user.password }, { key });
	assert.equal(q.status, 200, q.text);
	assert.deepEqual(Object.keys(q.body), ['mfa_required', 'mfa_token', 'methods', 'expires_in']);
	assert.deepEqual(q.body.methods, ['totp']);
	assert.equal((await plain.post('/auth/otp/verify', { mfa_token: q.body.mfa_token, code: totp(secret) }, { key })).status, 200);
});

test('enrolling an authenticator app', async () => {
	const u = await person({ mfa: false });
	const { access_token: token } = await signIn(svc, { key, user: u });
	problem(await own('totp/confirm', token, { code: '123456' }), 409, 'totp_not_enrolled');
	problem(await own('totp/remove', token, { current_password: u.password }), 409, 'totp_not_enrolled');
	const first = await own('totp', token);
	const b = await own('totp', token);
	assert.equal(b.status, 200, b.text);
	assert.deepEqual(Object.keys(b.body), ['secret', 'otpauth_uri', 'algorithm', 'digits', 'period', 'qr_svg']);
	assert.match(b.body.secret, /^[A-Z2-7]{32}$/);
	assert.notEqual(first.body.secret, b.body.secret);
	const uri = new URL(b.body.otpauth_uri);
	assert.equal(uri.protocol, 'otpauth:');
	assert.equal(decodeURIComponent(uri.pathname.replace(/^\/+(totp\/)?/, '')), `Identity Services:${u.email}`);
	assert.deepEqual(Object.fromEntries(uri.searchParams), { secret: b.body.secret, issuer: 'Identity Services', algorithm: 'SHA1', digits: '6', period: '30' });
	assert.match(b.body.qr_svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+" [^<>]*>(<path [^<>]*\/>){2}<\/svg>$/);

	// Not in force before it is confirmed.
	assert.equal((await login(u)).body.token_type, 'Bearer');
	const bad = await own('totp/confirm', token, { code: wrongTotp(b.body.secret) });
	assert.deepEqual(bad.body.errors.map((e) => e.field), ['code']);
	if (totp(first.body.secret) !== totp(b.body.secret))
		assert.equal((await own('totp/confirm', token, { code: totp(first.body.secret) })).status, 422, 'the earlier secret is void');
	const code = totp(b.body.secret);
	const c = await own('totp/confirm', token, { code });
	assert.equal(c.status, 200, c.text);
	assert.deepEqual(c.body, { enabled: true, recovery_codes_left: 0 });
	problem(await own('totp/confirm', token, { code }), 409, 'totp_enrolled');
	problem(await own('totp', token), 409, 'totp_enrolled');
	const s = await svc.get('/auth/session', { key, token });
	assert.equal(s.body.user.mfa_enabled, true);
	assert.deepEqual([(await audits('totp_begun', u)).length, (await audits('totp_confirmed', u)).length], [2, 1]);
	assert.deepEqual((await notices(u)).map((n) => [n.channel, n.destination]), [['email', u.email]]);

	// The code that confirmed signs nobody in.
	const m = await challenged(u);
	assert.deepEqual(m.methods, ['totp', 'otp']);
	problem(await verify({ mfa_token: m.mfa_token, code }), 401, 'otp_invalid');
	await nextStep(u);
	const v = await verify({ mfa_token: m.mfa_token, code: totp(b.body.secret) });
	assert.equal(v.status, 200, v.text);
	assert.equal((await sessions(u)).at(-1).method, 'password_totp');
});

test('a secret that was not confirmed in time is void', async () => {
	const u = await person({ mfa: false });
	const { access_token: token } = await signIn(svc, { key, user: u });
	const b = await own('totp', token);
	await svc.db.query('update totp set created_at = now() - interval \'16 minutes\' where person_id = $1', [u.auth_user_id]);
	problem(await own('totp/confirm', token, { code: totp(b.body.secret) }), 409, 'totp_not_enrolled');
});

test('a time-based code: one step around now, each step once, whoever is first', async () => {
	const { user: u, secret } = await enrolled();
	for (const [steps, ok] of [[-3, false], [3, false], [-1, true], [0, true], [1, true]]) {
		const c = await challenged(u);
		const r = await verify({ mfa_token: c.mfa_token, code: totp(secret, steps) });
		assert.equal(r.status, ok ? 200 : 401, `${steps}: ${r.text}`);
	}
	// All of the window is behind the last one used.
	const c = await challenged(u);
	problem(await verify({ mfa_token: c.mfa_token, code: totp(secret) }), 401, 'otp_invalid');
	await nextStep(u);
	await forgive(u);
	const waiting = await tickets(u, 10);
	const before = (await sessions(u)).length;
	const code = totp(secret);
	const rs = await Promise.all(Array.from({ length: 60 }, (_, i) => verify({ mfa_token: waiting[i % 10].mfa_token, code })));
	assert.equal(rs.filter((r) => r.status === 200).length, 1);
	assert.equal((await sessions(u)).length, before + 1);
});

test('wrong codes cost waits, whatever sign-in they are for', async () => {
	const { user: u, secret } = await enrolled();
	const waiting = await tickets(u, 12);
	const bad = wrongTotp(secret);
	const rs = await Promise.all(Array.from({ length: 60 }, (_, i) => verify({ mfa_token: waiting[i % 12].mfa_token, code: bad })));
	const compared = rs.filter((r) => r.body.code === 'otp_invalid').length;
	// Five; more only where a wait passes meanwhile, 1 s, then 2, then 4.
	assert.ok(compared >= 5 && compared <= 8, `${compared} compared`);
	const refused = rs.filter((r) => r.body.code === 'too_many_attempts');
	assert.equal(refused.length, 60 - compared);
	assert.ok(refused.every((r) => Number(r.headers['retry-after']) >= 1));
	const fresh = waiting.at(-1);
	const code = totp(secret);
	await waitUntil(async () => (await verify({ mfa_token: fresh.mfa_token, code })).status === 200);
	assert.deepEqual(await svc.db.rows('select from throttle where bucket = \'second_factor\' and subject = $1', [u.auth_user_id]), []);
});

test('recovery codes: shown once, each good once', async () => {
	const { user: u, secret, token } = await enrolled();
	problem(await own('recovery-codes', token, { code: wrongTotp(secret) }), 401, 'otp_invalid');
	problem(await own('recovery-codes', token, { current_password: 'not the password' }), 401, 'invalid_credentials');
	for (const body of [{}, { code: '123456', current_password: u.password }, { code: 'nonsense' }])
		assert.equal((await own('recovery-codes', token, body)).status, 422);
	const r = await own('recovery-codes', token, { code: totp(secret) });
	assert.equal(r.status, 200, r.text);
	const codes = r.body.recovery_codes;
	assert.equal(new Set(codes).size, 10);
	for (const c of codes) assert.match(c, /^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$/);
	const stored = JSON.stringify(await svc.db.rows('select r::text from recovery_code r where person_id = $1', [u.auth_user_id]));
	for (const c of codes) assert.ok(!stored.includes(c.replaceAll('-', '')) && !stored.includes(c), 'in clear');

	const c = await challenged(u);
	const typed = codes[0].toUpperCase().replaceAll('-', ' ').replaceAll('0', 'O');
	const v = await verify({ mfa_token: c.mfa_token, code: typed });
	assert.equal(v.status, 200, v.text);
	assert.equal((await sessions(u)).at(-1).method, 'password_recovery');
	problem(await verify({ mfa_token: (await challenged(u)).mfa_token, code: codes[0] }), 401, 'otp_invalid');
	const waiting = await tickets(u, 10);
	const rs = await Promise.all(Array.from({ length: 60 }, (_, i) => verify({ mfa_token: waiting[i % 10].mfa_token, code: codes[1] })));
	assert.equal(rs.filter((x) => x.status === 200).length, 1);
	await forgive(u);
	// Another person's is none.
	const w = await enrolled();
	problem(await verify({ mfa_token: (await challenged(w.user)).mfa_token, code: codes[2] }), 401, 'otp_invalid');

	// A new set, by the password; the old one is void.
	const n = await own('recovery-codes', token, { current_password: u.password });
	assert.equal(n.status, 200, n.text);
	problem(await verify({ mfa_token: (await challenged(u)).mfa_token, code: codes[2] }), 401, 'otp_invalid');
	assert.equal((await verify({ mfa_token: (await challenged(u)).mfa_token, code: n.body.recovery_codes[9] })).status, 200);
	assert.deepEqual((await audits('recovery_codes_made', u)).map((a) => a.detail.by), ['totp', 'password']);
	assert.equal((await notices(u)).length, 3);
	const both = await Promise.all([1, 2, 3].map(() => own('recovery-codes', token, { current_password: u.password })));
	assert.ok(both.every((x) => x.status === 200));
	assert.equal((await svc.db.rows('select from recovery_code where person_id = $1', [u.auth_user_id])).length, 10);
});

test('a recovery code is a way in when nothing else is', async () => {
	const { user: u, secret, token } = await enrolled();
	const { body: { recovery_codes: codes } } = await own('recovery-codes', token, { current_password: u.password });
	await own('totp/remove', token, { code: codes[0] });
	for (let i = 0; i < 3; i++) await challenged(u);
	await svc.db.query('update challenge set ended_at = now() where person_id = $1', [u.auth_user_id]);
	const c = await challenged(u);
	assert.deepEqual(c.methods, ['recovery_code']);
	problem(await verify({ mfa_token: c.mfa_token, code: totp(secret) }), 401, 'otp_invalid');
	assert.equal((await verify({ mfa_token: c.mfa_token, code: codes[1] })).status, 200);
});

test('removing the app needs proof, ends other sessions, leaves the second factor on', async () => {
	const { user: u, secret, token } = await enrolled();
	const m = await challenged(u);
	const second = await verify({ mfa_token: m.mfa_token, code: totp(secret) });
	await nextStep(u);
	assert.equal((await svc.get('/auth/session', { key, token: second.body.access_token })).status, 200);
	problem(await own('totp/remove', token, { current_password: 'not the password' }), 401, 'invalid_credentials');
	problem(await own('totp/remove', token, { code: wrongTotp(secret) }), 401, 'otp_invalid');
	assert.deepEqual((await own('totp/remove', token)).body.errors.map((e) => e.field), ['current_password']);
	const r = await own('totp/remove', token, { code: totp(secret) });
	assert.equal(r.status, 200, r.text);
	assert.equal(r.body.enabled, false);
	assert.equal(r.body.revoked, 1);
	problem(await svc.get('/auth/session', { key, token: second.body.access_token }), 401, 'session_revoked');
	assert.equal((await svc.get('/auth/session', { key, token })).status, 200, 'the session that asked goes on');
	assert.deepEqual((await sessions(u)).map((s) => s.revoke_reason), [null, 'mfa_changed']);
	const [row] = await audits('totp_removed', u);
	assert.deepEqual(row.detail, { by: 'totp', sessions: 1 });
	assert.equal((await notices(u)).length, 2);
	problem(await own('totp/remove', token, { current_password: u.password }), 409, 'totp_not_enrolled');
	assert.deepEqual((await challenged(u)).methods, ['otp']);
	// And it may be enrolled again.
	const b = await own('totp', token);
	assert.equal((await own('totp/confirm', token, { code: totp(b.body.secret) })).status, 200);
	assert.equal((await own('totp/remove', token, { current_password: u.password })).status, 200);
});

test('guesses at the password of a stolen session are counted with those at the door', async () => {
	const { user: u, token } = await enrolled();
	const rs = await Promise.all(Array.from({ length: 20 }, () => own('totp/remove', token, { current_password: 'a wrong password' })));
	const compared = rs.filter((r) => r.body.code === 'invalid_credentials').length;
	assert.ok(compared >= 5 && compared <= 8, `${compared} compared`);
	assert.equal(rs.filter((r) => r.body.code === 'too_many_attempts').length, 20 - compared);
	const failures = async () => (await svc.db.rows('select failures from person_login where person_id = $1', [u.auth_user_id]))[0].failures;
	assert.ok(await failures() >= 5);
	// One wait for both doors; a longer one than a slow machine needs.
	const wait = (s) => svc.db.query('update person_login set wait_until = now() + $2 * interval \'1 s\' where person_id = $1', [u.auth_user_id, s]);
	await wait(60);
	problem(await login(u), 429, 'too_many_attempts');
	problem(await own('totp/remove', token, { current_password: u.password }), 429, 'too_many_attempts');
	await wait(0);
	const row = await waitUntil(async () => (await audits('factor_refused', u)).find((a) => a.outcome === 'invalid_credentials'));
	assert.equal(row.application_id, app.id);
	assert.equal((await own('totp/remove', token, { current_password: u.password })).status, 200);
	assert.equal(await failures(), 0);
});

test('enrolment is for the person\'s own session', async () => {
	const { user: u, token } = await enrolled();
	const other = await makeApp(svc);
	const { key: otherKey } = await makeKey(svc, other);
	for (const path of ['totp', 'totp/confirm', 'totp/remove', 'recovery-codes']) {
		const body = path === 'totp' ? {} : path === 'totp/confirm' ? { code: '123456' } : { current_password: u.password };
		problem(await svc.post(`/auth/mfa/${path}`, body, { key }), 401, 'token_missing');
		problem(await own(path, 'eyJ.no.token', body), 401, 'token_invalid');
		problem(await svc.post(`/auth/mfa/${path}`, body, { key: otherKey, token }), 401, 'token_invalid');
		problem(await svc.post(`/auth/mfa/${path}`, body, { token }), 401, 'api_key_missing');
		const r = await svc.request('DELETE', `/auth/mfa/${path}`, { key, token });
		assert.deepEqual([r.status, r.headers.allow], [405, 'POST']);
	}
	await svc.post('/auth/logout', {}, { key, token });
	for (const path of ['totp', 'totp/remove', 'recovery-codes'])
		problem(await own(path, token, path === 'totp' ? {} : { current_password: u.password }), 401, 'session_revoked');
	assert.equal((await svc.db.rows('select from totp where person_id = $1', [u.auth_user_id])).length, 1);
});

test('a sealed secret is of no use in another row', async () => {
	const [a, b] = [await enrolled(), await enrolled()];
	await svc.db.query('update totp t set secret = f.secret from totp f where f.person_id = $1 and t.person_id = $2', [a.user.auth_user_id, b.user.auth_user_id]);
	const c = await challenged(b.user);
	const r = await verify({ mfa_token: c.mfa_token, code: totp(a.secret) });
	assert.ok(r.status >= 400, r.text);
	assert.equal((await sessions(b.user)).length, 1);
});

test('no secret is in the log, none in clear in the database', async () => {
	const { user: u, secret, token } = await enrolled();
	const { body: { recovery_codes: codes } } = await own('recovery-codes', token, { current_password: u.password });
	const c = await challenged(u);
	const v = await verify({ mfa_token: c.mfa_token, code: codes[0] });
	assert.equal(v.status, 200);
	await waitUntil(() => svc.log.includes('/auth/mfa/recovery-codes'));
	for (const s of [secret, c.mfa_token, ...codes, u.password, v.body.refresh_token]) assert.ok(!svc.log.includes(s), 'a secret is in the log');
	for (const table of ['mfa_ticket', 'totp', 'recovery_code', 'challenge', 'outbox', 'audit']) {
		for (const { t } of await svc.db.rows(`select t::text from ${table} t`))
			for (const s of [secret, c.mfa_token, ...codes]) assert.ok(!t.includes(s), table);
	}
});
