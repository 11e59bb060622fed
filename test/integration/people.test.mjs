// people - /setup/api/users: one person, with each refusal, its audit row and
// the races that two administrators can have.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditRows, consoleLogin, makeAdmin, makeApp, makeCast, makeUser, signIn, startService, waitUntil } from './harness.mjs';

const svc = await startService({ env: { IDENTITY_DEV_OTP: '1' } });
const { app, key, user } = await makeCast(svc);
const stepUp = (a) => svc.db.query('update console_session set step_up_at = clock_timestamp() where person_id = $1', [a.admin.auth_user_id]);
const c = await consoleLogin(svc);
await stepUp(c);
const other = await makeApp(svc);
let n = 0;
const contact = () => ({ email: `made${++n}@example.org`, mobile_number: `+9198765${String(10_000 + n)}`, emp_id: `M${n}` });
const make = async (o = {}) => {
	const r = await c.post('/users', { name: `Made ${n + 1}`, ...contact(), ...o });
	assert.equal(r.status, 201, r.text);
	return r.body;
};
const lastAudit = async (event, subject) => (await auditRows(svc.db, { event, subject_id: subject })).at(-1);
const code = (r, status, want) => {
	assert.equal(r.status, status, r.text);
	assert.equal(r.body.code, want);
};
const fields = (r) => r.body.errors.map((e) => e.field).sort();

test('a person is made, normalised, read, and found in the audit log', async () => {
	const r = await c.post('/users', { name: '  Ａsha Rao ', email: ' Asha.RAO@Example.org', mobile_number: '098765 43210',
		emp_id: ' E-1 ', mfa_enabled: true, language: 'hi-IN', carrier: 'ATT', applications: [app.id, app.id] });
	assert.equal(r.status, 201, r.text);
	const p = r.body;
	assert.deepEqual([p.name, p.email, p.mobile_number, p.emp_id, p.mfa_enabled, p.is_admin, p.language, p.carrier, p.status],
		['Asha Rao', 'asha.rao@example.org', '+919876543210', 'E-1', true, false, 'hi-IN', 'att', 'active']);
	assert.deepEqual(p.applications, [{ id: app.id, name: app.name }]);
	assert.deepEqual([p.has_password, p.has_totp, p.devices, p.sessions, p.last_login_at, p.import_id], [false, false, 0, 0, null, null]);
	assert.equal(r.headers.etag, `"${p.version}"`);
	const got = await c.get(`/users/${p.auth_user_id}`);
	assert.deepEqual(got.body, p);
	assert.equal(got.headers.etag, r.headers.etag);
	const row = await lastAudit('user_created', p.auth_user_id);
	assert.deepEqual([row.category, row.actor_id, row.detail.email, row.detail.password],
		['admin', c.admin.auth_user_id, 'asha.rao@example.org', false]);
	assert.deepEqual(row.detail.applications, [app.id, app.id]);
});

test('a person with a password signs in; the rule holds', async () => {
	const weak = await c.post('/users', { name: 'Weak', ...contact(), password: 'password1234567' });
	code(weak, 422, 'invalid_parameter');
	assert.deepEqual(fields(weak), ['password']);
	const password = 'quartz heron saddle 88';
	const p = await make({ password, applications: [app.id] });
	assert.equal(p.has_password, true);
	assert.ok((await signIn(svc, { key, user: { ...p, password } })).access_token);
	const row = await lastAudit('user_created', p.auth_user_id);
	assert.equal(row.detail.password, true);
	assert.equal(JSON.stringify(row).includes('quartz'), false);
});

test('each bad field is named, all together', async () => {
	const r = await c.post('/users', { email: 'no', mobile_number: '12', emp_id: 'x'.repeat(65), mfa_enabled: 'yes', is_admin: 1,
		language: '?', carrier: 'no such!', applications: ['x'] });
	code(r, 422, 'invalid_parameter');
	assert.deepEqual(fields(r), ['applications', 'carrier', 'email', 'emp_id', 'is_admin', 'language', 'mfa_enabled', 'mobile_number', 'name']);
	code(await c.post('/users', { name: 'x'.repeat(201) }), 422, 'invalid_parameter');
	code(await c.post('/users', { name: 'a\u0007b' }), 422, 'invalid_parameter');
	code(await c.post('/users', { name: 'No such app', applications: ['01900000-0000-7000-8000-000000000000'] }), 422, 'invalid_parameter');
	assert.deepEqual(await svc.db.rows("select from person where name = 'No such app'"), []);
});

