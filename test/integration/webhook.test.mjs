// Webhooks: told once for many changes, signed, again until it is taken.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import http from 'node:http';
import { test } from 'node:test';
import { auditRows, consoleLogin, makeCast, makeUser, onTeardown, startService, waitUntil } from './harness.mjs';

const svc = await startService({ env: { IDENTITY_EGRESS_ALLOW: '127.0.0.0/8' } });
const c = await consoleLogin(svc);

// An application's server: calls it got; |answer(n)| gives the status of the
// n-th, or a promise of it.
async function receiver(answer = () => 204) {
	const calls = [];
	const server = http.createServer((req, res) => {
		let body = '';
		req.on('data', (d) => { body += d; });
		req.on('end', async () => {
			calls.push({ method: req.method, url: req.url, headers: req.headers, body, at: Date.now() });
			res.writeHead(await answer(calls.length), { location: '/elsewhere' });
			res.end('thanks');
		});
	});
	await new Promise((go) => { server.listen(0, '127.0.0.1', go); });
	onTeardown(() => new Promise((go) => { server.closeAllConnections(); server.close(go); }));
	return { calls, url: `http://127.0.0.1:${server.address().port}/hook?x=1` };
}

async function cast(answer) {
	const one = await makeCast(svc);
	const to = await receiver(answer);
	const path = `/applications/${one.app.id}/webhook`;
	const r = await c.put(path, { url: to.url });
	assert.equal(r.status, 201, r.text);
	return { ...one, ...to, path, secret: r.body.secret, show: async () => (await c.get(path)).body };
}
const rename = (u, name) => svc.db.query('update person set name = $2 where auth_user_id = $1', [u.auth_user_id, name]);

function checkSignature(call, secret) {
	const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(call.headers['x-identity-signature']);
	assert.ok(Math.abs(Number(t) - Date.now() / 1000) < 60);
	assert.equal(v1, createHmac('sha256', secret).update(`${t}.${call.body}`).digest('hex'));
}

test('one call for many changes, signed, with nothing about people in it', async () => {
	const { app, user, calls, secret, show } = await cast();
	for (let i = 0; i < 20; i++) await rename(user, `Name ${i}`);
	await waitUntil(() => calls.length > 0, { timeoutMs: 10_000 });
	const [call] = calls;
	assert.deepEqual([call.method, call.url, call.headers['content-type'], call.headers['x-identity-event']], ['POST', '/hook?x=1', 'application/json', 'sync']);
	assert.deepEqual(JSON.parse(call.body), { event: 'sync', application_id: app.id });
	checkSignature(call, secret);
	const hook = await waitUntil(async () => {
		const h = await show();
		return h.last_ok_at && h.next_attempt_at === null && h;
	});
	assert.equal(hook.last_error, null);
	assert.ok(calls.length <= 3, `${calls.length} calls`);
	// Another application's change is none of its business.  Its own webhook's
	// calls show which notifications have been worked off.
	const other = await cast();
	await rename(other.user, 'First');
	await waitUntil(() => other.calls.length > 0, { timeoutMs: 10_000 });
	const dirty = async () => (await svc.db.rows('select dirty_at::text as at from webhook where application_id = $1', [app.id]))[0].at;
	const before = await dirty();
	const n = other.calls.length;
	await rename(other.user, 'Somebody else');
	await waitUntil(() => other.calls.length > n, { timeoutMs: 10_000 });
	assert.equal(await dirty(), before);
});

test('a change while a call is under way is told by another one', { timeout: 60_000 }, async () => {
	let release;
	const held = new Promise((go) => { release = go; });
	const { user, calls } = await cast((n) => (n === 1 ? held.then(() => 200) : 200));
	await rename(user, 'One');
	await waitUntil(() => calls.length === 1, { timeoutMs: 10_000 });
	await rename(user, 'Two');
	await waitUntil(async () => (await svc.db.rows('select from webhook where dirty_at > claimed_at')).length > 0, { timeoutMs: 10_000 });
	release();
	await waitUntil(() => calls.length === 2, { timeoutMs: 20_000 });
});

