// Keys of access tokens: EdDSA, rotation, the JWK set, introspection and
// revocation, as the clients jose and oauth4webapi see them.

import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { createLocalJWKSet, createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { SLOW, auditRows, makeApp, makeCast, makeKey, makeUser, setSetting, signIn, startService, waitUntil } from './harness.mjs';

globalThis.crypto ??= webcrypto;	// Node 18 has it under this name only
const oauth = await import('oauth4webapi');

const svc = await startService();
const { app, key, user } = await makeCast(svc);
const jwks = async () => (await svc.get('/.well-known/jwks.json')).body;
const session = (token) => svc.get('/auth/session', { key, token });
const refresh = (token) => svc.post('/auth/token/refresh', { refresh_token: token }, { key });
const introspect = (token, o = {}) => svc.post('/auth/introspect', { token }, { key, ...o });
const kidOf = (token) => decodeProtectedHeader(token).kid;
const keyList = async () => (await svc.cli(['token-key', 'list', '--json'])).json();
// As if the key had been made long ago: it may sign, and be replaced.
async function age() {
	await svc.db.query(`update token_key set created_at = created_at - interval '1 minute', retired_at = retired_at - interval '1 minute'`);
}

// True several times running: connections go round, so every worker said so.
const everywhere = (fn) => waitUntil(async () => {
	for (let i = 0; i < 8; i++) if (!await fn()) return false;
	return true;
});

// An authorization server as oauth4webapi knows one.
const server = () => ({
	issuer: svc.url, jwks_uri: `${svc.url}/.well-known/jwks.json`,
	introspection_endpoint: `${svc.url}/auth/introspect`, revocation_endpoint: `${svc.url}/auth/revoke`,
});
const client = { client_id: app.id };
const options = () => ({ headers: { 'X-Auth-Service-Key': key }, [oauth.allowInsecureRequests]: true });

test('under HS256 the key set is empty, and may be kept', async () => {
	const r = await svc.get('/.well-known/jwks.json');
	assert.equal(r.status, 200);
	assert.deepEqual(r.body, { keys: [] });
	assert.equal(r.headers['cache-control'], 'public, max-age=300');
	assert.match(r.headers['content-type'], /^application\/json/);
	assert.equal((await svc.post('/.well-known/jwks.json', {})).headers.allow, 'GET, HEAD');
});

test('introspection: access tokens of this application', async () => {
	const t = await signIn(svc, { key, user });
	const r = await introspect(t.access_token);
	assert.equal(r.status, 200, r.text);
	assert.match(r.headers['cache-control'], /no-store/);
	const claims = JSON.parse(Buffer.from(t.access_token.split('.')[1], 'base64url'));
	assert.deepEqual(r.body, {
		active: true, client_id: app.id, username: user.email, token_type: 'Bearer', exp: claims.exp, iat: claims.iat,
		sub: user.auth_user_id, aud: app.id, iss: svc.url, jti: claims.jti, sid: t.session.id,
	});
	const form = await svc.request('POST', '/auth/introspect', { key, form: { token: t.access_token, token_type_hint: 'refresh_token' } });
	assert.deepEqual(form.body, r.body, 'a wrong hint is only a hint');
});

test('introspection: refresh tokens, before and after they are spent', async () => {
	const u = await makeUser(svc, { apps: [app], email: null, mobile: '+919876500077' });
	const t = await signIn(svc, { key, user: u });
	const { body } = await introspect(t.refresh_token);
	assert.deepEqual(Object.keys(body), ['active', 'client_id', 'username', 'token_type', 'exp', 'iat', 'sub', 'aud', 'iss', 'sid']);
	assert.deepEqual([body.active, body.token_type, body.username, body.sub, body.sid, body.exp - body.iat],
		[true, 'refresh_token', '+919876500077', u.auth_user_id, t.session.id, 604800]);
	const n = (await refresh(t.refresh_token)).body;
	assert.deepEqual((await introspect(t.refresh_token)).body, { active: false });
	assert.equal((await introspect(n.refresh_token)).body.active, true);
});

test('introspection: everything else is not active, and no more is said', async () => {
	const u = await makeUser(svc, { apps: [app] });
	const second = await makeApp(svc);
	const { key: key2 } = await makeKey(svc, second);
	const t = await signIn(svc, { key, user: u });
	const off = async (token, o) => {
		const r = await introspect(token, o);
		assert.deepEqual([r.status, r.text], [200, '{"active":false}'], token.slice(0, 40));
	};
	for (const token of [t.access_token, t.refresh_token]) await off(token, { key: key2 });
	for (const token of ['x', 'two words', `isr_${'A'.repeat(43)}`, `${t.access_token}A`, 'é', 'a'.repeat(4096)]) await off(token);
	await svc.db.query(`update person set status = 'disabled' where auth_user_id = $1`, [u.auth_user_id]);
	for (const token of [t.access_token, t.refresh_token]) await off(token);
	await svc.db.query(`update person set status = 'active' where auth_user_id = $1`, [u.auth_user_id]);
	const s = await signIn(svc, { key, user: u });
	await svc.db.query('delete from assignment where person_id = $1', [u.auth_user_id]);
	for (const token of [s.access_token, s.refresh_token]) await off(token);
	await svc.db.query('insert into assignment (application_id, person_id) values ($1, $2)', [app.id, u.auth_user_id]);
	const x = await signIn(svc, { key, user: u });
	await svc.db.query('update session set expires_at = now() where id = $1', [x.session.id]);
	for (const token of [x.access_token, x.refresh_token]) await off(token);
	for (const path of ['/auth/introspect', '/auth/revoke']) {
		assert.equal((await svc.post(path, { token: t.access_token })).body.code, 'api_key_missing', 'the key is the client\'s authentication');
		for (const body of [{}, { token: '' }, { token: 1 }, { token: 'a'.repeat(4097) }]) {
			const r = await svc.post(path, body, { key });
			assert.equal(r.status, 422, path);
			assert.deepEqual(r.body.errors.map((e) => e.field), ['token']);
		}
		assert.equal((await svc.get(path, { key })).headers.allow, 'POST');
	}
});

test('revocation: the family of a refresh token, the session of an access token, 200 for the rest', async () => {
	const revoke = (token, o = {}) => svc.post('/auth/revoke', { token, token_type_hint: 'refresh_token' }, { key, ...o });
	const second = await makeApp(svc);
	const { key: key2 } = await makeKey(svc, second);
	const [a, b, c] = [await signIn(svc, { key, user }), await signIn(svc, { key, user }), await signIn(svc, { key, user })];
	for (const t of [a, b, c]) for (let i = 0; i < 4; i++) assert.equal((await session(t.access_token)).status, 200);
	const a2 = (await refresh(a.refresh_token)).body;
	for (const token of [a.refresh_token, b.access_token]) {
		const r = await revoke(token, { key: key2 });
		assert.deepEqual([r.status, r.body], [200, { revoked: 0 }], 'another application\'s');
	}
	for (const token of [a2.refresh_token, b.access_token]) {
		const r = await revoke(token);
		assert.deepEqual([r.status, r.body], [200, { revoked: 1 }], r.text);
		assert.deepEqual((await revoke(token)).body, { revoked: 0 });
	}
	for (const t of [a, a2, b]) {
		assert.equal((await session(t.access_token)).body.code, 'session_revoked');
		assert.equal((await refresh(t.refresh_token)).body.code, 'refresh_invalid');
	}
	assert.equal((await session(c.access_token)).status, 200);
	for (const token of ['x', `isr_${'A'.repeat(43)}`, 'two words']) assert.deepEqual((await revoke(token)).body, { revoked: 0 });
	assert.equal((await auditRows(svc.db, { event: 'logout', session_id: a.session.id })).length, 1);
	const form = await svc.request('POST', '/auth/revoke', { key, form: { token: c.refresh_token } });
	assert.deepEqual(form.body, { revoked: 1 });
});

test('rotation to EdDSA: the old key verifies on, the new one signs when all know it', async () => {
	const before = await signIn(svc, { key, user });
	await setSetting(svc.db, 'token_alg', 'EdDSA');
	await age();
	const r = await svc.cli(['token-key', 'rotate', '--json']);
	assert.equal(r.code, 0, r.stderr);
	const made = r.json();
	assert.equal(made.alg, 'EdDSA');
	const keys = await waitUntil(async () => {
		const { keys: all } = await jwks();
		return all.length === 1 && all;
	});
	assert.deepEqual({ ...keys[0], x: '' }, { kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA', kid: made.kid, x: '' });
	assert.equal(Buffer.from(keys[0].x, 'base64url').length, 32);
	// Published first, used after: no verifier meets a kid that it cannot find.
	assert.equal(kidOf((await signIn(svc, { key, user })).access_token), kidOf(before.access_token));
	const again = await svc.cli(['token-key', 'rotate']);
	assert.equal(again.code, 1);
	assert.match(again.stderr, /wait 5 seconds/);
	// By itself after 5 seconds; nobody says anything more to the workers.
	const t = await waitUntil(async () => {
		const x = await signIn(svc, { key, user });
		return kidOf(x.access_token) === made.kid && x;
	}, { timeoutMs: 8_000 * SLOW, stepMs: 200 });
	assert.deepEqual(decodeProtectedHeader(t.access_token), { alg: 'EdDSA', kid: made.kid, typ: 'at+jwt' });
	for (const token of [before.access_token, t.access_token])
		for (let i = 0; i < 6; i++) assert.equal((await session(token)).status, 200);
	const list = await keyList();
	assert.deepEqual(list.map((k) => [k.alg, k.state]), [['EdDSA', 'signing'], ['HS256', 'verifying']]);
	assert.equal(Date.parse(list[1].expires_at) - Date.parse(list[1].retired_at), 86_405_000);
	const [row] = await auditRows(svc.db, { event: 'token_key_rotated' });
	assert.deepEqual([row.key_id, row.detail.alg, row.detail.previous, row.request_id], [made.kid, 'EdDSA', [kidOf(before.access_token)], 'cli']);
	assert.match((await svc.cli(['token-key', 'list'])).stdout, new RegExp(`${made.kid}  EdDSA  signing`));
});

test('jose verifies them with the published keys alone', async () => {
	const t = await signIn(svc, { key, user });
	const remote = createRemoteJWKSet(new URL(`${svc.url}/.well-known/jwks.json`));
	const want = { issuer: svc.url, audience: app.id, typ: 'at+jwt', algorithms: ['EdDSA'] };
	const { payload } = await jwtVerify(t.access_token, remote, want);
	assert.deepEqual([payload.sub, payload.sid, payload.client_id, payload.exp - payload.iat], [user.auth_user_id, t.session.id, app.id, 900]);
	await assert.rejects(jwtVerify(t.access_token, remote, { ...want, audience: user.auth_user_id }), { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' });
	const [head, body, sig] = t.access_token.split('.');
	const forged = Buffer.from(sig, 'base64url');
	forged[0] ^= 1;
	await assert.rejects(jwtVerify(`${head}.${body}.${forged.toString('base64url')}`, remote, want), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
	assert.equal((await session(`${head}.${body}.${forged.toString('base64url')}`)).body.code, 'token_invalid');
});

test('a public key is no secret: HS256 signed with it is refused', async () => {
	const t = await signIn(svc, { key, user });
	const { keys: [jwk] } = await jwks();
	const head = Buffer.from(JSON.stringify({ alg: 'HS256', kid: jwk.kid, typ: 'at+jwt' })).toString('base64url');
	const data = `${head}.${t.access_token.split('.')[1]}`;
	for (const secret of [Buffer.from(jwk.x, 'base64url'), Buffer.from(jwk.x)]) {
		const k = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
		const mac = Buffer.from(await crypto.subtle.sign('HMAC', k, Buffer.from(data))).toString('base64url');
		assert.equal((await session(`${data}.${mac}`)).body.code, 'token_invalid');
	}
});

test('oauth4webapi: an RFC 9068 access token at a resource server', async () => {
	const t = await signIn(svc, { key, user });
	const at = (token) => new Request('https://resource.example/', { headers: { authorization: `Bearer ${token}` } });
	const claims = await oauth.validateJwtAccessToken(server(), at(t.access_token), app.id, { [oauth.allowInsecureRequests]: true });
	assert.deepEqual([claims.iss, claims.sub, claims.client_id, claims.aud], [svc.url, user.auth_user_id, app.id, app.id]);
	await assert.rejects(oauth.validateJwtAccessToken(server(), at(t.access_token), 'https://other.example', { [oauth.allowInsecureRequests]: true }));
});

test('oauth4webapi: introspection and revocation', async () => {
	const t = await signIn(svc, { key, user });
	const ask = async (token) => oauth.processIntrospectionResponse(server(), client,
		await oauth.introspectionRequest(server(), client, oauth.None(), token, options()));
	const r = await ask(t.access_token);
	assert.deepEqual([r.active, r.sub, r.client_id, r.token_type, r.sid], [true, user.auth_user_id, app.id, 'Bearer', t.session.id]);
	assert.equal((await ask(t.refresh_token)).active, true);
	for (const token of [t.refresh_token, 'unknown'])
		assert.equal(await oauth.processRevocationResponse(await oauth.revocationRequest(server(), client, oauth.None(), token, options())), undefined);
	assert.deepEqual(await ask(t.access_token), { active: false });
	assert.deepEqual(await ask(t.refresh_token), { active: false });
});

test('the overlap ends by itself, and the number of keys is bounded', async () => {
	const { keys: [first] } = await jwks();
	const t = await signIn(svc, { key, user });
	for (let i = 0; i < 2; i++) {
		await age();
		assert.equal((await svc.cli(['token-key', 'rotate'])).code, 0);
	}
	await age();
	const full = await svc.cli(['token-key', 'rotate']);
	assert.equal(full.code, 1);
	assert.match(full.stderr, /4 keys are alive already/);
	await everywhere(async () => (await jwks()).keys.length === 3);
	assert.equal((await session(t.access_token)).status, 200);
	// The set is told again for this change, not for what follows from it.
	await svc.db.query(`update token_key set expires_at = now() + interval '1500 milliseconds' where kid = $1`, [first.kid]);
	assert.equal((await session(t.access_token)).status, 200);
	await everywhere(async () => (await session(t.access_token)).body.code === 'token_invalid');
	await everywhere(async () => (await jwks()).keys.every((k) => k.kid !== first.kid));
});

test('after a theft: the other keys are void at once, sessions go on', async () => {
	const t = await signIn(svc, { key, user });
	const { keys } = await jwks();
	const stale = createLocalJWKSet({ keys });
	await jwtVerify(t.access_token, stale);
	const r = await svc.cli(['token-key', 'rotate', '--drop-old', '--json']);
	assert.equal(r.code, 0, r.stderr);
	await everywhere(async () => {
		const all = (await jwks()).keys;
		return all.length === 1 && all[0].kid === r.json().kid;
	});
	await everywhere(async () => (await session(t.access_token)).body.code === 'token_invalid');
	const n = await refresh(t.refresh_token);
	assert.equal(n.status, 200);
	assert.equal(kidOf(n.body.access_token), r.json().kid);
	await assert.rejects(jwtVerify(n.body.access_token, stale), { code: 'ERR_JWKS_NO_MATCHING_KEY' });
	assert.equal((await session(n.body.access_token)).status, 200);
	assert.deepEqual((await keyList()).filter((k) => k.state !== 'expired').map((k) => k.state), ['signing']);
});

test('the command line', async () => {
	for (const [args, code, out] of [[['token-key'], 2, ''], [['token-key', '--help'], 0, /rotate/], [['token-key', 'rotate', '--help'], 0, /--drop-old/],
		[['token-key', 'list', 'x'], 2, ''], [['token-key', 'nonsense'], 2, '']]) {
		const r = await svc.cli(args);
		assert.equal(r.code, code, args.join(' '));
		if (out !== '') assert.match(r.stdout, out);
	}
	const r = await svc.cli(['token-key', 'rotate'], { env: { IDENTITY_DATA_DIR: `${svc.dir}/nowhere` } });
	assert.equal(r.code, 1);
	assert.match(r.stderr, /IDENTITY_MASTER_KEY/);
});

test('a fresh installation follows the setting', async () => {
	const fresh = await startService({ settings: { token_alg: 'EdDSA' } });
	const cast = await makeCast(fresh);
	const t = await signIn(fresh, cast);
	assert.equal(decodeProtectedHeader(t.access_token).alg, 'EdDSA');
	assert.equal((await fresh.get('/auth/session', { key: cast.key, token: t.access_token })).status, 200);
	await fresh.stop();
});