test('a contact that is taken names who has it', async () => {
	const p = await make();
	for (const field of ['email', 'mobile_number', 'emp_id']) {
		const r = await c.post('/users', { name: 'Second', [field]: field === 'email' ? p.email.toUpperCase() : p[field] });
		code(r, 409, 'contact_taken');
		assert.deepEqual([r.body.field, r.body.auth_user_id], [field, p.auth_user_id]);
		const q = await make();
		const e = await c.patch(`/users/${q.auth_user_id}`, { [field]: p[field] }, { version: q.version });
		code(e, 409, 'contact_taken');
		assert.equal(e.body.auth_user_id, p.auth_user_id);
	}
});

test('an edit changes what is given, and its row says what', async () => {
	const p = await make({ applications: [app.id] });
	const before = p.sync_hash;
	const r = await c.patch(`/users/${p.auth_user_id}`, { name: 'New name', email: null, applications: [other.id] }, { version: p.version });
	assert.equal(r.status, 200, r.text);
	assert.deepEqual([r.body.name, r.body.email, r.body.mobile_number], ['New name', null, p.mobile_number]);
	assert.deepEqual(r.body.applications.map((a) => a.id), [other.id]);
	assert.notEqual(r.body.sync_hash, before);
	assert.ok(r.body.version > p.version);
	assert.equal(r.headers.etag, `"${r.body.version}"`);
	const row = await lastAudit('user_updated', p.auth_user_id);
	assert.deepEqual(row.detail.changes, { name: [p.name, 'New name'], email: [p.email, null],
		applications: { added: [other.id], removed: [app.id] } });
	// nothing to change: the same answer, no row, no new version
	const same = await c.patch(`/users/${p.auth_user_id}`, { name: 'New name' }, { version: r.body.version });
	assert.deepEqual([same.status, same.body.version], [200, r.body.version]);
	assert.equal((await auditRows(svc.db, { event: 'user_updated', subject_id: p.auth_user_id })).length, 1);
});

test('an edit needs the version that was read', async () => {
	const p = await make();
	code(await c.patch(`/users/${p.auth_user_id}`, { name: 'x' }), 428, 'if_match_required');
	code(await c.patch(`/users/${p.auth_user_id}`, { name: 'x' }, { version: p.version + 7 }), 412, 'precondition_failed');
	code(await c.patch(`/users/${p.auth_user_id}`, { name: null }, { version: p.version }), 422, 'invalid_parameter');
	code(await c.patch(`/users/${p.auth_user_id}`, { password: 'quartz heron saddle 88' }, { version: p.version }), 422, 'invalid_parameter');
	// of many that start from the same version exactly one wins
	const all = await Promise.all(Array.from({ length: 8 }, (_, i) =>
		c.patch(`/users/${p.auth_user_id}`, { name: `Racer ${i}` }, { version: p.version })));
	assert.deepEqual(all.map((r) => r.status).sort(), [200, 412, 412, 412, 412, 412, 412, 412]);
	const won = all.find((r) => r.status === 200);
	assert.equal((await c.get(`/users/${p.auth_user_id}`)).body.name, won.body.name);
});

test('disable, enable: sessions end at once', async () => {
	const who = await makeUser(svc, { apps: [app] });
	const t = await signIn(svc, { key, user: who });
	const session = () => svc.get('/auth/session', { key, token: t.access_token });
	assert.equal((await session()).status, 200);
	const r = await c.post(`/users/${who.auth_user_id}/disable`);
	assert.deepEqual([r.status, r.body.status, r.body.sessions], [200, 'disabled', 0], r.text);
	code(await session(), 401, 'session_revoked');
	assert.ok(await lastAudit('user_disabled', who.auth_user_id));
	assert.equal((await c.post(`/users/${who.auth_user_id}/disable`)).status, 200);
	assert.equal((await auditRows(svc.db, { event: 'user_disabled', subject_id: who.auth_user_id })).length, 1);
	assert.equal((await c.post(`/users/${who.auth_user_id}/enable`)).body.status, 'active');
	assert.ok((await signIn(svc, { key, user: who })).access_token);
});