test('again, later, until it is taken; what failed is shown', { timeout: 60_000 }, async () => {
	const { user, calls, show, secret } = await cast((n) => (n === 1 ? 500 : n === 2 ? 302 : 200));
	await rename(user, 'One');
	await waitUntil(() => calls.length === 1, { timeoutMs: 10_000 });
	const failed = await waitUntil(async () => {
		const h = await show();
		return h.last_error && h;
	});
	assert.equal(failed.last_error, 'answered 500');
	assert.ok(failed.next_attempt_at > new Date(Date.now() - 1000).toISOString());
	await waitUntil(() => calls.length >= 3, { timeoutMs: 40_000 });
	assert.ok(calls[1].at - calls[0].at > 3_000 && calls[2].at - calls[1].at > 6_000, 'with growing pauses');
	for (const call of calls) {
		assert.equal(call.url, '/hook?x=1', 'no redirect is followed');
		checkSignature(call, secret);
	}
	const good = await waitUntil(async () => {
		const h = await show();
		return h.last_error === null && h;
	});
	assert.deepEqual([good.next_attempt_at, typeof good.last_ok_at], [null, 'string']);
});

test('a test call, and its audit row', async () => {
	let status = 200;
	const { app, calls, path, secret } = await cast(() => status);
	const ok = await c.post(`${path}/test`, {});
	assert.deepEqual([ok.status, ok.body.ok, ok.body.status, ok.body.error, typeof ok.body.ms], [200, true, 200, null, 'number']);
	const call = calls.find((x) => x.headers['x-identity-event'] === 'test');
	assert.deepEqual(JSON.parse(call.body), { event: 'test', application_id: app.id });
	checkSignature(call, secret);
	status = 403;
	const bad = await c.post(`${path}/test`, {});
	assert.deepEqual([bad.body.ok, bad.body.status, bad.body.error], [false, 403, 'answered 403']);
	assert.equal((await auditRows(svc.db, { event: 'webhook_tested', application_id: app.id })).length, 2);
	assert.equal((await c.put(path, { url: 'http://127.0.0.1:1/' })).status, 200);
	const none = await c.post(`${path}/test`, {});
	assert.deepEqual([none.body.ok, none.body.status], [false, null]);
	assert.match(none.body.error, /\w/);
	await c.del(path);
	assert.equal((await c.post(`${path}/test`, {})).status, 404);
	assert.doesNotMatch(svc.log, /whsec_/);
});

test('switched off, nobody is called; on again, with the next change', async () => {
	const { app, user, calls, path, url } = await cast();
	await waitUntil(async () => (await c.put(path, { url, is_enabled: false })).status === 200);
	const n = calls.length;
	await rename(user, 'Unheard');
	// Another webhook's call shows that the round has been made.
	const other = await cast();
	await rename(other.user, 'Heard');
	await waitUntil(() => other.calls.length > 0, { timeoutMs: 10_000 });
	assert.equal(calls.length, n);
	await c.put(path, { url, is_enabled: true });
	await makeUser(svc, { apps: [app] });
	await waitUntil(() => calls.length > n, { timeoutMs: 10_000 });
});

test('an address that is not allowed is not called, whatever the table says', { timeout: 60_000 }, async () => {
	const { app, user, calls, show } = await cast();
	// Made by hand: the console refuses it.
	await svc.db.query("update webhook set url = 'https://169.254.169.254/latest' where application_id = $1", [app.id]);
	await rename(user, 'One');
	const h = await waitUntil(async () => {
		const x = await show();
		return x.last_error && x;
	}, { timeoutMs: 10_000 });
	assert.doesNotMatch(h.last_error, /answered|timed out/);
	assert.equal(calls.length, 0);
});
