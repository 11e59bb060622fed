// GET /auth/sessions, DELETE /auth/sessions/{id}, devices and their notices.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import net from 'node:net';
import { test } from 'node:test';
import { applyProvider, smtpDoc } from './delivery_kit.mjs';
import { auditRows, makeApp, makeCast, makeKey, makeUser, onTeardown, signIn, startService, waitUntil } from './harness.mjs';

const svc = await startService({ env: { IDENTITY_EGRESS_ALLOW: '127.0.0.0/8' } });
const { app, key, user } = await makeCast(svc);
const list = (token, o) => svc.get('/auth/sessions', { key, token, ...o });
const end = (id, token, o) => svc.request('DELETE', `/auth/sessions/${id}`, { key, token, ...o });
const session = (token) => svc.get('/auth/session', { key, token });
const outbox = (u) => svc.db.rows('select * from outbox where person_id = $1 order by id', [u.auth_user_id]);

test('a person\'s own sessions at this application, and which one asks', async () => {
	const u = await makeUser(svc, { apps: [app] });
	const second = await makeApp(svc);
	await svc.db.query('insert into assignment (application_id, person_id) values ($1, $2)', [second.id, u.auth_user_id]);
	const { key: key2 } = await makeKey(svc, second);
	const a = await signIn(svc, { key, user: u }, { body: { device_id: 'd-a', device_name: 'Phone', client_ip: '203.0.113.4', client_user_agent: 'App/1' } });
	const b = await signIn(svc, { key, user: u });
	await signIn(svc, { key: key2, user: u });	// elsewhere
	await signIn(svc, { key, user });		// somebody else
	const gone = await signIn(svc, { key, user: u });
	await svc.post('/auth/logout', {}, { key, token: gone.access_token });
	const old = await signIn(svc, { key, user: u });
	await svc.db.query('update session set expires_at = now() where id = $1', [old.session.id]);

	const r = await list(b.access_token);
	assert.equal(r.status, 200, r.text);
	assert.match(r.headers['cache-control'], /no-store/);
	assert.deepEqual(Object.keys(r.body), ['sessions', 'total']);
	assert.equal(r.body.total, 2);
	assert.deepEqual(r.body.sessions, [{ ...b.session, current: true }, { ...a.session, current: false }]);
	const seen = await list(a.access_token);
	assert.deepEqual(seen.body.sessions.map((s) => [s.id, s.current, s.device.id]), [[a.session.id, true, 'd-a'], [b.session.id, false, null]]);
});

test('a hundred of many are shown, the current one among them', async () => {
	const u = await makeUser(svc, { apps: [app] });
	const t = await signIn(svc, { key, user: u });
	await svc.db.query(`insert into session (person_id, application_id, method, user_agent, expires_at, absolute_expires_at)
		select $1, $2, 'password', repeat('"', 255), now() + interval '1 day', now() + interval '1 day' from generate_series(1, 150)`, [u.auth_user_id, app.id]);
	const r = await list(t.access_token);
	assert.equal(r.status, 200, r.text);
	assert.deepEqual([r.body.total, r.body.sessions.length], [151, 100]);
	assert.deepEqual([r.body.sessions[0].id, r.body.sessions[0].current], [t.session.id, true]);
});

test('ending one is seen by the very next call, on every worker', async () => {
	const [a, b] = [await signIn(svc, { key, user }), await signIn(svc, { key, user })];
	for (let i = 0; i < 8; i++) assert.equal((await session(a.access_token)).status, 200);
	const r = await end(a.session.id.toUpperCase(), b.access_token);
	assert.equal(r.status, 200, r.text);
	assert.deepEqual(r.body, { revoked: 1 });
	for (let i = 0; i < 8; i++) assert.equal((await session(a.access_token)).body.code, 'session_revoked');
	assert.equal((await svc.post('/auth/token/refresh', { refresh_token: a.refresh_token }, { key })).body.code, 'refresh_invalid');
	assert.equal((await session(b.access_token)).status, 200);
	const [row] = await auditRows(svc.db, { event: 'session_ended', session_id: a.session.id });
	assert.deepEqual([row.subject_id, row.application_id, row.detail, row.request_id],
		[user.auth_user_id, app.id, { by_session: b.session.id }, r.headers['x-request-id']]);
	assert.deepEqual([(await end(a.session.id, b.access_token)).status, (await end(a.session.id, b.access_token)).body.code], [404, 'session_not_found']);
	assert.equal((await end(b.session.id, b.access_token)).status, 200, 'its own');
	assert.equal((await list(b.access_token)).body.code, 'session_revoked');
});

