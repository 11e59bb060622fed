// GET /openapi.json: a document that may be kept, that fits the routes, and a
// linter that would notice.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { readProblems, readRoutes, samplePath } from '../../tools/apidoc.mjs';
import { lint } from '../openapi_lint.mjs';
import { TOP, startService, tempDir } from './harness.mjs';

const svc = await startService();
const first = await svc.get('/openapi.json');
const etag = first.headers.etag;
const ask = (headers, method = 'GET') => svc.request(method, '/openapi.json', { headers });

// The body as it went over the wire.
const raw = (accept, have) => new Promise((resolve, reject) => {
	http.get({ host: '127.0.0.1', port: svc.port, path: '/openapi.json', headers: { 'accept-encoding': accept, ...(have ? { 'if-none-match': have } : {}) } }, async (r) => {
		resolve({ status: r.statusCode, headers: r.headers, bytes: Buffer.concat(await r.toArray()) });
	}).on('error', reject);
});

test('the document is what the tree has, and needs no key', () => {
	assert.equal(first.status, 200);
	assert.equal(first.headers['content-type'], 'application/json');
	assert.equal(first.text, fs.readFileSync(path.join(TOP, 'assets/openapi.json'), 'utf8'));
	assert.match(first.body.openapi, /^3\.1\./);
});

test('it may be kept, and is not sent twice', async () => {
	assert.match(etag, /^"[0-9a-f]{64}"$/);
	assert.equal(first.headers['cache-control'], 'public, max-age=300');
	for (const have of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
		const r = await ask({ 'if-none-match': have });
		assert.equal(r.status, 304, have);
		assert.equal(r.text, '');
		assert.equal(r.headers.etag, etag);
		assert.equal(r.headers['cache-control'], 'public, max-age=300');
		assert.equal(r.headers['content-length'], undefined);
		assert.ok(r.headers['x-request-id']);
	}
	for (const have of ['"x"', etag.slice(1, -1), `"x${etag.slice(1)}`]) assert.equal((await ask({ 'if-none-match': have })).status, 200, have);
	// The connection is in order after a 304.
	const head = await ask({}, 'HEAD');
	assert.equal(head.status, 200);
	assert.equal(head.headers['content-length'], String(Buffer.byteLength(first.text)));
	assert.equal(head.text, '');
});

test('it comes packed to who reads that, with an ETag of its own', async () => {
	const want = fs.readFileSync(path.join(TOP, 'assets/openapi.json'));
	for (const [accept, coding, unpack] of [['identity', undefined, (b) => b], ['gzip', 'gzip', zlib.gunzipSync], ['br, gzip', 'br', zlib.brotliDecompressSync]]) {
		const r = await raw(accept);
		assert.equal(r.headers['content-encoding'], coding);
		assert.equal(r.headers.vary, 'accept-encoding');
		assert.ok(unpack(r.bytes).equals(want), accept);
		assert.equal(r.headers.etag, `${etag.slice(0, -1)}${coding ? `-${coding}` : ''}"`);
		assert.equal((await raw(accept, r.headers.etag)).status, 304);
	}
	assert.equal((await raw('br', etag)).status, 200, 'it is another representation');
});

test('an answer about people is still nobody\'s to keep', async () => {
	for (const target of ['/healthz', '/auth/session', '/nothing'])
		assert.equal((await svc.get(target)).headers['cache-control'], 'no-store');
});

test('routes and documented paths are the same', () => {
	const routes = readRoutes();
	const samples = Object.entries(first.body.paths).map(([p, item]) => samplePath(p, item));
	// Pages, and what they are made of, are for browsers.
	const isPage = (r) => r.handler.startsWith('console_') && !/\/setup\/api\//.test(r.path);
	assert.deepEqual(routes.filter((r) => !isPage(r) && !samples.some((s) => r.matches(s))).map((r) => r.path), [], 'not documented');
	assert.deepEqual(samples.filter((s) => !routes.some((r) => r.matches(s))), [], 'not routed');
});

