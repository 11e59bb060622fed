// An administrator's own authenticator app and recovery codes, from enrolling
// to removing, and what the sign-in makes of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditRows, consoleLogin, cookieOf, makeApp, makeKey, makeUser, setSetting, signIn, startService } from './harness.mjs';
import { totp, wrongTotp } from './harness_totp.mjs';

const svc = await startService({ env: { IDENTITY_DEV_OTP: '1' }, settings: { login_address_max: 0 } });
const is = (r, status, code) => assert.equal(`${r.status} ${r.body?.code ?? ''}`, `${status} ${code ?? ''}`, r.text);
const nextStep = (a) => svc.db.query('update totp set last_step = 0 where person_id = $1', [a.auth_user_id]);
const events = async (a) => (await auditRows(svc.db, { subject_id: a.auth_user_id })).filter((r) => /^(totp|recovery_codes)_/.test(r.event)).map((r) => r.event);
const notices = (a) => svc.db.rows(`select channel, destination from outbox where kind = 'notice' and person_id = $1`, [a.auth_user_id]);

// Signed in with an app that is in force: { c, secret }.
async function enrolled() {
	const c = await consoleLogin(svc);
	await c.stepUp();
	const { body } = await c.post('/account/mfa/totp', {});
	is(await c.post('/account/mfa/totp/confirm', { code: totp(body.secret) }), 200);
	await nextStep(c.admin);
	return { c, secret: body.secret };
}
async function factorWanted(admin) {
	const r = await svc.post('/setup/api/session', { identifier: admin.email, password: admin.password });
	is(r, 200);
	assert.equal(r.body.mfa_required, true);
	return r.body;
}

test('an app is enrolled after a step-up, and holds from then on', async () => {
	const c = await consoleLogin(svc);
	is(await c.post('/account/mfa/totp', {}), 403, 'step_up_required');
	is(await c.post('/account/mfa/totp/confirm', { code: '123456' }), 409, 'totp_not_enrolled');
	await c.stepUp();
	const first = await c.post('/account/mfa/totp', {});
	is(first, 200);
	const { body } = await c.post('/account/mfa/totp', {});
	assert.notEqual(body.secret, first.body.secret);
	const uri = new URL(body.otpauth_uri);
	assert.equal(uri.searchParams.get('secret'), body.secret);
	assert.match(decodeURIComponent(uri.pathname), new RegExp(c.admin.email));
	assert.match(body.qr_svg, /^<svg /);
	assert.equal((await c.get('/account/mfa')).body.totp, null, 'not before it is confirmed');
	is(await c.post('/account/mfa/totp/confirm', { code: wrongTotp(body.secret) }), 422, 'invalid_parameter');
	is(await c.post('/account/mfa/totp/confirm', { code: totp(first.body.secret) }), 422, 'invalid_parameter');
	const done = await c.post('/account/mfa/totp/confirm', { code: totp(body.secret) });
	is(done, 200);
	assert.equal(done.body.mfa_enabled, true);
	assert.equal(done.body.recovery_left, 0);
	is(await c.post('/account/mfa/totp/confirm', { code: totp(body.secret) }), 409, 'totp_enrolled');
	is(await c.post('/account/mfa/totp', {}), 409, 'totp_enrolled');
	assert.equal((await c.get('/session')).body.person.has_totp, true);
	assert.deepEqual(await notices(c.admin), [{ channel: 'email', destination: c.admin.email }]);
	assert.deepEqual(await events(c.admin), ['totp_begun', 'totp_begun', 'totp_confirmed']);
});

test('signing in and stepping up take its code, once', async () => {
	const { c, secret } = await enrolled();
	const wanted = await factorWanted(c.admin);
	assert.deepEqual(wanted.methods.includes('totp'), true);
	const code = totp(secret);
	const r = await svc.post('/setup/api/session/verify', { mfa_token: wanted.mfa_token, code });
	is(r, 200);
	is(await svc.post('/setup/api/session/verify', { mfa_token: (await factorWanted(c.admin)).mfa_token, code }), 401, 'otp_invalid');
	await nextStep(c.admin);
	const up = await svc.post('/setup/api/session/step-up', { code: totp(secret) }, { headers: { cookie: cookieOf(r), 'x-csrf-token': r.body.csrf_token } });
	is(up, 200);
});