test('sign out everywhere, one session, one device', async () => {
	const who = await makeUser(svc, { apps: [app] });
	const sign = (id) => signIn(svc, { key, user: who }, { body: { device_id: id, device_name: 'Phone' } });
	const [a, b, d] = [await sign('dev-a'), await sign('dev-b'), await sign('dev-c')];
	const status = async (t) => (await svc.get('/auth/session', { key, token: t.access_token })).status;
	assert.deepEqual(await Promise.all([a, b, d].map(status)), [200, 200, 200]);
	const list = await c.get(`/users/${who.auth_user_id}/sessions`);
	assert.equal(list.body.data.length, 3);
	const one = list.body.data.find((s) => s.id === a.session.id);
	assert.deepEqual([one.application, one.device.id, one.device.name, one.method], [{ id: app.id, name: app.name }, 'dev-a', 'Phone', 'password']);
	assert.equal((await c.del(`/users/${who.auth_user_id}/sessions/${a.session.id}`)).status, 204);
	code(await c.del(`/users/${who.auth_user_id}/sessions/${a.session.id}`), 404, 'not_found');
	assert.deepEqual(await Promise.all([a, b, d].map(status)), [401, 200, 200]);
	const devices = await c.get(`/users/${who.auth_user_id}/devices`);
	assert.deepEqual(devices.body.data.map((x) => x.device_id).sort(), ['dev-a', 'dev-b', 'dev-c']);
	assert.equal((await c.post(`/users/${who.auth_user_id}/devices/forget`, { application_id: app.id, device_id: 'dev-b' })).status, 204);
	code(await c.post(`/users/${who.auth_user_id}/devices/forget`, { application_id: app.id, device_id: 'dev-b' }), 404, 'not_found');
	code(await c.post(`/users/${who.auth_user_id}/devices/forget`, { application_id: 'x' }), 422, 'invalid_parameter');
	assert.deepEqual(await Promise.all([a, b, d].map(status)), [401, 401, 200]);
	const out = await c.post(`/users/${who.auth_user_id}/sign-out`);
	assert.equal(out.body.sessions, 0);
	assert.deepEqual(await Promise.all([a, b, d].map(status)), [401, 401, 401]);
	assert.deepEqual((await lastAudit('user_signed_out', who.auth_user_id)).detail, { sessions: 1 });
	assert.ok(await lastAudit('user_session_ended', who.auth_user_id));
	assert.deepEqual((await lastAudit('user_device_forgotten', who.auth_user_id)).detail, { device_id: 'dev-b', sessions: 1 });
});

test('assignments, one by one', async () => {
	const who = await makeUser(svc, { apps: [app] });
	const t = await signIn(svc, { key, user: who });
	const path = `/users/${who.auth_user_id}/applications/${app.id}`;
	const gone = await c.del(path);
	assert.deepEqual([gone.status, gone.body.applications], [200, []]);
	code(await svc.get('/auth/session', { key, token: t.access_token }), 403, 'not_assigned');
	assert.equal((await c.put(path)).body.applications[0].id, app.id);
	assert.equal((await c.put(path)).status, 200);
	assert.equal((await auditRows(svc.db, { event: 'user_assigned', subject_id: who.auth_user_id })).length, 1);
	const row = await lastAudit('user_unassigned', who.auth_user_id);
	assert.equal(row.application_id, app.id);
	code(await c.put(`/users/${who.auth_user_id}/applications/01900000-0000-7000-8000-000000000000`), 404, 'not_found');
});

test('lockouts show, and are lifted', async () => {
	const who = await makeUser(svc, { apps: [app] });
	for (let i = 0; i < 6; i++)
		await svc.post('/auth/login', { identifier: who.email, password: 'wrong' }, { key });
	const s = await c.get(`/users/${who.auth_user_id}/security`);
	assert.ok(s.body.failures >= 5);
	assert.match(s.body.wait_until, /Z$/);
	assert.ok(s.body.password_set_at);
	assert.equal((await c.post(`/users/${who.auth_user_id}/unlock`)).status, 200);
	const after = await c.get(`/users/${who.auth_user_id}/security`);
	assert.deepEqual([after.body.failures, after.body.wait_until], [0, null]);
	assert.ok((await signIn(svc, { key, user: who })).access_token);
	assert.ok(await lastAudit('user_unlocked', who.auth_user_id));
});

