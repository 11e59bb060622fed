// The console's session: the JSON sign-in, its cookie, who may call, step-up,
// and how each of it ends.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { auditRows, consoleLogin, cookieOf, makeAdmin, makeUser, setSetting, startService, waitUntil } from './harness.mjs';

const svc = await startService({ env: { IDENTITY_DEV_OTP: '1', IDENTITY_TRUSTED_PROXIES: '127.0.0.1' }, settings: { login_address_max: 0, otp_resend_s: 10, otp_window_max: 100, otp_day_max: 1000 } });
const login = (body, o) => svc.post('/setup/api/session', body, o);
const code = (r) => r.body?.code;

test('the right password of an administrator signs in; everybody else is nobody', async () => {
	const admin = await makeAdmin(svc, { mobile: '+919811100001' });
	const user = await makeUser(svc);
	for (const identifier of [admin.email.toUpperCase(), '98111 00001', '+919811100001']) {
		const r = await login({ identifier, password: admin.password });
		assert.equal(r.status, 200, r.text);
		assert.equal(r.body.person.auth_user_id, admin.auth_user_id);
		assert.equal(r.body.environment.dev_otp, true);
	}
	const off = await makeAdmin(svc);
	await svc.db.query(`update person set status = 'disabled' where auth_user_id = $1`, [off.auth_user_id]);
	const answers = [];
	for (const body of [{ identifier: admin.email, password: 'wrong' }, { identifier: user.email, password: user.password },
		{ identifier: off.email, password: off.password }, { identifier: 'nobody@example.org', password: 'x' }]) {
		const r = await login(body);
		assert.equal(r.status, 401);
		assert.equal(r.headers['set-cookie'], undefined);
		const { request_id: _, ...rest } = r.body;
		answers.push(JSON.stringify(rest));
	}
	assert.equal(new Set(answers).size, 1, answers.join('\n'));
	await waitUntil(async () => (await auditRows(svc.db, { event: 'login_failed' })).length > 0);
});

test('what is no JSON from the console is refused', async () => {
	const admin = await makeAdmin(svc);
	const good = { identifier: admin.email, password: admin.password };
	assert.equal(code(await login(undefined, { form: good })), 'unsupported_media_type');
	assert.equal(code(await login('{', { headers: { 'content-type': 'application/json' } })), 'malformed_request');
	assert.equal(code(await login({ identifier: admin.email })), 'invalid_parameter');
	for (const [site, want] of [['cross-site', 403], ['same-site', 403], ['none', 403], ['same-origin', 200]])
		assert.equal((await login(good, { headers: { 'sec-fetch-site': site } })).status, want, site);
});

