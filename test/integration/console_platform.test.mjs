// The installation itself: settings, token keys, what it runs with, branding,
// and what browsers report.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { auditRows, consoleLogin, makeCast, signIn, startService, waitUntil } from './harness.mjs';

const svc = await startService({ env: { IDENTITY_TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8', IDENTITY_PUBLIC_URL: 'https://auth.example.org' } });
const c = await consoleLogin(svc);
const code = (r) => r.body?.code;
const setting = async (name) => (await c.get('/settings')).body.data.find((s) => s.name === name);

test('settings: each with its default, limits and effect', async () => {
	const all = (await c.get('/settings')).body.data;
	assert.deepEqual(all.map((s) => s.name), all.map((s) => s.name).sort());
	const s = all.find((x) => x.name === 'access_ttl_s');
	assert.deepEqual([s.kind, s.value, s.default, s.min, s.max, s.is_default, s.updated_by, s.needs_step_up], ['int', 900, 900, 60, 3600, true, null, true]);
	for (const x of all) assert.ok(x.description.length > 5, x.name);
});

test('settings: changed all or none, with what is wrong', async () => {
	const bad = await c.patch('/settings', { access_ttl_s: 5, brand_name: '', mfa_admin_required: 'yes', no_such: 1, metrics_allow: ['x'], token_alg: 'RS256', brand_accent: '#ffff00', otp_length: 6.5 });
	assert.equal(bad.status, 422);
	assert.deepEqual(bad.body.errors.map((e) => e.field), ['access_ttl_s', 'brand_accent', 'brand_name', 'metrics_allow', 'mfa_admin_required', 'no_such', 'otp_length', 'token_alg']);
	assert.match(bad.body.errors[0].message, /from 60 to 3600/);
	assert.match(bad.body.errors[1].message, /contrast of 1\.0:1/);
	assert.equal((await setting('access_ttl_s')).is_default, true);
	assert.equal(code(await c.patch('/settings', { brand_name: 'Acme', access_ttl_s: 600 })), 'step_up_required');
	assert.equal((await setting('brand_name')).is_default, true);
	assert.equal((await c.patch('/settings', { brand_name: 'Acme' })).status, 200);
	await c.stepUp();
	const r = await c.patch('/settings', { access_ttl_s: 600, metrics_allow: ['10.0.0.0/8', '::1'], brand_name: 'Acme' });
	assert.equal(r.status, 200, r.text);
	const s = r.body.data.find((x) => x.name === 'access_ttl_s');
	assert.deepEqual([s.value, s.is_default, s.updated_by.id], [600, false, c.admin.auth_user_id]);
	const rows = await auditRows(svc.db, { event: 'settings_changed' });
	assert.deepEqual(rows.map((x) => x.detail), [{ brand_name: { from: 'Identity Services', to: 'Acme' } },
		{ access_ttl_s: { from: 900, to: 600 }, metrics_allow: { from: ['127.0.0.0/8', '::1'], to: ['10.0.0.0/8', '::1'] } }]);
	// In force: the next token lives that long.
	const cast = await makeCast(svc);
	await waitUntil(async () => (await signIn(svc, cast)).expires_in === 600);
	assert.equal((await c.patch('/settings', { access_ttl_s: null })).body.data.find((x) => x.name === 'access_ttl_s').is_default, true);
	// Nobody is to lock all administrators out.
	const out = await c.patch('/settings', { mfa_admin_required: true });
	assert.match(out.body.errors[0].message, /No administrator could sign in/);
	const both = await Promise.all([1, 2, 3, 4].map((i) => c.patch('/settings', { otp_length: 6 + (i % 2), otp_ttl_s: 100 + i })));
	assert.deepEqual(both.map((x) => x.status), [200, 200, 200, 200]);
});

test('token keys: rotated with an overlap, or dropped', async () => {
	const cast = await makeCast(svc);
	const t = await signIn(svc, cast);
	const works = async () => (await svc.get('/auth/session', { key: cast.key, token: t.access_token })).status;
	const list = async () => (await c.get('/token-keys')).body.data;
	const [first] = await list();
	assert.deepEqual([first.state, first.alg], ['signing', 'HS256']);
	assert.match(first.fingerprint, /^[0-9a-f]{8}$/);
	assert.equal(first.secret, undefined);
	const fresh = await consoleLogin(svc);
	assert.equal(code(await fresh.post('/token-keys/rotate', {})), 'step_up_required');
	const r = await c.post('/token-keys/rotate', { drop: false });
	assert.equal(r.status, 200, r.text);
	assert.deepEqual(r.body.data.map((k) => k.state), ['signing', 'verifying']);
	assert.equal(await works(), 200);
	assert.equal(code(await c.post('/token-keys/rotate', {})), 'conflict');
	const dropped = await c.post('/token-keys/rotate', { drop: true });
	assert.deepEqual(dropped.body.data.map((k) => k.state), ['signing', 'expired', 'expired']);
	await waitUntil(async () => await works() === 401);
	const rows = await auditRows(svc.db, { event: 'token_key_rotated' });
	assert.deepEqual(rows.map((x) => [x.actor_id, x.detail.dropped]), [[c.admin.auth_user_id, false], [c.admin.auth_user_id, true]]);
});

test('runtime: what came in, and why that address counts', async () => {
	const seen = async (headers) => (await c.get('/runtime', { headers })).body;
	const r = await seen({ 'x-forwarded-for': '203.0.113.9, 10.1.2.3', 'x-real-ip': '203.0.113.9', 'x-forwarded-host': 'auth.example.org' });
	assert.deepEqual([r.request.remote, r.request.effective_ip, r.request.forwarded, r.request.x_real_ip, r.request.proto],
		['127.0.0.1', '203.0.113.9', '203.0.113.9, 10.1.2.3', '203.0.113.9', 'http']);
	assert.match(r.request.why, /127\.0\.0\.1 is trusted.*203\.0\.113\.9, told by 10\.1\.2\.3/);
	assert.ok(r.request.header_count >= 5 && r.request.header_limit >= 64);
	assert.match((await seen({})).request.why, /sent no X-Forwarded-For/);
	assert.match((await seen({ 'x-forwarded-for': '10.0.0.1' })).request.why, /left-most/);
	const malformed = (await seen({ 'x-forwarded-for': '198.51.100.1, unknown, 10.0.0.1' })).request;
	assert.deepEqual([malformed.effective_ip, /no address/.test(malformed.why)], ['10.0.0.1', true]);
	const url = r.settings.find((s) => s.name === 'IDENTITY_DATABASE_URL');
	assert.ok(!url.value.includes(new URL(svc.db.url).password) || new URL(svc.db.url).password === '');
	assert.match(r.settings.find((s) => s.name === 'IDENTITY_MASTER_KEY').value, /^set \(sha256 [0-9a-f]{8}\)$/);
	assert.match(r.traefik.labels, /Host\(`auth\.example\.org`\)/);
	assert.match(r.traefik.labels, new RegExp(`server\\.port=${svc.port}`));
	assert.match(r.traefik.labels, /certresolver/);
	assert.deepEqual([r.service.workers, r.service.schema_version > 10, r.service.pool.ready > 0], [2, true, true]);
	assert.ok(Math.abs(Date.parse(r.service.started_at) - Date.now()) < 3600_000);
});

// ---- pictures --------------------------------------------------------------

const crcTable = Array.from({ length: 256 }, (_, n) => { let v = n; for (let k = 0; k < 8; k++) v = v & 1 ? 0xedb88320 ^ (v >>> 1) : v >>> 1; return v >>> 0; });
const crc = (b) => { let v = 0xffffffff; for (const x of b) v = crcTable[(v ^ x) & 255] ^ (v >>> 8); return (v ^ 0xffffffff) >>> 0; };
const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b; };
const chunk = (name, data) => { const body = Buffer.concat([Buffer.from(name), data]); return Buffer.concat([u32(data.length), body, u32(crc(body))]); };
function png(w, h, extra = []) {
	const raw = Buffer.concat(Array.from({ length: h }, () => Buffer.concat([Buffer.from([0]), Buffer.alloc(w * 3, 77)])));
	return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', Buffer.concat([u32(w), u32(h), Buffer.from([8, 2, 0, 0, 0])])), ...extra, chunk('IDAT', deflateSync(raw)), chunk('IEND', Buffer.alloc(0))]);
}
const jpeg = (w = 8, h = 8) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, 10]), Buffer.from('EXIFsecr'), Buffer.from([0xff, 0xc0, 0, 11, 8, h >> 8, h & 255, w >> 8, w & 255, 1, 1, 0x11, 0, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 0x3f, 0]), Buffer.from([1, 2, 0xff, 0, 3, 0xff, 0xd9]), Buffer.from('behind')]);
function webp(extra = Buffer.alloc(0)) {
	const bits = Buffer.alloc(8);
	bits[0] = 0x2f;
	bits.writeUInt32LE(7 | 7 << 14, 1);
	const data = Buffer.concat([Buffer.from('VP8L'), Buffer.from([8, 0, 0, 0]), bits, extra]);
	const size = Buffer.alloc(4);
	size.writeUInt32LE(data.length + 4);
	return Buffer.concat([Buffer.from('RIFF'), size, Buffer.from('WEBP'), data]);
}
const put = (body, type) => c.request('PUT', '/branding/logo', { body, headers: { 'content-type': type } });
const logo = () => svc.request('GET', '/setup/logo');

