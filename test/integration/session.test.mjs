// GET, POST /auth/session and POST /auth/logout: what was revoked, disabled,
// unassigned or edited is seen by the very next call, on every worker.

import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { auditRows, makeApp, makeCast, makeKey, makeUser, setSetting, signIn, startService, waitUntil } from './harness.mjs';

const svc = await startService();
const { app, key, user } = await makeCast(svc);
const session = (token, o) => svc.get('/auth/session', { key, token, ...o });

// Connections that stay open and are spread over all workers.
function spread(n) {
	const agents = Array.from({ length: n }, () => new http.Agent({ keepAlive: true, maxSockets: 1 }));
	return {
		ask: (token, o) => Promise.all(agents.map((agent) => session(token, { agent, ...o }))),
		end: () => agents.forEach((a) => a.destroy()),
	};
}

// Asks until the answer comes from memory on every connection.
async function warm(s, token) {
	for (let i = 0; i < 3; i++)
		for (const r of await s.ask(token)) assert.equal(r.status, 200, r.text);
}

test('a live session is told with its person and application', async () => {
	const t = await signIn(svc, { key, user }, { body: { device_id: 'd-1' } });
	for (const method of ['GET', 'POST', 'GET', 'GET']) {
		const r = await svc.request(method, '/auth/session', { key, token: t.access_token });
		assert.equal(r.status, 200, r.text);
		assert.equal(r.body.active, true);
		assert.deepEqual(r.body.user, t.user);
		assert.deepEqual(r.body.application, t.application);
		assert.equal(r.body.session.id, t.session.id);
		assert.equal(r.body.session.device.id, 'd-1');
	}
	const head = await svc.request('HEAD', '/auth/session', { key, token: t.access_token });
	assert.equal(head.status, 200);
	assert.equal(head.text, '');
});

test('bad tokens', async () => {
	const t = await signIn(svc, { key, user });
	const none = await session(undefined);
	assert.equal(none.status, 401);
	assert.equal(none.body.code, 'token_missing');
	assert.match(none.headers['www-authenticate'], /^Bearer/);
	const [h, p, s] = t.access_token.split('.');
	const forged = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(p, 'base64url')), exp: 4e9 })).toString('base64url');
	const noneAlg = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
	const cases = ['x', `${h}.${p}`, `${h}.${p}.`, `${h}.${forged}.${s}`, `${noneAlg}.${p}.`, `${noneAlg}.${p}.${s}`,
		`${h}.${p}.${s}x`, `${h}.${p}.${s.slice(0, -1)}${s.endsWith('A') ? 'B' : 'A'}`, t.refresh_token, 'a'.repeat(5000)];
	for (const token of cases) {
		const r = await session(token);
		assert.equal(r.status, 401, `${token.slice(0, 40)}: ${r.text}`);
		assert.equal(r.body.code, 'token_invalid');
		assert.equal(r.headers['www-authenticate'], 'Bearer error="invalid_token"');
	}
});

test('a token of another application is invalid here', async () => {
	const other = await makeApp(svc, {});
	const { key: otherKey } = await makeKey(svc, other);
	const t = await signIn(svc, { key, user });
	const r = await svc.get('/auth/session', { key: otherKey, token: t.access_token });
	assert.equal(r.status, 401);
	assert.equal(r.body.code, 'token_invalid');
});

test('a token expires', async () => {
	await setSetting(svc.db, 'access_ttl_s', 60);
	const t = await waitUntil(async () => {
		const x = await signIn(svc, { key, user });
		return x.expires_in === 60 && x;
	});
	await setSetting(svc.db, 'access_ttl_s', 900);
	// The session ends before its token does.
	await svc.db.query("update session set expires_at = now() + interval '1 second' where id = $1", [t.session.id]);
	const r = await waitUntil(async () => {
		const x = await session(t.access_token);
		return x.status !== 200 && x;
	});
	assert.equal(r.body.code, 'session_revoked');
});

test('logout is seen by every worker at once', async () => {
	const s = spread(12);
	for (let round = 0; round < 10; round++) {
		const t = await signIn(svc, { key, user });
		await warm(s, t.access_token);
		const out = await svc.post('/auth/logout', undefined, { key, token: t.access_token });
		assert.equal(out.status, 200, out.text);
		assert.deepEqual(out.body, { revoked: 1 });
		for (const r of await s.ask(t.access_token)) {
			assert.equal(r.status, 401);
			assert.equal(r.body.code, 'session_revoked');
		}
		const again = await svc.post('/auth/logout', undefined, { key, token: t.access_token });
		assert.deepEqual(again.body, { revoked: 0 });
	}
	s.end();
});

test('logout by refresh token, of all devices, of nothing', async () => {
	const a = await signIn(svc, { key, user });
	const b = await signIn(svc, { key, user });
	const c = await signIn(svc, { key, user });
	const one = await svc.post('/auth/logout', { refresh_token: a.refresh_token }, { key });
	assert.deepEqual(one.body, { revoked: 1 });
	assert.equal((await session(a.access_token)).status, 401);
	assert.equal((await session(b.access_token)).status, 200);
	const all = await svc.post('/auth/logout', { all_devices: true }, { key, token: b.access_token });
	assert.ok(all.body.revoked >= 2);
	for (const t of [b, c]) assert.equal((await session(t.access_token)).body.code, 'session_revoked');
	const unknown = await svc.post('/auth/logout', { refresh_token: `isr_${'A'.repeat(43)}` }, { key });
	assert.equal(unknown.status, 200);
	assert.deepEqual(unknown.body, { revoked: 0 });
	const garbage = await svc.post('/auth/logout', {}, { key, token: 'garbage' });
	assert.deepEqual(garbage.body, { revoked: 0 });
	const nothing = await svc.post('/auth/logout', {}, { key });
	assert.equal(nothing.status, 401);
	assert.equal(nothing.body.code, 'token_missing');
	const rows = await auditRows(svc.db, { event: 'logout', session_id: a.session.id });
	assert.equal(rows.length, 1);
	assert.equal(rows[0].subject_id, user.auth_user_id);
});

