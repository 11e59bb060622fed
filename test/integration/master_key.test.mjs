// The master key is changed (security.md 3.10): a service that knows the one
// before goes on with all that it made, identityd reseal moves it, and then the
// new key is enough.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { auditRows, consoleLogin, makeCast, makeUser, setSetting, signIn, startService, waitUntil } from './harness.mjs';
import { totp } from './harness_totp.mjs';

const key32 = () => randomBytes(32).toString('base64');
const [first, second] = [key32(), key32()];
const svc = await startService({ env: { IDENTITY_MASTER_KEY: first, IDENTITY_DEV_OTP: '1' } });
const { app, key, user } = await makeCast(svc);
const HEAD = `select encode(substr(s, 1, 5), 'hex') as head, count(*)::int4 as n from (
	select secrets as s from provider union all select secret from token_key union all select secret from totp
	union all select secret from webhook union all select payload from outbox where payload is not null) x group by 1 order by 2`;
const again = async (env) => {
	await svc.stop();
	svc.env = { ...svc.env, ...env };
	for (const [k, v] of Object.entries(env)) if (v === undefined) delete svc.env[k];
	svc.spawn();
	await svc.ready();
};

const person = await makeUser(svc, { apps: [app] });
const own = (path, token, body = {}) => svc.post(`/auth/mfa/${path}`, body, { key, token });
let secret, codes, cursor, access, refresh;
const signInBy = async (code) => {
	const { body: { mfa_token } } = await svc.post('/auth/login', { identifier: person.email, password: person.password }, { key });
	const r = await svc.post('/auth/otp/verify', { mfa_token, code }, { key });
	await svc.db.query('update totp set last_step = 0');
	return r.status;
};
const sync = (c) => svc.get(`/users/sync?cursor=${c}`, { key });

test('before: secrets of every kind under the first key', async () => {
	const { access_token: token } = await signIn(svc, { key, user: person });
	secret = (await own('totp', token)).body.secret;
	assert.equal((await own('totp/confirm', token, { code: totp(secret) })).status, 200);
	await svc.db.query('update totp set last_step = 0');
	codes = (await own('recovery-codes', token, { current_password: person.password })).body.recovery_codes;
	const provider = { name: 'mail', type: 'smtp', enabled: true, host: 'mail.example', port: 587, username: 'u', password: 'hunter22hunter', from: 'a@b.example' };
	assert.equal((await svc.cli(['provider', 'apply', '-'], { stdin: JSON.stringify(provider) })).code, 0);
	const admin = await consoleLogin(svc);
	assert.equal((await admin.put(`/applications/${app.id}/webhook`, { url: 'https://hook.example/x', enabled: true })).status, 201);
	({ access_token: access, refresh_token: refresh } = await signIn(svc, { key, user }));
	({ cursor } = (await svc.get('/users/sync', { key })).body);
	const [one, ...others] = await svc.db.rows(HEAD);
	assert.deepEqual(others, []);
	assert.ok(one.n >= 4, `${one.n} secrets`);
});

test('another key alone does not start, and says why', async () => {
	await svc.stop();
	const r = await svc.cli(['serve'], { env: { IDENTITY_MASTER_KEY: second }, timeoutMs: 10_000 });
	assert.equal(r.code, 1);
	assert.match(r.stdout + r.stderr, /IDENTITY_MASTER_KEY/);
});

test('with both, all that the first one made is good', async () => {
	svc.env = { ...svc.env, IDENTITY_MASTER_KEY: second, IDENTITY_MASTER_KEY_OLD: first };
	svc.spawn();
	await svc.ready();
	assert.equal((await svc.get('/auth/session', { key, token: access })).status, 200);
	assert.equal((await sync(cursor)).status, 200);
	assert.equal(await signInBy(totp(secret)), 200);
	assert.equal(await signInBy(codes[0]), 200);
	assert.equal(await signInBy(codes[0]), 401, 'once');
	assert.match((await svc.cli(['config'])).stdout, /^IDENTITY_MASTER_KEY_OLD=set \(sha256 /m);
	// What is made now is under the new one.
	assert.equal((await svc.post('/auth/token/refresh', { refresh_token: refresh }, { key })).status, 200);
	({ cursor } = (await sync(cursor)).body);
});

test('reseal moves them while the service runs, once', async () => {
	const r = await svc.cli(['reseal', '--json']);
	assert.equal(r.code, 0, r.stderr);
	assert.ok(r.json().resealed >= 4);
	assert.equal(r.json().unreadable, 0);
	assert.equal((await svc.db.rows(HEAD)).length, 1);
	assert.deepEqual((await svc.cli(['reseal', '--json'])).json(), { resealed: 0, unreadable: 0 });
	const rows = await auditRows(svc.db, { event: 'secrets_resealed' });
	assert.deepEqual(rows.map((a) => a.detail.place).filter((p) => !p.startsWith('outbox')), ['provider/secrets', 'token_key/secret', 'totp/secret', 'webhook/secret']);
	assert.equal(await signInBy(totp(secret)), 200);
	await setSetting(svc.db, 'brand_name', 'Loaded again');	// the keys of tokens with it
	await waitUntil(async () => (await svc.get('/auth/session', { key, token: access })).status === 200);
});

test('then the new key is enough; recovery codes of before are not', async () => {
	await again({ IDENTITY_MASTER_KEY_OLD: undefined });
	assert.equal((await svc.get('/auth/session', { key, token: access })).status, 200);
	assert.equal((await sync(cursor)).status, 200);
	assert.equal(await signInBy(totp(secret)), 200);
	assert.equal(await signInBy(codes[1]), 401);
	const list = await svc.cli(['provider', 'list', '--json']);
	assert.equal(list.json()[0].password.set, true);
});

test('many secrets, pages of them; what nobody can open is counted and left', async () => {
	await svc.db.query(`insert into person (name) select 'P' || g from generate_series(1, 450) g`);
	await svc.db.query(`insert into totp (person_id, secret) select auth_user_id, '\\x0100000000${'00'.repeat(48)}' from person where name like 'P%' and not exists (select from totp t where t.person_id = person.auth_user_id)`);
	const before = await svc.db.rows('select person_id, secret from totp order by 1');
	const third = key32();
	const r = await svc.cli(['reseal', '--json'], { env: { IDENTITY_MASTER_KEY: third, IDENTITY_MASTER_KEY_OLD: second } });
	assert.equal(r.code, 1);
	assert.deepEqual([r.json().unreadable >= 450, r.json().resealed >= 4], [true, true]);
	assert.match(r.stderr, /neither master key/);
	const changed = (await svc.db.rows('select person_id, secret from totp order by 1')).filter((t, i) => !t.secret.equals(before[i].secret));
	assert.equal(changed.length, 1);
	assert.equal((await svc.cli(['reseal'])).code, 2, 'both keys are needed');
	assert.equal((await svc.cli(['reseal', '--json'], { env: { IDENTITY_MASTER_KEY: second, IDENTITY_MASTER_KEY_OLD: third } })).code, 1);
	assert.equal(await signInBy(totp(secret)), 200);
});
