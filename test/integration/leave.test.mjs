// Clients that leave while something is under way for them: a statement, a
// hash, a body.  What was under way ends by itself; nothing leaks, nobody
// else waits.

import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import pg from 'pg';
import { SLOW, makeCast, signIn, startService, waitUntil } from './harness.mjs';

const svc = await startService();
const { key, user } = await makeCast(svc);

function post(path, body, extra = '') {
	const text = JSON.stringify(body);
	return `POST ${path} HTTP/1.1\r\nHost: x\r\nX-Auth-Service-Key: ${key}\r\nContent-Type: application/json\r\n`
		+ `Content-Length: ${Buffer.byteLength(text)}\r\n${extra}\r\n${text}`;
}

// Sends |bytes| and leaves after |ms|, by a reset or a close.
function leave(bytes, ms, reset) {
	return new Promise((resolve) => {
		const s = net.connect(svc.port, '127.0.0.1', () => {
			s.write(bytes);
			setTimeout(() => {
				if (reset) s.resetAndDestroy();
				else s.destroy();
				resolve();
			}, ms);
		});
		s.on('error', resolve);
	});
}

const files = (pid) => import('node:fs').then((fs) => fs.readdirSync(`/proc/${pid}/fd`).length);

test('while a password is compared', async () => {
	const login = post('/auth/login', { identifier: 'nobody@example.org', password: 'not the password' });
	for (let round = 0; round < 5; round++)
		await Promise.all(Array.from({ length: 60 }, (_, i) => leave(login, i, i % 2 === 0)));
	// The lanes are free again long before 300 hashes could be done.
	const t = await waitUntil(() => signIn(svc, { key, user }).catch(() => null), { timeoutMs: 10_000 * SLOW });
	assert.equal(t.token_type, 'Bearer');
});

test('while a statement runs', async () => {
	const ask = post('/auth/register', { identifier: user.email });
	const holder = new pg.Client({ connectionString: svc.db.url });
	await holder.connect();
	await holder.query('begin');
	await holder.query('lock table audit in access exclusive mode');
	let isAnswered = false;
	const held = svc.post('/auth/register', { identifier: user.email }, { key }).then((r) => { isAnswered = true; return r; });
	await Promise.all(Array.from({ length: 40 }, (_, i) => leave(ask, i * 3, i % 2 === 0)));
	assert.equal((await svc.get('/healthz')).status, 200);
	assert.equal(isAnswered, false, 'the lock holds nobody');
	await holder.query('rollback');
	await holder.end();
	assert.equal((await held).status, 200);
	await waitUntil(async () => (await svc.post('/auth/register', { identifier: user.email }, { key })).status === 200);
});

test('in the middle of a head or a body', async () => {
	const whole = post('/auth/login', { identifier: user.email, password: user.password });
	await Promise.all(Array.from({ length: whole.length }, (_, i) => leave(whole.slice(0, i), 2, i % 2 === 0)));
	assert.equal((await svc.get('/healthz')).status, 200);
});

test('descriptors and connections come back', async () => {
	const before = await Promise.all(svc.workerPids().map(files));
	const ask = post('/auth/register', { identifier: user.email });
	for (let round = 0; round < 5; round++)
		await Promise.all(Array.from({ length: 100 }, (_, i) => leave(ask, i % 7, i % 2 === 0)));
	await waitUntil(async () => {
		const after = await Promise.all(svc.workerPids().map(files));
		return after.every((n, i) => n <= before[i] + 2);
	}, { timeoutMs: 10_000 * SLOW });
	const r = await svc.get('/readyz');
	assert.equal(r.body.database.waiting, 0);
});