test('a recovery is started, never a password set', async () => {
	const who = await makeUser(svc, { apps: [app] });
	const r = await c.post(`/users/${who.auth_user_id}/recovery`);
	assert.equal(r.status, 200, r.text);
	assert.deepEqual([r.body.channel, r.body.destination], ['email', who.email]);
	const [row] = await svc.db.rows('select application_id, channel, token_hash is not null as has_token from password_reset where id = $1', [r.body.reset_id]);
	assert.deepEqual(row, { application_id: null, channel: 'email', has_token: true });
	const [out] = await svc.db.rows("select kind, destination from outbox where person_id = $1 and kind = 'reset'", [who.auth_user_id]);
	assert.deepEqual(out, { kind: 'reset', destination: who.email });
	const bySms = await make({ email: null });
	assert.equal((await c.post(`/users/${bySms.auth_user_id}/recovery`)).body.channel, 'sms');
	const nobody = await make({ email: null, mobile_number: null });
	code(await c.post(`/users/${nobody.auth_user_id}/recovery`), 503, 'delivery_unavailable');
	await c.post(`/users/${who.auth_user_id}/disable`);
	code(await c.post(`/users/${who.auth_user_id}/recovery`), 403, 'user_disabled');
	assert.deepEqual((await lastAudit('user_recovery_started', who.auth_user_id)).detail, { channel: 'email' });
});

test('an authenticator app is taken away, and the person is told', async () => {
	const who = await makeUser(svc, { apps: [app] });
	code(await c.del(`/users/${who.auth_user_id}/totp`), 409, 'totp_not_enrolled');
	await svc.db.query("insert into totp (person_id, secret, confirmed_at) values ($1, '\\x00', now())", [who.auth_user_id]);
	assert.equal((await c.get(`/users/${who.auth_user_id}`)).body.has_totp, true);
	const r = await c.del(`/users/${who.auth_user_id}/totp`);
	assert.deepEqual([r.status, r.body.has_totp], [200, false]);
	const [out] = await svc.db.rows("select channel from outbox where person_id = $1 and kind = 'notice'", [who.auth_user_id]);
	assert.equal(out.channel, 'email');
	assert.ok(await lastAudit('user_totp_removed', who.auth_user_id));
});

test('deleting keeps a tombstone and frees the contacts', async () => {
	const p = await make({ applications: [app.id] });
	code(await c.del(`/users/${p.auth_user_id}`), 428, 'if_match_required');
	code(await c.del(`/users/${p.auth_user_id}`, { version: 99 }), 412, 'precondition_failed');
	assert.equal((await c.del(`/users/${p.auth_user_id}`, { version: p.version })).status, 204);
	code(await c.get(`/users/${p.auth_user_id}`), 404, 'not_found');
	code(await c.del(`/users/${p.auth_user_id}`, { version: p.version }), 404, 'not_found');
	const [t] = await svc.db.rows('select reason from assignment_tombstone where person_id = $1', [p.auth_user_id]);
	assert.equal(t.reason, 'deleted');
	assert.equal((await lastAudit('user_deleted', p.auth_user_id)).detail.email, p.email);
	await make({ email: p.email, mobile_number: p.mobile_number, emp_id: p.emp_id });
});

