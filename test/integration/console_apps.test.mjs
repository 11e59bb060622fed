// Applications, their blocks and keys, through the console's API; each change
// is in force with the very next call.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { auditRows, consoleLogin, makeCast, makeUser, signIn, startService, waitUntil } from './harness.mjs';

const svc = await startService({ env: { IDENTITY_TRUSTED_PROXIES: '127.0.0.1' } });
const c = await consoleLogin(svc);
const code = (r) => r.body?.code;
let n = 0;
const create = async (o = {}) => {
	const r = await c.post('/applications', { name: `App ${++n}`, allowed_ips: [{ block: '127.0.0.1', label: 'here' }], ...o });
	assert.equal(r.status, 201, r.text);
	return r.body;
};
const newKey = async (app, o = {}) => {
	const r = await c.post(`/applications/${app.id}/keys`, o);
	assert.equal(r.status, 201, r.text);
	return r.body;
};
// What an application's own call gets.
const call = (key, o = {}) => svc.post('/auth/register', { identifier: 'nobody@example.org' }, { key, ...o });
const NOBODY = 404;

test('an application is created, shown, listed and changed', async () => {
	const r = await c.post('/applications', { name: ' Payroll ', allowed_ips: [{ block: '203.0.113.0/24', label: 'Office' }, { block: '2001:DB8::/32' }], rate_per_minute: 600 });
	assert.equal(r.status, 201, r.text);
	const a = r.body;
	assert.equal(r.headers.etag, '"1"');
	assert.deepEqual(a, { ...a, name: 'Payroll', is_enabled: true, rate_per_minute: 600, version: 1, users: 0, keys: 0, last_used_at: null, denied_24h: 0,
		allowed_ips: [{ block: '203.0.113.0/24', label: 'Office' }, { block: '2001:db8::/32', label: null }] });
	const shown = await c.get(`/applications/${a.id}`);
	assert.deepEqual(shown.body, a);
	assert.equal((await c.get(`/applications/${a.id}`, { headers: { 'if-none-match': '"1"' } })).status, 304);
	const changed = await c.patch(`/applications/${a.id}`, { name: 'Wages', rate_per_minute: null }, { version: 1 });
	assert.deepEqual([changed.status, changed.headers.etag, changed.body.name, changed.body.rate_per_minute, changed.body.is_enabled], [200, '"2"', 'Wages', null, true]);
	const [row] = await auditRows(svc.db, { event: 'application_changed', application_id: a.id });
	assert.deepEqual([row.actor_id, row.detail], [c.admin.auth_user_id, { name: { from: 'Payroll', to: 'Wages' }, rate_per_minute: { from: 600, to: null } }]);
	assert.equal((await auditRows(svc.db, { event: 'application_created', application_id: a.id })).length, 1);
});

test('what does not fit is told, field by field', async () => {
	const fields = (r) => { assert.equal(r.status, 422, r.text); return r.body.errors.map((e) => e.field); };
	for (const name of [undefined, null, '', ' ', 7, 'x'.repeat(101), 'a\u0007b'])
		assert.deepEqual(fields(await c.post('/applications', { name })), ['name'], JSON.stringify(name));
	for (const rate_per_minute of [0, -1, 1.5, '7', 100000001])
		assert.deepEqual(fields(await c.post('/applications', { name: 'x', rate_per_minute })), ['rate_per_minute'], JSON.stringify(rate_per_minute));
	assert.deepEqual(fields(await c.post('/applications', { name: '', is_enabled: 1, rate_per_minute: 0 })), ['name', 'is_enabled', 'rate_per_minute']);
	assert.deepEqual(fields(await c.post('/applications', { name: 'x', allowed_ips: [{ block: '10.0.0.1/8' }, { block: '10.0.0.0/8' }, { block: 'x' }, 7, { block: '::1', label: 'x'.repeat(101) }] })),
		['allowed_ips[0]', 'allowed_ips[2]', 'allowed_ips[3]', 'allowed_ips[4]']);
	assert.deepEqual(fields(await c.post('/applications', { name: 'x', allowed_ips: 'x' })), ['allowed_ips']);
	assert.deepEqual(fields(await c.post('/applications', { name: 'x', allowed_ips: Array(257).fill('10.0.0.1') })), ['allowed_ips']);
	const a = await create();
	const taken = await c.post('/applications', { name: a.name.toUpperCase() });
	assert.deepEqual([taken.status, code(taken), taken.body.errors[0].field], [409, 'conflict', 'name']);
	const b = await create();
	assert.equal(code(await c.patch(`/applications/${b.id}`, { name: a.name }, { version: 1 })), 'conflict');
	assert.deepEqual(fields(await c.patch(`/applications/${b.id}`, { is_enabled: 'yes' }, { version: 1 })), ['is_enabled']);
});