test('branding: name, accent, support; seen by everybody', async () => {
	const r = await c.patch('/branding', { name: 'Acme & Sons', accent: '#0b5cad', support_url: 'https://help.example.org' });
	assert.deepEqual(r.body, { name: 'Acme & Sons', accent: '#0b5cad', support_url: 'https://help.example.org', logo_url: null });
	const bad = await c.patch('/branding', { accent: '#eeeeee', support_url: 'javascript:alert(1)', name: 7 });
	assert.deepEqual(bad.body.errors.map((e) => e.field).sort(), ['accent', 'name', 'support_url']);
	let css;	// of one answer: the next may be another worker's, a moment behind
	await waitUntil(async () => (css = await svc.get('/setup/brand.css')).text.includes('#0b5cad'));
	assert.match(css.headers['content-type'], /^text\/css/);
	// Another worker reads the settings a moment later.
	await waitUntil(async () => (await svc.get('/setup/brand.css', { headers: { 'if-none-match': css.headers.etag } })).status === 304);
	await waitUntil(async () => (await svc.get('/setup/signin')).text.includes('Acme &amp; Sons'));
	assert.deepEqual((await c.get('/session')).body.brand.name, 'Acme & Sons');
});

test('a logo: what it says it is, and nothing else in it', async () => {
	assert.equal((await logo()).status, 404);
	const r = await put(png(64, 32, [chunk('tEXt', Buffer.from('Comment\0secret words'))]), 'image/png');
	assert.equal(r.status, 200, r.text);
	assert.match(r.body.logo_url, /^\/setup\/logo\?v=[0-9a-f]{16}$/);
	const got = await logo();
	assert.deepEqual([got.status, got.headers['content-type'], got.headers['x-content-type-options']], [200, 'image/png', 'nosniff']);
	assert.match(got.headers['content-security-policy'], /sandbox/);
	assert.ok(!got.text.includes('secret'));
	assert.equal((await svc.get('/setup/logo', { headers: { 'if-none-match': got.headers.etag } })).status, 304);
	for (const [picture, type] of [[jpeg(), 'image/jpeg'], [webp(Buffer.concat([Buffer.from('EXIF'), Buffer.from([6, 0, 0, 0]), Buffer.from('secret')])), 'image/webp']]) {
		const s = await put(picture, type);
		assert.equal(s.status, 200, s.text);
		const seen = await logo();
		assert.equal(seen.headers['content-type'], type);
		assert.ok(!/secr|behind/.test(seen.text), type);
	}
	assert.equal((await c.del('/branding/logo')).status, 204);
	assert.equal((await logo()).status, 404);
	assert.equal((await c.get('/branding')).body.logo_url, null);
	assert.equal((await auditRows(svc.db, { event: 'branding_changed' })).length, 4);
});