test('recovery codes: a set, each once; new ones void the old ones', async () => {
	const { c } = await enrolled();
	const fresh = await consoleLogin(svc);
	is(await fresh.post('/account/mfa/recovery-codes', {}), 403, 'step_up_required');
	const old = (await c.post('/account/mfa/recovery-codes', {})).body.recovery_codes;
	const { body: { recovery_codes: codes } } = await c.post('/account/mfa/recovery-codes', {});
	assert.equal(new Set([...old, ...codes]).size, 20);
	assert.equal((await c.get('/account/mfa')).body.recovery_left, 10);
	const use = async (code) => svc.post('/setup/api/session/verify', { mfa_token: (await factorWanted(c.admin)).mfa_token, code });
	is(await use(old[0]), 401, 'otp_invalid');
	is(await use(codes[3]), 200);
	is(await use(codes[3]), 401, 'otp_invalid');
	assert.equal((await c.get('/account/mfa')).body.recovery_left, 9);
});

test('removing ends the other sessions, everywhere', async () => {
	const { c, secret } = await enrolled();
	const app = await makeApp(svc);
	const { key } = await makeKey(svc, app);
	is(await c.put(`/users/${c.admin.auth_user_id}/applications/${app.id}`), 200);
	await svc.db.query('update person set mfa_enabled = false where auth_user_id = $1', [c.admin.auth_user_id]);
	const t = await signIn(svc, { key, user: c.admin });
	await svc.db.query('update person set mfa_enabled = true where auth_user_id = $1', [c.admin.auth_user_id]);
	const wanted = await factorWanted(c.admin);
	const other = await svc.post('/setup/api/session/verify', { mfa_token: wanted.mfa_token, code: totp(secret) });
	is(other, 200);
	const gone = await c.del('/account/mfa/totp');
	is(gone, 200);
	assert.equal(gone.body.totp, null);
	assert.equal(gone.body.mfa_enabled, true, 'codes by message from now on');
	is(await svc.get('/setup/api/session', { headers: { cookie: cookieOf(other) } }), 401, 'console_session_required');
	is(await c.del('/account/mfa/totp'), 409, 'totp_not_enrolled');
	assert.equal((await factorWanted(c.admin)).methods.includes('totp'), false);
	assert.equal((await events(c.admin)).at(-1), 'totp_removed');
	is(await svc.get('/auth/session', { key, token: t.access_token }), 401, 'session_revoked');
});

test('nobody is left without a factor that is needed', async () => {
	const strict = await startService({});
	const c = await consoleLogin(strict);
	await c.stepUp();
	const { body } = await c.post('/account/mfa/totp', {});
	is(await c.post('/account/mfa/totp/confirm', { code: totp(body.secret) }), 200);
	is(await c.del('/account/mfa/totp'), 409, 'last_factor');
	const u = `/users/${c.admin.auth_user_id}`;
	const { headers } = await c.get(u);
	is(await c.patch(u, { mfa_enabled: false }, { version: JSON.parse(headers.etag) }), 200);
	await setSetting(strict.db, 'mfa_admin_required', true);
	is(await c.del('/account/mfa/totp'), 409, 'last_factor');
	await setSetting(strict.db, 'mfa_admin_required', false);
	is(await c.del('/account/mfa/totp'), 200);
});

test('a person who is no administrator has none of this', async () => {
	const app = await makeApp(svc);
	const { key } = await makeKey(svc, app);
	const t = await signIn(svc, { key, user: await makeUser(svc, { apps: [app] }) });
	is(await svc.get('/setup/api/account/mfa', { headers: { authorization: `Bearer ${t.access_token}` } }), 401, 'console_session_required');
});