test('versions: missing, old, odd', async () => {
	const a = await create();
	const path = `/applications/${a.id}`;
	assert.equal(code(await c.patch(path, { name: 'x' })), 'if_match_required');
	for (const m of ['*', 'W/"1"', '1', '"x"', '"-1"', '""'])
		assert.equal(code(await c.patch(path, { name: 'x' }, { headers: { 'if-match': m } })), 'malformed_request', m);
	assert.equal(code(await c.patch(path, { name: 'x' }, { version: 7 })), 'precondition_failed');
	const rs = await Promise.all(['a', 'b', 'c'].map((x) => c.patch(path, { name: `race ${x}` }, { version: 1 })));
	assert.deepEqual(rs.map((r) => r.status).sort(), [200, 412, 412]);
	for (const id of [randomUUID(), 'nonsense', ''])
		assert.equal(code(await c.get(`/applications/${id}`)), 'not_found', id);
	assert.equal(code(await c.patch(`/applications/${randomUUID()}`, { name: 'x' }, { version: 1 })), 'not_found');
});

test('the list: search, pages, counts', async () => {
	for (let i = 0; i < 7; i++) await create({ name: `Listed ${String.fromCharCode(71 - i)} é` });
	const names = [];
	for (let cursor = ''; cursor !== null;) {
		const r = await c.get(`/applications?q=LISTED&limit=3${cursor && `&cursor=${cursor}`}`);
		assert.equal(r.status, 200, r.text);
		names.push(...r.body.data.map((a) => a.name));
		assert.equal(r.body.page.has_more, r.body.page.next_cursor !== null);
		cursor = r.body.page.next_cursor;
	}
	assert.deepEqual(names, ['A', 'B', 'C', 'D', 'E', 'F', 'G'].map((x) => `Listed ${x} é`));
	assert.equal((await c.get('/applications?q=listed&count=1&limit=2')).body.page.count, 7);
	assert.deepEqual((await c.get('/applications?q=%25')).body.data, []);
	for (const q of ['limit=0', 'limit=201', 'limit=x', 'cursor=zz', 'cursor=ff', `q=${'x'.repeat(255)}`])
		assert.equal(code(await c.get(`/applications?${q}`)), 'invalid_parameter', q);
});

test('blocks decide at once who may call', async () => {
	const a = await create({ allowed_ips: [] });
	const { key } = await newKey(a);
	const from = (ip) => call(key, { headers: { 'x-forwarded-for': ip } });
	assert.equal(code(await from('203.0.113.9')), 'ip_not_allowed');
	const put = async (entries, version) => c.put(`/applications/${a.id}/allowed-ips`, { entries }, { version });
	const r = await put([{ block: '203.0.113.0/24', label: 'Office' }, '198.51.100.7'], 1);
	assert.equal(r.status, 200, r.text);
	assert.deepEqual(r.body.allowed_ips, [{ block: '198.51.100.7', label: null }, { block: '203.0.113.0/24', label: 'Office' }]);
	for (const ip of ['203.0.113.9', '198.51.100.7']) assert.equal((await from(ip)).status, NOBODY, ip);
	assert.equal((await from('198.51.100.8')).status, 403);
	const asked = async (address) => (await c.post(`/applications/${a.id}/allowed-ips/test`, { address })).body;
	assert.deepEqual(await asked('203.0.113.77'), { allowed: true, block: '203.0.113.0/24' });
	assert.deepEqual(await asked('::ffff:203.0.113.77'), { allowed: true, block: '203.0.113.0/24' });
	assert.deepEqual(await asked('2001:db8::1'), { allowed: false, block: null });
	assert.equal((await asked('x')).code, 'invalid_parameter');
	assert.equal((await put([{ block: '203.0.113.0/24' }, { block: '203.0.113.0/24', label: 'twice' }], 2)).body.allowed_ips.length, 1);
	assert.equal((await from('198.51.100.7')).status, 403);
	assert.equal(code(await put([], 1)), 'precondition_failed');
	assert.equal(code(await put(undefined, 3)), 'invalid_parameter');
	const rows = await auditRows(svc.db, { event: 'application_ips_changed', application_id: a.id });
	assert.deepEqual(rows[0].detail, { added: [{ block: '198.51.100.7', label: null }, { block: '203.0.113.0/24', label: 'Office' }], removed: [] });
	await waitUntil(async () => {
		const s = (await c.get(`/applications/${a.id}/allowed-ips/suggest`, { headers: { 'x-forwarded-for': '192.0.2.1' } })).body;
		return s.your_address === '192.0.2.1' && s.denied.some((d) => d.address === '198.51.100.8' && d.count >= 1) && s.seen.some((d) => d.address === '203.0.113.9');
	}, { what: 'denied and seen addresses' });
	await waitUntil(async () => (await c.get(`/applications/${a.id}`)).body.denied_24h >= 3);
});