test('another application cannot end a session', async () => {
	const other = await makeApp(svc, {});
	const { key: otherKey } = await makeKey(svc, other);
	const t = await signIn(svc, { key, user });
	const r = await svc.post('/auth/logout', { refresh_token: t.refresh_token }, { key: otherKey });
	assert.deepEqual(r.body, { revoked: 0 });
	const q = await svc.post('/auth/logout', {}, { key: otherKey, token: t.access_token });
	assert.deepEqual(q.body, { revoked: 0 });
	assert.equal((await session(t.access_token)).status, 200);
});

test('changes made by hand in SQL are seen within a second', async () => {
	const s = spread(8);
	const u = await makeUser(svc, { apps: [app] });
	const t = await signIn(svc, { key, user: u });
	const until = async (check) => {
		const started = performance.now();
		await waitUntil(async () => (await s.ask(t.access_token)).every(check), { stepMs: 5 });
		return performance.now() - started;
	};
	await warm(s, t.access_token);
	await svc.db.query("update person set name = 'Renamed' where auth_user_id = $1", [u.auth_user_id]);
	const edit = await until((r) => r.body.user?.name === 'Renamed');
	await svc.db.query('delete from assignment where person_id = $1', [u.auth_user_id]);
	const unassign = await until((r) => r.status === 403 && r.body.code === 'not_assigned');
	await svc.db.query('insert into assignment (application_id, person_id) values ($1, $2)', [app.id, u.auth_user_id]);
	const t2 = await signIn(svc, { key, user: u });
	t.access_token = t2.access_token;
	await warm(s, t.access_token);
	await svc.db.query("update person set status = 'disabled' where auth_user_id = $1", [u.auth_user_id]);
	const disable = await until((r) => r.status === 401 && r.body.code === 'session_revoked');
	for (const ms of [edit, unassign, disable]) assert.ok(ms < 1000, `seen after ${ms} ms`);
	s.end();
});

test('an edit between two calls is never answered from memory', async () => {
	const s = spread(4);
	const t = await signIn(svc, { key, user });
	await warm(s, t.access_token);
	const before = (await session(t.access_token)).body;
	assert.equal(before.application.name, app.name);
	await svc.db.query('update application set name = $2 where id = $1', [app.id, `${app.name} two`]);
	await waitUntil(async () => (await s.ask(t.access_token)).every((r) => r.body.application.name === `${app.name} two`));
	await svc.db.query('update application set name = $2 where id = $1', [app.id, app.name]);
	s.end();
});

test('two nodes: what one revokes, the other sees within a second', async () => {
	const node2 = await startService({
		db: svc.db,
		env: { IDENTITY_MASTER_KEY_FILE: `${svc.env.IDENTITY_DATA_DIR}/master.key`, IDENTITY_PUBLIC_URL: svc.url },
	});
	for (let i = 0; i < 5; i++) {
		const t = await signIn(svc, { key, user });
		await waitUntil(async () => (await node2.get('/auth/session', { key, token: t.access_token })).status === 200);
		for (let k = 0; k < 6; k++) assert.equal((await node2.get('/auth/session', { key, token: t.access_token })).status, 200);
		await svc.post('/auth/logout', {}, { key, token: t.access_token });
		const started = performance.now();
		await waitUntil(async () => (await node2.get('/auth/session', { key, token: t.access_token })).status === 401, { stepMs: 5 });
		assert.ok(performance.now() - started < 1000);
	}
	await node2.stop();
});

test('a node that hears nothing does not answer from memory', async () => {
	const t = await signIn(svc, { key, user });
	for (let i = 0; i < 6; i++) assert.equal((await session(t.access_token)).status, 200);
	// The line that listens is cut, and the change comes while it is.
	await svc.db.query("select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%' or application_name ilike '%listen%'");
	await svc.db.query("update session set revoked_at = now(), revoke_reason = 'admin' where id = $1", [t.session.id]);
	const started = performance.now();
	await waitUntil(async () => (await session(t.access_token)).status === 401, { stepMs: 5 });
	assert.ok(performance.now() - started < 1000);
});

test('when a session was last seen is written, and seldom', async () => {
	const t = await signIn(svc, { key, user });
	await svc.db.query("update session set last_seen_at = now() - interval '1 hour' where id = $1", [t.session.id]);
	for (let i = 0; i < 20; i++) await session(t.access_token);
	await waitUntil(async () => {
		const [r] = await svc.db.rows("select last_seen_at > now() - interval '1 minute' as seen from session where id = $1", [t.session.id]);
		return r.seen;
	});
});

test('methods other than GET and POST', async () => {
	for (const method of ['PUT', 'DELETE', 'PATCH']) {
		const r = await svc.request(method, '/auth/session', { key, body: method === 'DELETE' ? undefined : {} });
		assert.equal(r.status, 405, method);
		assert.equal(r.headers.allow, 'GET, HEAD, POST');
		assert.equal(r.body.code, 'method_not_allowed');
	}
});
