// A real proxy in front (Debian's HAProxy), which sends what Traefik sends.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { auditRows, freePort, makeCast, onTeardown, request, signIn, startService, tempDir, waitUntil } from './harness.mjs';

const svc = await startService({ env: { IDENTITY_TRUSTED_PROXIES: '127.0.0.1/32' } });
const cast = await makeCast(svc);
const proxy = await startProxy();
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
const via = (method, target, o = {}) => request(`http://127.0.0.1:${proxy.port}${target}`, { method, agent, key: cast.key, ...o });

async function startProxy() {
	const port = await freePort();
	const file = path.join(tempDir('haproxy'), 'haproxy.cfg');
	fs.writeFileSync(file, `
global
    tune.maxrewrite 16384
    tune.bufsize 65536
    tune.http.maxhdr 256
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    http-reuse always
frontend in
    bind 127.0.0.1:${port}
    http-request set-header X-Forwarded-For %[src] if !{ req.hdr(X-Forwarded-For) -m found }
    http-request set-header X-Forwarded-For "%[req.hdr(X-Forwarded-For)], %[src]" if { req.hdr(X-Test-Append) -m found }
    http-request set-header X-Real-Ip %[src]
    http-request set-header X-Forwarded-Host %[req.hdr(Host)]
    http-request set-header X-Forwarded-Proto https
    http-request set-header X-Forwarded-Port 443
    http-request set-header X-Forwarded-Server proxy.test
    default_backend service
backend service
    server one 127.0.0.1:${svc.port}
`);
	const child = spawn('haproxy', ['-db', '-f', file], { stdio: ['ignore', 'pipe', 'pipe'] });
	let log = '';
	child.stdout.on('data', (d) => { log += d; });
	child.stderr.on('data', (d) => { log += d; });
	onTeardown(() => child.kill('SIGTERM'));
	await waitUntil(() => new Promise((done) => {
		const s = net.connect(port, '127.0.0.1', () => { s.destroy(); done(true); });
		s.on('error', () => done(false));
	}), { what: `haproxy: ${log}` });
	return { port };
}

test('the caller is who the proxy says it is', async () => {
	await via('POST', '/auth/login', { body: { identifier: cast.user.email, password: cast.user.password }, headers: { 'x-forwarded-for': '203.0.113.9' } })
		.then((r) => assert.equal(r.body.code, 'ip_not_allowed'));
	const row = await waitUntil(async () => (await auditRows(svc.db, { event: 'ip_not_allowed' }))[0]);
	assert.deepEqual([row.ip, row.remote, row.forwarded], ['203.0.113.9', '127.0.0.1', '203.0.113.9']);
	// What the client made up stands left of what the proxy saw.
	const r = await via('GET', '/auth/session', { headers: { 'x-forwarded-for': '127.0.0.1, 198.51.100.4', 'x-test-append': '1' } });
	assert.deepEqual([r.status, r.body.code], [403, 'ip_not_allowed']);
	const rows = await waitUntil(async () => { const a = await auditRows(svc.db, { event: 'ip_not_allowed' }); return a.length > 1 && a; });
	assert.equal(rows.at(-1).ip, '198.51.100.4');
	// From nobody else is it believed.
	const other = await startService();
	const direct = await other.get('/auth/session', { key: (await makeCast(other)).key, headers: { 'x-forwarded-for': '203.0.113.9' } });
	assert.equal(direct.body.code, 'token_missing');
});

test('connections are used again, by many requests at once', async () => {
	const t = await signIn(svc, cast);
	const answers = await Promise.all(Array.from({ length: 300 }, () => via('GET', '/auth/session', { token: t.access_token })));
	assert.deepEqual(new Set(answers.map((r) => r.status)), new Set([200]));
	const ids = new Set(answers.map((r) => r.headers['x-request-id']));
	assert.equal(ids.size, 300, 'no answer went to another request');
});

test('sixty header lines and a cookie of 12 KB pass', async () => {
	const t = await signIn(svc, cast);
	const headers = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`x-extra-${i}`, `value ${i}`]));
	assert.equal((await via('GET', '/auth/session', { token: t.access_token, headers })).status, 200);
	const cookie = `a=${randomBytes(6000).toString('hex')}`;
	assert.equal((await via('GET', '/auth/session', { token: t.access_token, headers: { cookie } })).status, 200);
	const huge = await via('GET', '/auth/session', { token: t.access_token, headers: { cookie: `a=${randomBytes(15_000).toString('hex')}` } });
	assert.equal(huge.status, 431);
	assert.equal((await via('GET', '/auth/session', { token: t.access_token })).status, 200);
});

test('a body in chunks is refused with a reason, and nothing is mixed up after it', async () => {
	const answer = await new Promise((done, fail) => {
		const q = http.request({ port: proxy.port, host: '127.0.0.1', method: 'POST', path: '/auth/login', agent,
			headers: { 'x-auth-service-key': cast.key, 'content-type': 'application/json', 'transfer-encoding': 'chunked' } }, (r) => {
			let text = '';
			r.on('data', (d) => { text += d; });
			r.on('end', () => done({ status: r.statusCode, body: JSON.parse(text) }));
		});
		q.on('error', fail);
		q.write('{"identifier":');
		q.end('"x@example.org","password":"y"}');
	});
	assert.deepEqual([answer.status, answer.body.code], [411, 'length_required']);
	for (let i = 0; i < 20; i++) assert.equal((await via('GET', '/healthz')).status, 200);
});

test('clients that leave in the middle disturb nobody', async () => {
	const t = await signIn(svc, cast);
	for (let i = 0; i < 30; i++) {
		const s = net.connect(proxy.port, '127.0.0.1');
		s.on('error', () => {});
		await new Promise((done) => s.on('connect', done));
		const body = JSON.stringify({ identifier: cast.user.email, password: 'wrong' });
		s.write(`POST /auth/login HTTP/1.1\r\nHost: auth.localhost\r\nX-Auth-Service-Key: ${cast.key}\r\nContent-Type: application/json\r\n`
		    + `Content-Length: ${body.length}\r\n\r\n${i % 2 ? body : body.slice(0, 5)}`);
		s.destroy();
	}
	const answers = await Promise.all(Array.from({ length: 60 }, () => via('GET', '/auth/session', { token: t.access_token })));
	assert.deepEqual(new Set(answers.map((r) => `${r.status} ${r.body.user?.auth_user_id}`)), new Set([`200 ${cast.user.auth_user_id}`]));
});

test('the host and scheme of the browser reach the service', async () => {
	const r = await via('GET', '/setup/signin', { headers: { host: 'auth.localhost' } });
	assert.equal(r.status, 200);
	assert.equal((await via('GET', '/readyz')).status, 200);
});
