// What no client library would send: each case ends in a clear status or a
// closed connection, on both listeners, and the workers live on.  Fails
// without src/kore/http_guard.c, http_linger.c and kore_limits.h.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SLOW, connectRaw, makeCast, makeUser, rawRequest, startService, waitUntil } from './harness.mjs';

const svc = await startService();
const cast = await makeCast(svc);
const HOST = 'Host: localhost\r\n';
const KEY = `X-Auth-Service-Key: ${cast.key}\r\n`;
const get = (headers = '', target = '/healthz', version = '1.1') => `GET ${target} HTTP/${version}\r\n${HOST}${headers}\r\n`;
const post = (headers, body = '', target = '/auth/login') => `POST ${target} HTTP/1.1\r\n${HOST}${headers}\r\n${body}`;
const json = (body) => `${KEY}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
// A person of each test's own: attempts that break off count as failed ones.
const newLogin = async () => {
	const u = await makeUser(svc, { apps: [cast.app] });
	return JSON.stringify({ identifier: u.email, password: u.password });
};
const manyHeaders = (n) => Array.from({ length: n }, (_, i) => `X-Filler-${i}: ${i}\r\n`).join('');
const pause = (ms) => new Promise((go) => { setTimeout(go, ms); });

const pids = svc.workerPids().sort();

// [what, bytes, status]: answered, then closed by the service.
const denied = [
	['no Host', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
	['two Hosts', get('Host: other\r\n'), 400],
	['a header that looks like Host', get('Hostile: x\r\n'), 400],
	['an empty Host', 'GET /healthz HTTP/1.1\r\nHost:\r\n\r\n', 400],
	['two Content-Lengths', post('Content-Length: 5\r\nContent-Length: 5\r\n', 'hello'), 400],
	['a signed Content-Length', post('Content-Length: +5\r\n', 'hello'), 400],
	['a list as Content-Length', post('Content-Length: 5, 5\r\n', 'hello'), 400],
	['a Content-Length beyond 64 bits', post(`Content-Length: ${'9'.repeat(30)}\r\n`), 400],
	['chunked', post('Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n0\r\n\r\n'), 411],
	['chunked with a length', post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', 'hello'), 400],
	['an unknown coding', post('Transfer-Encoding: x\r\n'), 501],
	['a body with GET', get('Content-Length: 5\r\n') + 'hello', 400],
	['a request smuggled behind GET', get(`Content-Length: ${get().length}\r\n`) + get(), 400],
	['a body longer than its length', post('Content-Length: 5\r\n', 'x'.repeat(500)), 400],
	['two requests at once', get() + get(), 400],
	['NUL in the target', get('', '/heal\0thz'), 400],
	['NUL in a header', get('X-A: a\0b\r\n'), 400],
	['a control character', get('X-A: a\x01b\r\n'), 400],
	['a bare LF', `GET /healthz HTTP/1.1\nHost: x\n\n`, 400],
	['a bare CR', get('X-A: a\rX-B: b\r\n'), 400],
	['a folded header', get('X-A: a\r\n b\r\n'), 400],
	['a blank before the colon', get('X-A : a\r\n'), 400],
	['a header without a name', get(': a\r\n'), 400],
	['a target that is no path', get('', 'http://localhost/healthz'), 400],
	['no target', `GET HTTP/1.1\r\n${HOST}\r\n`, 400],
	['a method in small letters', `get /healthz HTTP/1.1\r\n${HOST}\r\n`, 501],
	['an unknown method', `BREW /healthz HTTP/1.1\r\n${HOST}\r\n`, 501],
	['HTTP/2', get('', '/healthz', '2.0'), 505],
	['PUT in HTTP/1.0', `PUT /healthz HTTP/1.0\r\n${HOST}\r\n`, 400],
	['a long target', get('', `/${'a'.repeat(3_000)}`), 414],
	['a target without an end', `GET /${'a'.repeat(6_000)}`, 414],
	['a large header', get(`X-A: ${'a'.repeat(200_000)}\r\n`), 431],
	['120 headers', get(manyHeaders(120)), 431],
	['rubbish', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
];

// The slow ones wait side by side.
describe('http', { concurrency: true }, () => {
	for (const https of [false, true]) {
		describe(https ? 'over TLS' : 'over plain HTTP', { concurrency: 8 }, () => {
			for (const [what, bytes, status] of denied) {
				test(`${what}: ${status}, closed`, async () => {
					const r = await rawRequest(svc, Buffer.from(bytes, 'latin1'), { https, close: true });
					assert.equal(r.status, status, r.text);
					assert.equal(r.responses.length, 1);
					assert.equal(r.closed, true);
					assert.equal(r.reset, false, 'the answer could be read in peace');
					assert.match(r.responses[0].headers['content-type'], /^application\/problem\+json/);
					assert.equal(r.responses[0].headers.connection, 'close');
					assert.match(r.responses[0].headers['x-request-id'], /^[\w.-]{8,64}$/);
					assert.equal(JSON.parse(r.responses[0].body).status, status);
				});
			}

			test('60 headers, the key last: none is lost', async () => {
				const r = await rawRequest(svc, get(manyHeaders(60) + KEY, '/auth/session'), { https });
				assert.equal(r.status, 401);
				assert.equal(JSON.parse(r.responses[0].body).code, 'token_missing');
			});

			test('16 KiB of cookies', async () => {
				const r = await rawRequest(svc, get(`Cookie: a=${'c'.repeat(16 * 1024)}\r\n`), { https });
				assert.equal(r.status, 200);
			});

			test('empty, tabbed and 8-bit values are what proxies send', async () => {
				const r = await rawRequest(svc, Buffer.from(get('X-Empty:\r\nX-Blank:   \r\nX-Tab: a\tb\r\nX-Latin: caf\xe9\r\n'), 'latin1'), { https });
				assert.equal(r.status, 200);
			});

			test('byte by byte', async () => {
				const r = await rawRequest(svc, [...get()], { https, gapMs: 1 });
				assert.equal(r.status, 200);
			});

			test('a body in three segments', async () => {
				const body = await newLogin();
				const r = await rawRequest(svc, [post(json(body)), body.slice(0, 7), body.slice(7)], { https, gapMs: 30 });
				assert.equal(r.status, 200, r.text);
			});

			test('bad percent-encoding in the path is an unknown path', async () => {
				const r = await rawRequest(svc, get('', '/%zz%'), { https });
				assert.equal(r.status, 404);
				assert.match(r.responses[0].headers['content-type'], /^application\/problem\+json/);
			});

			test('bad percent-encoding in a form: 400', async () => {
				const body = 'identifier=%zz&password=%4';
				const r = await rawRequest(svc, post(`${KEY}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n`, body), { https });
				assert.equal(r.status, 400);
				assert.equal(JSON.parse(r.responses[0].body).code, 'malformed_request');
			});

			test('a POST without a length has no body', async () => {
				const r = await rawRequest(svc, post(`${KEY}Content-Type: application/json\r\n`), { https });
				assert.ok(r.status === 400 || r.status === 422, r.text);
			});

			test('a body over the limit: 413 that can be read while 8 MB are sent', async () => {
				const size = 8_000_000;
				const r = await rawRequest(svc, [post(`${KEY}Content-Type: application/json\r\nContent-Length: ${size}\r\n`), Buffer.alloc(600_000, 'x')], { https, close: true });
				assert.equal(r.status, 413, r.text);
				assert.equal(r.closed, true);
				assert.equal(r.reset, false);
			});

			test('a body over the limit without a key: the guard speaks first', async () => {
				const r = await rawRequest(svc, post('Content-Type: application/json\r\nContent-Length: 8000000\r\n'), { https, close: true });
				assert.equal(r.status, 401, r.text);
				assert.equal(r.closed, true);
			});

			test('Expect: 100-continue is answered before the body', async () => {
				const loginBody = await newLogin();
				const conn = await connectRaw(svc, { https });
				await conn.write(post(`Expect: 100-continue\r\n${json(loginBody)}`));
				await waitUntil(() => conn.received().toString().startsWith('HTTP/1.1 100 Continue\r\n\r\n'), { timeoutMs: 3_000 * SLOW });
				await conn.write(loginBody);
				await conn.waitResponses(2);
				assert.deepEqual(conn.responses().map((r) => r.status), [100, 200]);
				conn.end();
			});

			test('Expect with a body over the limit: 413 at once, no 100', async () => {
				const r = await rawRequest(svc, post(`Expect: 100-continue\r\n${KEY}Content-Type: application/json\r\nContent-Length: 9000000\r\n`), { https, close: true });
				assert.equal(r.status, 413);
				assert.equal(r.closed, true);
			});

			test('HTTP/1.0: answered and closed', async () => {
				const r = await rawRequest(svc, get('', '/healthz', '1.0'), { https, close: true });
				assert.equal(r.status, 200);
				assert.equal(r.closed, true);
			});

			test('one connection, one request after the other', async () => {
				const loginBody = await newLogin();
				const conn = await connectRaw(svc, { https });
				for (let i = 1; i <= 20; i++) {
					await conn.write(i % 2 ? get() : post(json(loginBody), loginBody));
					assert.equal(await conn.waitResponses(i), true);
				}
				assert.ok(conn.responses().every((r) => r.status === 200));
				conn.end();
			});

			test('the next request, sent early, is answered after this one', async () => {
				const loginBody = await newLogin();
				const conn = await connectRaw(svc, { https });
				await conn.write(post(json(loginBody)));
				await pause(20);
				await conn.write(loginBody);
				await pause(5);
				await conn.write(get('', '/nowhere'));
				await conn.waitResponses(2);
				assert.deepEqual(conn.responses().map((r) => r.status), [200, 404]);
				conn.end();
			});

			test('half-closed after the request: an answer or the end', async () => {
				const r = await rawRequest(svc, get(), { https, halfClose: true, close: true });
				assert.equal(r.closed, true);
				assert.ok(r.status === 200 || r.status === null);
			});

			test('clients that leave at every point', async () => {
				const loginBody = await newLogin();
				const whole = post(json(loginBody), loginBody);
				for (const n of [0, 1, 10, 40, whole.length - loginBody.length, whole.length - 5, whole.length]) {
					const conn = await connectRaw(svc, { https });
					await conn.write(whole.slice(0, n) || ' '.repeat(0));
					conn.reset();
				}
				const r = await rawRequest(svc, get(), { https });
				assert.equal(r.status, 200);
			});

			test('a header that never ends: 408', async () => {
				const started = performance.now();
				const conn = await connectRaw(svc, { https });
				const drip = setInterval(() => conn.write('X-A: a\r\n'), 700);
				await conn.write(`GET /healthz HTTP/1.1\r\n${HOST}`);
				assert.equal(await conn.waitResponses(1, 14_000 + 1_000 * SLOW), true);
				clearInterval(drip);
				assert.equal(conn.responses()[0].status, 408);
				assert.match(conn.responses()[0].headers['content-type'], /^application\/problem\+json/);
				assert.ok(performance.now() - started > 9_000);
				assert.equal(await conn.waitClosed(), true);
			});

			test('a body that never ends: 408', async () => {
				const conn = await connectRaw(svc, { https });
				const drip = setInterval(() => conn.write('x'), 700);
				await conn.write(post(`${KEY}Content-Type: application/json\r\nContent-Length: 1000\r\n`));
				assert.equal(await conn.waitResponses(1, 19_000 + 1_000 * SLOW), true);
				clearInterval(drip);
				assert.equal(conn.responses()[0].status, 408);
				assert.equal(await conn.waitClosed(), true);
			});

			test('a silent connection is closed without a word', async () => {
				const conn = await connectRaw(svc, { https });
				assert.equal(await conn.waitClosed(14_000 + 1_000 * SLOW), true);
				assert.equal(conn.received().length, 0);
			});

			test('an idle connection gets no 408 and serves again', async () => {
				const conn = await connectRaw(svc, { https });
				await conn.write(get());
				await conn.waitResponses(1);
				await pause(12_000);
				assert.equal(conn.isClosed, false);
				await conn.write(get());
				assert.equal(await conn.waitResponses(2), true);
				assert.deepEqual(conn.responses().map((r) => r.status), [200, 200]);
				conn.end();
			});
		});
	}

	test('plain HTTP on the TLS listener is closed', async () => {
		const r = await rawRequest({ port: svc.httpsPort }, get(), { close: true });
		assert.equal(r.closed, true);
		assert.equal(r.status, null);
	});

	test('a handshake that never starts is closed', async () => {
		const conn = await connectRaw({ port: svc.httpsPort });
		assert.equal(await conn.waitClosed(14_000 + 1_000 * SLOW), true);
	});

	test('wrong methods say which are right; unknown paths say so', async () => {
		const wrong = await svc.request('DELETE', '/auth/login');
		assert.equal(wrong.status, 405);
		assert.match(wrong.headers.allow, /POST/);
		const options = await svc.request('OPTIONS', '/auth/login');
		assert.ok([200, 204, 405].includes(options.status));
		const unknown = await svc.request('PATCH', '/nowhere');
		assert.equal(unknown.status, 404);
		assert.equal(unknown.body.status, 404);
	});

	test('many connections of which each does nothing leave room for others', async () => {
		const idle = await Promise.all(Array.from({ length: 300 }, () => connectRaw(svc)));
		const r = await svc.get('/healthz');
		assert.equal(r.status, 200);
		for (const c of idle) c.reset();
	});
});

test('all of it was survived by the same workers', () => {
	assert.equal(pids.length, 2);
	assert.deepEqual(svc.workerPids().sort(), pids);
});