test('a key is shown once, and works at once until it is off, expired or deleted', async () => {
	const a = await create();
	const k = await newKey(a, { label: 'web', expires_in_days: 30 });
	assert.match(k.key, /^isk_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
	assert.equal(k.key.slice(0, 8) + '…', k.prefix);
	assert.equal(k.created_by.name, c.admin.name);
	assert.equal((await call(k.key)).status, NOBODY);
	const path = `/applications/${a.id}/keys/${k.id}`;
	const list = async () => (await c.get(`/applications/${a.id}/keys`)).body.data;
	assert.equal((await list())[0].key, undefined);
	await waitUntil(async () => (await list())[0].last_used_ip === '127.0.0.1');
	for (const [change, status] of [[{ is_enabled: false }, 401], [{ is_enabled: true }, NOBODY], [{ expires_at: '2020-01-01T00:00:00Z' }, 401], [{ expires_at: null, label: null }, NOBODY]]) {
		const r = await c.patch(path, change);
		assert.equal(r.status, 200, r.text);
		assert.equal((await call(k.key)).status, status, JSON.stringify(change));
	}
	assert.equal((await c.del(path)).status, 204);
	assert.equal((await call(k.key)).status, 401);
	assert.equal(code(await c.del(path)), 'not_found');
	const rows = await svc.db.rows(`select event, detail from audit where application_id = $1 and event like 'api_key%' and category = 'admin' order by id`, [a.id]);
	assert.deepEqual(rows.map((r) => r.event), ['api_key_created', 'api_key_changed', 'api_key_changed', 'api_key_changed', 'api_key_changed', 'api_key_deleted']);
	assert.deepEqual(rows[1].detail, { key_id: k.id, is_enabled: { from: true, to: false } });
	assert.ok(!JSON.stringify(rows).includes(k.key.slice(17, 40)));
	for (const [o, field] of [[{ label: '' }, 'label'], [{ label: 'x'.repeat(101) }, 'label'], [{ expires_in_days: 0 }, 'expires_in_days'], [{ expires_in_days: 5000 }, 'expires_in_days']])
		assert.equal((await c.post(`/applications/${a.id}/keys`, o)).body.errors[0].field, field);
	const other = await newKey(a);
	for (const expires_at of ['soon', '2026-13-45T00:00:00Z', 7])
		assert.equal((await c.patch(`/applications/${a.id}/keys/${other.id}`, { expires_at })).body.errors[0].field, 'expires_at');
	assert.equal(code(await c.patch(`/applications/${(await create()).id}/keys/${other.id}`, { label: 'x' })), 'not_found');
});

test('rotation: two keys for a while, or the old one ends at once', async () => {
	const a = await create();
	const old = await newKey(a, { label: 'web' });
	const path = `/applications/${a.id}/keys`;
	const next = await c.post(`${path}/${old.id}/rotate`, { old_expires_in_s: 3600 });
	assert.equal(next.status, 201, next.text);
	assert.equal(next.body.label, 'web');
	for (const key of [old.key, next.body.key]) assert.equal((await call(key)).status, NOBODY);
	const seen = (await c.get(path)).body.data.find((k) => k.id === old.id);
	assert.ok(Math.abs(Date.parse(seen.expires_at) - Date.now() - 3600_000) < 60_000);
	const last = await c.post(`${path}/${next.body.id}/rotate`, { old_expires_in_s: 0 });
	assert.equal((await call(next.body.key)).status, 401);
	assert.equal((await call(last.body.key)).status, NOBODY);
	assert.equal(code(await c.post(`${path}/${'A'.repeat(12)}/rotate`, {})), 'not_found');
	assert.equal(code(await c.post(`${path}/${'A'.repeat(300)}/rotate`, {})), 'not_found');
	assert.equal((await c.post(`${path}/${old.id}/rotate`, { old_expires_in_s: -1 })).body.errors[0].field, 'old_expires_in_s');
	const [row] = await auditRows(svc.db, { event: 'api_key_rotated', application_id: a.id });
	assert.deepEqual([row.detail.old_key_id, row.detail.old_expires_in_s], [old.id, 3600]);
});

test('an application that is switched off or deleted is out with the next call', async () => {
	const cast = await makeCast(svc, { app: { name: 'To go' } });
	const t = await signIn(svc, cast);
	const seen = () => svc.get('/auth/session', { key: cast.key, token: t.access_token });
	assert.equal((await seen()).status, 200);
	const path = `/applications/${cast.app.id}`;
	assert.equal((await c.patch(path, { is_enabled: false }, { version: (await c.get(path)).body.version })).status, 200);
	assert.equal(code(await seen()), 'application_disabled');
	let { version } = (await c.get(path)).body;
	await c.patch(path, { is_enabled: true }, { version });
	assert.equal((await seen()).status, 200);
	({ version } = (await c.get(path)).body);
	assert.equal(code(await c.del(path, { version })), 'step_up_required');
	await c.stepUp();
	assert.equal(code(await c.del(path)), 'if_match_required');
	assert.equal(code(await c.del(path, { version: version - 1 })), 'precondition_failed');
	assert.equal((await c.del(path, { version })).status, 204);
	assert.equal(code(await seen()), 'api_key_invalid');
	assert.equal(code(await c.del(path, { version })), 'not_found');
	assert.deepEqual((await auditRows(svc.db, { event: 'application_deleted', application_id: cast.app.id }))[0].detail, { name: 'To go', users: 1, keys: 1 });
	await makeUser(svc);	// the directory goes on
});