test('only one\'s own: everything else is 404', async () => {
	const other = await makeCast(svc, { user: {} });
	const theirs = await signIn(svc, other);
	const t = await signIn(svc, { key, user });
	const colleague = await makeUser(svc, { apps: [app] });
	const c = await signIn(svc, { key, user: colleague });
	for (const id of [theirs.session.id, c.session.id, randomUUID(), 'x', '%00', `${t.session.id}x`, `${t.session.id}%20`]) {
		const r = await end(id, t.access_token);
		assert.equal(r.status, 404, id);
		assert.equal(r.body.code, 'session_not_found', id);
	}
	assert.equal((await session(c.access_token)).status, 200);
	for (const path of ['/auth/sessions/', `/auth/sessions/${t.session.id}/x`])
		assert.equal((await svc.request('DELETE', path, { key, token: t.access_token })).body.code, 'not_found', path);
	// Asked for with the key of another application the token is none.
	assert.equal((await end(t.session.id, t.access_token, { key: other.key })).body.code, 'token_invalid');
	assert.equal((await session(t.access_token)).status, 200);
});

test('who asks is checked as at /auth/session', async () => {
	const u = await makeUser(svc, { apps: [app] });
	const t = await signIn(svc, { key, user: u });
	for (const call of [(token, o) => list(token, o), (token, o) => end(t.session.id, token, o)]) {
		let r = await call(undefined);
		assert.deepEqual([r.status, r.body.code, r.headers['www-authenticate']], [401, 'token_missing', 'Bearer']);
		r = await call('nonsense');
		assert.deepEqual([r.status, r.body.code, r.headers['www-authenticate']], [401, 'token_invalid', 'Bearer error="invalid_token"']);
		assert.equal((await call(t.access_token, { key: undefined })).body.code, 'api_key_missing');
	}
	await svc.db.query('delete from assignment where person_id = $1', [u.auth_user_id]);
	for (const r of [await list(t.access_token), await end(t.session.id, t.access_token)])
		assert.deepEqual([r.status, r.body.code], [403, 'not_assigned']);
	await svc.db.query(`update person set status = 'disabled' where auth_user_id = $1`, [u.auth_user_id]);
	assert.deepEqual([(await list(t.access_token)).status, (await list(t.access_token)).body.code], [401, 'session_revoked']);
	assert.equal((await svc.post('/auth/sessions', {}, { key })).headers.allow, 'GET, HEAD');
	assert.equal((await svc.get(`/auth/sessions/${t.session.id}`, { key })).headers.allow, 'DELETE');
});

// A mail server that says nothing: what goes to it stays in the outbox.
async function silentServer() {
	const sockets = new Set();
	const server = net.createServer((s) => { sockets.add(s); s.on('error', () => {}); });
	await new Promise((go) => { server.listen(0, '127.0.0.1', go); });
	const close = () => { for (const s of sockets) s.destroy(); server.close(); };
	onTeardown(close);
	return { port: server.address().port, close };
}

test('a device is recognised, and a new one is told where a provider can carry it', async () => {
	const u = await makeUser(svc, { apps: [app] });
	const from = (id, name) => signIn(svc, { key, user: u }, { body: { device_id: id, device_name: name, client_ip: '203.0.113.4' } });
	const server = await silentServer();
	await applyProvider(svc, smtpDoc(server, { timeout_s: 60 }));
	await from('d1', 'Phone');
	await from('d1');
	const [d] = await svc.db.rows('select name, host(last_ip) as ip, last_seen_at > first_seen_at as again from device where person_id = $1', [u.auth_user_id]);
	assert.deepEqual(d, { name: 'Phone', ip: '203.0.113.4', again: true });
	assert.deepEqual(await outbox(u), [], 'the first device is no news');
	const before = await from('d2', 'Library computer');
	assert.equal(before.session.device.name, 'Library computer');
	const [m, ...more] = await outbox(u);
	assert.deepEqual([m.kind, m.channel, m.destination, m.application_id, more.length], ['notice', 'email', u.email, app.id, 0]);
	assert.match(m.state, /^(queued|sending)$/);
	assert.ok(!m.payload.includes('Library'), 'sealed');
	await from('d2');
	await signIn(svc, { key, user: u });
	assert.equal((await outbox(u)).length, 1);
	await svc.db.query('delete from provider');
	server.close();
	await from('d3');
	assert.equal((await outbox(u)).length, 1, 'nobody could carry it');
	const rows = await waitUntil(() => auditRows(svc.db, { event: 'login_succeeded', subject_id: u.auth_user_id }));
	assert.deepEqual(rows.map((r) => r.detail.new_device === true), [false, false, true, false, false, true]);
});

test('with development codes a notice needs no provider', async () => {
	const dev = await startService({ env: { IDENTITY_DEV_OTP: '1' } });
	const cast = await makeCast(dev);
	for (const id of ['d1', 'd2']) await signIn(dev, cast, { body: { device_id: id } });
	const rows = await dev.db.rows('select kind, channel, destination from outbox');
	assert.deepEqual(rows, [{ kind: 'notice', channel: 'email', destination: cast.user.email }]);
	await dev.stop();
});