test('the guide has each operation, with curl', () => {
	const guide = fs.readFileSync(path.join(TOP, 'docs/guide.md'), 'utf8');
	// Those of the console have theirs in the API reference.
	for (const [template, item] of Object.entries(first.body.paths).filter(([t]) => !t.startsWith('/setup/'))) {
		for (const method of Object.keys(item)) {
			const line = template.replaceAll('.', '\\.').replace(/\{\w+\}/, '\\$[A-Z]+');
			const how = method === 'delete' ? '[^\\n]*-X DELETE' : '[ \\n]';
			assert.match(guide, new RegExp(`^    (call|curl -sS) \\$ID${line}${how}`, 'm'), `${method} ${template}`);
		}
	}
});

test('codes that no operation has', () => {
	const documented = new Set(JSON.stringify(first.body).match(/urn:identity:problem:[a-z_]+(?=")/g).map((u) => u.split(':').at(-1)));
	const all = Object.keys(readProblems());
	assert.deepEqual(all.filter((c) => !documented.has(c)), []);
});

const breaches = [
	['operation-operationId', (d) => { delete d.paths['/auth/login'].post.operationId; }],
	['operation-operationId-unique', (d) => { d.paths['/auth/login'].post.operationId = 'register'; }],
	['ours/problem-json', (d) => { const r = d.components.responses.Malformed; r.content = { 'application/json': Object.values(r.content)[0] }; }],
	['ours/problem-json', (d) => { delete d.paths['/auth/login'].post.responses[401].content['application/problem+json'].examples.invalid_credentials; }],
	['ours/problem-json', (d) => { delete d.paths['/auth/login'].post.responses[401].content['application/problem+json'].schema.properties.code; }],
	['ours/answer-headers', (d) => { delete d.paths['/auth/login'].post.responses[429].headers['Retry-After']; }],
	['ours/body-examples', (d) => { delete d.paths['/auth/login'].post.requestBody.content['application/json'].examples; }],
	['ours/object-required', (d) => { delete d.components.schemas.User.required; }],
	['no-invalid-media-type-examples', (d) => { d.paths['/auth/login'].post.responses[200].content['application/json'].examples.tokens.value.expires_in = 'soon'; }],
	['no-invalid-media-type-examples', (d) => { d.paths['/auth/login'].post.requestBody.content['application/json'].examples.password.value.email = 'a@example.org'; }],
	['no-unused-components', (d) => { d.components.schemas.Lost = { type: 'string' }; }],
	['no-unresolved-refs', (d) => { delete d.components.schemas.User; }],
	['struct', (d) => { d.paths['/auth/login'].post.respones = {}; }],
];
test('the linter finds nothing here', async () => {
	assert.equal(await lint(first.text), '');
});
for (const [rule, spoil] of breaches) {
	test(`the linter notices: ${rule}, ${spoil.toString().slice(8, 70)}`, async () => {
		const d = structuredClone(first.body);
		spoil(d);
		assert.match(await lint(JSON.stringify(d)), new RegExp(`\\(${rule}\\)`));
	});
}

test('tools/apidoc.mjs --check notices what is not current', () => {
	const copy = tempDir('apidoc');
	for (const f of ['tools', 'kore.conf', 'src/http/problem.def', 'docs', 'assets'])
		fs.cpSync(path.join(TOP, f), path.join(copy, f), { recursive: true });
	const check = () => spawnSync(process.execPath, [path.join(copy, 'tools/apidoc.mjs'), '--check'], { encoding: 'utf8' });
	const spoil = (name, from, to) => {
		const file = path.join(copy, name);
		const text = fs.readFileSync(file, 'utf8');
		assert.ok(text.includes(from), from);
		fs.writeFileSync(file, text.replace(from, to));
	};
	assert.equal(check().status, 0, check().stderr);
	spoil('src/http/problem.def', 'User not in the directory service.', 'Who is that?');
	const r = check();
	assert.equal(r.status, 1);
	assert.match(r.stderr, /assets\/openapi\.json is not current[\s\S]*docs\/guide\.md is not current/);
	spoil('src/http/problem.def', 'Who is that?', 'User not in the directory service.');
	spoil('kore.conf', 'route\t/auth/login\t', 'route\t/auth/logon\t');
	assert.match(check().stderr, /assets\/openapi\.json is not current/);
});