test('what is no such picture is refused with a reason', async () => {
	for (const [body, type, status] of [
		['<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', 'image/svg+xml', 415],
		['<svg/>', 'image/png', 415],
		[png(8, 8), 'image/jpeg', 415],
		[png(8, 8), 'text/html', 415],
		[Buffer.from('GIF89a'), 'image/gif', 415],
		[png(1025, 1), 'image/png', 422],
		[png(8, 8).subarray(0, 60), 'image/png', 422],
		[(() => { const b = png(8, 8); b[45] ^= 1; return b; })(), 'image/png', 422],
		[jpeg(2000, 2), 'image/jpeg', 422],
		[jpeg().subarray(0, 40), 'image/jpeg', 422],
		[webp().subarray(0, 20), 'image/webp', 422],
		[webp(Buffer.concat([Buffer.from('ANIM'), Buffer.alloc(10)])), 'image/webp', 422],
		[Buffer.concat([png(8, 8), randomBytes(524288)]), 'image/png', 413],
	]) {
		const r = await put(body, type);
		assert.equal(r.status, status, `${type} ${r.text}`);
	}
	assert.equal((await logo()).status, 404);
});

test('a bomb of a picture costs little', async () => {
	const big = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', Buffer.concat([u32(60000), u32(60000), Buffer.from([8, 6, 0, 0, 0])])), chunk('IDAT', deflateSync(Buffer.alloc(100000))), chunk('IEND', Buffer.alloc(0))]);
	assert.equal((await put(big, 'image/png')).status, 422);
});

test('browsers\' reports are counted, and no more than so many', async () => {
	const report = { 'csp-report': { 'document-uri': 'https://auth.example.org/setup', 'blocked-uri': 'inline\u0000\nx', 'violated-directive': 'script-src' } };
	const send = (body, ip) => svc.request('POST', '/csp-report', { body, headers: { 'content-type': 'application/csp-report', 'x-forwarded-for': ip } });
	assert.equal((await send(JSON.stringify(report).replace('\\u0000', ''), '203.0.113.50')).status, 204);
	assert.equal((await send('{', '203.0.113.50')).status, 400);
	assert.equal((await send('{"x":1}', '203.0.113.50')).status, 400);
	let last;
	for (let i = 0; i < 25; i++) last = await send(JSON.stringify({ 'csp-report': {} }), '203.0.113.51');
	assert.equal(last.status, 429);
	await waitUntil(async () => (await auditRows(svc.db, { event: 'csp_reported' })).length > 0);
	assert.match(svc.log, /csp report.*script-src/);
});