test('administrators: not yourself, and step-up first', async () => {
	const me = (await c.get(`/users/${c.admin.auth_user_id}`)).body;
	code(await c.patch(`/users/${me.auth_user_id}`, { is_admin: false }, { version: me.version }), 403, 'not_yourself');
	code(await c.post(`/users/${me.auth_user_id}/disable`), 403, 'not_yourself');
	code(await c.del(`/users/${me.auth_user_id}`, { version: me.version }), 403, 'not_yourself');
	const p = await make();
	const up = await c.patch(`/users/${p.auth_user_id}`, { is_admin: true }, { version: p.version });
	assert.equal(up.body.is_admin, true);
	assert.deepEqual((await lastAudit('admin_promoted', p.auth_user_id)).detail.changes, { is_admin: [false, true] });
	const down = await c.patch(`/users/${p.auth_user_id}`, { is_admin: false }, { version: up.body.version });
	assert.equal(down.body.is_admin, false);
	assert.ok(await lastAudit('admin_demoted', p.auth_user_id));

	const plain = await consoleLogin(svc);		// has not stepped up
	code(await plain.patch(`/users/${p.auth_user_id}`, { is_admin: true }, { version: down.body.version }), 403, 'step_up_required');
	code(await plain.del(`/users/${p.auth_user_id}`, { version: down.body.version }), 403, 'step_up_required');
	code(await plain.del(`/users/${p.auth_user_id}/totp`), 403, 'step_up_required');
	code(await plain.post('/users', { name: 'Boss', is_admin: true }), 403, 'step_up_required');
	code(await plain.post('/users/bulk', { action: 'delete', ids: [p.auth_user_id] }), 403, 'step_up_required');
	assert.equal((await plain.patch(`/users/${p.auth_user_id}`, { name: 'No need' }, { version: down.body.version })).status, 200);
	await svc.db.query('update person set is_admin = false where auth_user_id = $1', [plain.admin.auth_user_id]);
});

test('two administrators who demote each other: one stays', async () => {
	for (let round = 0; round < 4; round++) {
		await svc.db.query('update person set is_admin = false where is_admin and auth_user_id <> $1', [c.admin.auth_user_id]);
		const b = await consoleLogin(svc, { admin: await makeAdmin(svc) });
		await stepUp(b);
		const mine = (await c.get(`/users/${c.admin.auth_user_id}`)).body;
		const yours = (await c.get(`/users/${b.admin.auth_user_id}`)).body;
		const r = await Promise.all([
			c.patch(`/users/${yours.auth_user_id}`, { is_admin: false }, { version: yours.version }),
			b.patch(`/users/${mine.auth_user_id}`, { is_admin: false }, { version: mine.version }),
		]);
		// the slower one is refused: no administrator any more, or the last one
		assert.equal(r.filter((x) => x.status === 200).length, 1, r.map((x) => x.text).join('\n'));
		const left = await svc.db.rows("select auth_user_id from person where is_admin and status = 'active' and deleted_at is null");
		assert.equal(left.length, 1);
		if (left[0].auth_user_id !== c.admin.auth_user_id) {
			await svc.db.query('update person set is_admin = true where auth_user_id = $1', [c.admin.auth_user_id]);
			const again = await consoleLogin(svc, { admin: c.admin });
			[c.cookie, c.csrf] = [again.cookie, again.csrf];
			await stepUp(c);
		}
	}
});

test('the guard: session, CSRF, method, nobody', async () => {
	code(await svc.get('/setup/api/users'), 401, 'console_session_required');
	code(await svc.post('/setup/api/users', { name: 'x' }, { headers: { cookie: c.cookie } }), 403, 'csrf_failed');
	code(await svc.post('/setup/api/users', { name: 'x' }, { headers: { cookie: c.cookie, 'x-csrf-token': c.csrf, 'sec-fetch-site': 'cross-site' } }), 403, 'csrf_failed');
	const r = await c.put('/users', {});
	code(r, 405, 'method_not_allowed');
	assert.equal(r.headers.allow, 'GET, HEAD, POST');
	const none = '/users/01900000-0000-7000-8000-000000000000';
	for (const [m, p] of [['GET', ''], ['GET', '/sessions'], ['GET', '/devices'], ['GET', '/security'], ['POST', '/disable'], ['POST', '/unlock'],
		['POST', '/recovery'], ['DELETE', '/totp'], ['PUT', `/applications/${app.id}`], ['DELETE', '/sessions/01900000-0000-7000-8000-000000000000']])
		code(await c.request(m, none + p), 404, 'not_found');
	code(await c.get('/users/not-an-id'), 404, 'not_found');
	assert.ok(user);
	assert.ok(await waitUntil(() => svc.db.rows("select from audit where event = 'console_refused'").then((x) => x.length > 0)));
});