test('the cookie: by the scheme that the person\'s side speaks', async () => {
	const admin = await makeAdmin(svc);
	const body = { identifier: admin.email, password: admin.password };
	const set = (r) => r.headers['set-cookie']?.[0];
	const plain = await login(body);
	assert.match(set(plain), /^identity_console=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
	const tls = await login(body, { https: true });
	assert.match(set(tls), /^__Host-identity_console=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
	const proxied = await login(body, { headers: { host: 'auth.example.org', 'x-forwarded-proto': 'https' } });
	assert.match(set(proxied), /^__Host-identity_console=.*; Secure$/);
	for (const host of ['auth.localhost', 'localhost', 'AUTH.LOCALHOST:8080'])
		assert.equal((await login(body, { headers: { host } })).status, 200, host);
	for (const headers of [{ host: 'auth.example.org' }, { host: 'auth.example.org', 'x-forwarded-proto': 'http' }, { host: '10.0.0.1' }, { host: 'localhost.example.org' }, { host: 'xlocalhost' }]) {
		const r = await login(body, { headers });
		assert.equal(code(r), 'https_required', JSON.stringify(headers));
		assert.equal(code(await svc.get('/setup/api/session', { headers })), 'https_required');
		const page = await svc.get('/setup', { headers });
		assert.equal(page.status, 403);
		assert.match(page.text, /HTTPS/);
		assert.ok(!(await svc.get('/setup/signin', { headers })).text.includes('<form'));
	}
	// The plain cookie is not taken for the one of HTTPS.
	const value = cookieOf(plain).split('=')[1];
	assert.equal((await svc.get('/setup/api/session', { headers: { cookie: `identity_console=${value}` } })).status, 200);
	assert.equal((await svc.get('/setup/api/session', { https: true, headers: { cookie: `identity_console=${value}` } })).status, 401);
});

test('an untrusted peer cannot say that it speaks HTTPS', async () => {
	const alone = await startService();
	const headers = { host: 'auth.example.org', 'x-forwarded-proto': 'https' };
	assert.equal((await alone.get('/setup', { headers })).status, 403);
	assert.equal(code(await alone.get('/setup/api/session', { headers })), 'https_required');
});

test('who changes something shows that it is the console', async () => {
	const c = await consoleLogin(svc);
	const calls = async (headers) => (await svc.request('POST', '/setup/api/session/step-up', { body: { password: 'x' }, headers: { cookie: c.cookie, ...headers } }));
	for (const headers of [{}, { 'x-csrf-token': '' }, { 'x-csrf-token': `${c.csrf}x` }, { 'x-csrf-token': c.csrf.replace(/^./, (x) => (x === 'A' ? 'B' : 'A')) },
		{ 'sec-fetch-site': 'cross-site', 'x-csrf-token': c.csrf }, { 'sec-fetch-site': 'same-site', 'x-csrf-token': c.csrf }, { 'sec-fetch-site': 'none' }])
		assert.equal(code(await calls(headers)), 'csrf_failed', JSON.stringify(headers));
	for (const headers of [{ 'x-csrf-token': c.csrf }, { 'sec-fetch-site': 'same-origin' }])
		assert.equal(code(await calls(headers)), 'invalid_credentials', JSON.stringify(headers));
	assert.equal((await svc.get('/setup/api/session', { headers: { cookie: c.cookie, 'sec-fetch-site': 'cross-site' } })).status, 200);
	await waitUntil(async () => (await auditRows(svc.db, { event: 'console_refused', outcome: 'csrf_failed' })).length > 0);
});

test('no session: none, a wrong one, an ended one', async () => {
	const c = await consoleLogin(svc);
	for (const cookie of ['', 'identity_console=', 'identity_console=x', `identity_console=${'A'.repeat(43)}`, `x${c.cookie}`, `${c.cookie}; ${c.cookie}`])
		assert.equal(code(await c.get('/session', { headers: { cookie } })), 'console_session_required', cookie);
	assert.equal((await c.get('/session')).status, 200);
	assert.equal((await c.del('/session')).status, 204);
	assert.equal(code(await c.get('/session')), 'console_session_required');
	assert.equal(code(await c.get('/nothing/here')), 'not_found');
	assert.equal((await c.request('PUT', '/session', { body: {} })).headers.allow, 'GET, HEAD, POST, DELETE');
});

test('one\'s own sessions are seen and ended; another\'s are not', async () => {
	const a = await consoleLogin(svc, { request: { headers: { 'user-agent': 'Browser/1' } } });
	const b = await consoleLogin(svc, { admin: a.admin });
	const other = await consoleLogin(svc);
	const list = (await a.get('/sessions')).body.data;
	assert.equal(list.length, 2);
	assert.deepEqual([list[0].is_current, list[0].user_agent, list[0].ip], [true, 'Browser/1', '127.0.0.1']);
	const [id] = (await other.get('/sessions')).body.data.map((s) => s.id);
	assert.equal(code(await a.del(`/sessions/${id}`)), 'session_not_found');
	assert.equal(code(await a.del('/sessions/nonsense')), 'not_found');
	assert.equal((await a.del(`/sessions/${list[1].id}`)).status, 204);
	assert.equal((await b.get('/session')).status, 401);
	assert.equal((await a.get('/session')).status, 200);
});

test('an administrator who may no longer is out with the next call', async () => {
	for (const change of [`status = 'disabled'`, 'is_admin = false']) {
		const c = await consoleLogin(svc);
		await svc.db.query(`update person set ${change} where auth_user_id = $1`, [c.admin.auth_user_id]);
		assert.equal((await c.get('/session')).status, 401, change);
	}
	const c = await consoleLogin(svc);
	await svc.cli(['admin', 'create', '--name', 'x', '--email', c.admin.email, '--password-stdin'], { stdin: 'another good long password\n' });
	assert.equal((await c.get('/session')).status, 401);
});

test('sessions end when idle, and at their absolute end', async () => {
	const c = await consoleLogin(svc);
	await svc.db.query(`update console_session set expires_at = now() - interval '1 second' where person_id = $1`, [c.admin.auth_user_id]);
	assert.equal((await c.get('/session')).status, 401);
	await setSetting(svc.db, 'console_absolute_s', 900);
	const d = await consoleLogin(svc);
	const left = Date.parse(d.session.expires_at) - Date.now();
	assert.ok(left > 600_000 && left <= 900_000, `${left}`);
	await setSetting(svc.db, 'console_absolute_s', 43200);
});

test('step-up by password: a new cookie, for five minutes', async () => {
	const c = await consoleLogin(svc);
	const old = { cookie: c.cookie, csrf: c.csrf };
	assert.equal(code(await c.post('/session/step-up', { password: 'wrong' })), 'invalid_credentials');
	assert.equal(code(await c.post('/session/step-up', {})), 'invalid_parameter');
	assert.equal(code(await c.post('/session/step-up', { password: 'x', code: '123456' })), 'invalid_parameter');
	assert.equal(code(await c.post('/session/step-up', { code: '123456' })), 'otp_invalid');
	const r = await c.stepUp();
	assert.ok(Date.parse(r.step_up_until) > Date.now() + 200_000);
	assert.notEqual(c.cookie, old.cookie);
	assert.equal((await c.get('/session')).body.step_up_until, r.step_up_until);
	// What was under way with the old one goes on, without the step-up.
	assert.equal((await c.get('/session', { headers: { cookie: old.cookie } })).status, 200);
	await svc.db.query(`update console_session set rotated_at = now() - interval '11 seconds' where person_id = $1`, [c.admin.auth_user_id]);
	assert.equal((await c.get('/session', { headers: { cookie: old.cookie } })).status, 401);
	assert.equal((await c.get('/session')).status, 200);
	assert.equal((await auditRows(svc.db, { event: 'console_step_up', actor_id: c.admin.auth_user_id })).length, 1);
});

test('step-up by a code that was sent: once, by its own person', async () => {
	const c = await consoleLogin(svc);
	const sent = await c.post('/session/step-up/code');
	assert.equal(sent.status, 200, sent.text);
	assert.match(sent.body.destination, /\*/);
	const proof = { challenge_id: sent.body.challenge_id, code: sent.body.dev_code };
	assert.equal(code(await c.post('/session/step-up/code')), 'otp_cooldown');
	const other = await consoleLogin(svc);
	const wrong = proof.code === '000000' ? '000001' : '000000';
	assert.equal(code(await c.post('/session/step-up', { ...proof, code: wrong })), 'otp_invalid');
	assert.equal(code(await c.post('/session/step-up', { ...proof, challenge_id: randomUUID() })), 'otp_invalid');
	const rs = await Promise.all([c, c, c].map((x) => x.post('/session/step-up', proof)));
	assert.equal(rs.filter((r) => r.status === 200).length, 1, rs.map((r) => r.text).join('\n'));
	assert.equal(code(await other.post('/session/step-up', proof)), 'otp_invalid');
});

test('five wrong passwords cost waits, signed in or not', async () => {
	const c = await consoleLogin(svc);
	for (let i = 0; i < 5; i++) assert.equal(code(await c.post('/session/step-up', { password: 'wrong' })), 'invalid_credentials');
	for (const r of [await c.post('/session/step-up', { password: c.admin.password }), await login({ identifier: c.admin.email, password: c.admin.password })]) {
		assert.equal(code(r), 'too_many_attempts');
		assert.ok(Number(r.headers['retry-after']) >= 1);
	}
	for (let i = 0; i < 5; i++) assert.equal((await login({ identifier: 'stranger@example.org', password: 'x' })).status, 401);
	assert.equal((await login({ identifier: 'stranger@example.org', password: 'x' })).status, 429);
});

test('a second factor is asked for where it is set', async () => {
	const admin = await makeAdmin(svc);
	await svc.db.query('update person set mfa_enabled = true where auth_user_id = $1', [admin.auth_user_id]);
	const first = await login({ identifier: admin.email, password: admin.password });
	assert.equal(first.status, 200);
	assert.equal(first.headers['set-cookie'], undefined);
	assert.deepEqual([first.body.mfa_required, first.body.methods], [true, ['otp']]);
	const verify = (body) => svc.post('/setup/api/session/verify', body);
	const token = first.body.mfa_token;
	assert.equal(code(await verify({ mfa_token: token, code: first.body.dev_code === '000000' ? '000001' : '000000' })), 'otp_invalid');
	assert.equal(code(await verify({ mfa_token: 'nonsense', code: first.body.dev_code })), 'otp_invalid');
	const rs = await Promise.all([1, 2, 3].map(() => verify({ mfa_token: token, code: first.body.dev_code })));
	assert.equal(rs.filter((r) => r.status === 200).length, 1);
	const good = rs.find((r) => r.status === 200);
	assert.equal(good.body.person.auth_user_id, admin.auth_user_id);
	assert.equal((await svc.get('/setup/api/session', { headers: { cookie: cookieOf(good) } })).status, 200);
	// The ticket is one of the console's, not an application's.
	const again = await login({ identifier: admin.email, password: admin.password });
	for (let i = 0; i < 5; i++) await verify({ mfa_token: again.body.mfa_token, code: '00000000' });
	assert.equal(code(await verify({ mfa_token: again.body.mfa_token, code: again.body.dev_code ?? '1234567' })), 'otp_invalid');
});

test('mfa_admin_required holds for every administrator', async () => {
	await setSetting(svc.db, 'mfa_admin_required', true);
	const admin = await makeAdmin(svc);
	const r = await login({ identifier: admin.email, password: admin.password });
	assert.equal(r.body.mfa_required, true, r.text);
	await setSetting(svc.db, 'mfa_admin_required', false);
});
