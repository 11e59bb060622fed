// The first administrator, through the one-time link, as a browser without
// JavaScript sends it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditRows, consoleLogin, cookieOf, makeAdmin, startService } from './harness.mjs';

const svc = await startService();
const link = await svc.cli(['setup-link']);
const token = new URL(link.stdout.trim().split('\n').at(-1)).searchParams.get('token');
const send = (form) => svc.request('POST', '/setup', { form: { token, ...form } });
const good = { name: 'Ada <Admin>', email: 'Ada@example.org', password: 'a few words to remember' };

test('without a good link there is no form', async () => {
	for (const path of ['/setup', '/setup?token=', '/setup?token=%zz', `/setup?token=${'x'.repeat(4000)}`, '/setup?token=wrong']) {
		const r = await svc.get(path);
		assert.ok([200, 303, 403, 414].includes(r.status), `${path}: ${r.status}`);
		assert.ok(!r.text.includes('<form'), path);
	}
	const r = await svc.request('POST', '/setup', { form: { ...good, token: 'wrong' } });
	assert.equal(r.status, 403);
	assert.equal((await svc.db.rows('select 1 from person')).length, 0);
});

test('the page has strict headers and nothing inline', async () => {
	const r = await svc.get(`/setup?token=${token}`);
	assert.equal(r.status, 200);
	assert.match(r.headers['content-type'], /^text\/html/);
	assert.match(r.headers['content-security-policy'], /default-src 'none'.*frame-ancestors 'none'.*require-trusted-types-for 'script'/);
	assert.equal(r.headers['referrer-policy'], 'no-referrer');
	assert.match(r.headers['cache-control'], /no-store/);
	assert.ok(!/<script|<style|style=|onclick/.test(r.text));
	assert.match(r.text, /At least 15 characters/);
	const css = await svc.get(/"([^"]*\.css)"/.exec(r.text)[1]);
	assert.match(css.headers['content-type'], /^text\/css/);
});

test('what is wrong is said, what was typed is kept and escaped', async () => {
	const cases = [
		[{ ...good, password: 'short' }, /too short/],
		[{ ...good, password: 'passwordpassword' }, /easy to guess/],
		[{ ...good, password: 'ada@example.org!' }, /knows your name/],
		[{ ...good, email: '' }, /e-mail address or a mobile number/],
		[{ ...good, email: 'nonsense' }, /correct format/],
		[{ ...good, name: '' }, /required|name/],
		[{ ...good, name: '"><script>alert(1)</script>', password: 'x' }, /too short/],
	];
	for (const [form, message] of cases) {
		const r = await send(form);
		assert.equal(r.status, 422, r.text);
		assert.match(r.text, message);
		assert.ok(!r.text.includes('<script'), r.text);
		assert.ok(!r.text.includes(`value="${form.password}"`));
	}
	assert.equal((await svc.db.rows('select 1 from person')).length, 0);
});

test('the link makes one administrator, once', async () => {
	const rs = await Promise.all(Array.from({ length: 8 }, (_, i) => send({ ...good, email: `ada${i}@example.org` })));
	assert.equal(rs.filter((r) => r.status === 303).length, 1, rs.map((r) => r.status).join(' '));
	const admins = await svc.db.rows('select name, email, is_admin, password_hash from person');
	assert.equal(admins.length, 1);
	assert.equal(admins[0].is_admin, true);
	assert.equal(admins[0].name, 'Ada <Admin>');
	assert.match(admins[0].password_hash, /^\$argon2id\$/);
	assert.equal((await auditRows(svc.db, { event: 'admin_created' })).length, 1);
	// Signed in, and in the console.
	const done = rs.find((r) => r.status === 303);
	assert.equal(done.headers.location, '/setup/start');
	const session = await svc.get('/setup/api/session', { headers: { cookie: cookieOf(done) } });
	assert.equal(session.body.person.name, 'Ada <Admin>');
	assert.equal((await svc.get(`/setup?token=${token}`)).status, 403);
	const again = await svc.cli(['setup-link']);
	assert.notEqual(again.code, 0);
	assert.equal(again.stdout, '');
});

test('a locked-out administrator comes back by a link, once', async () => {
	const admin = await makeAdmin(svc);
	const c = await consoleLogin(svc, { admin });
	await svc.db.query('update person set mfa_enabled = true where auth_user_id = $1', [admin.auth_user_id]);
	await svc.db.query('insert into recovery_code (person_id, code_mac) values ($1, $2)', [admin.auth_user_id, Buffer.alloc(32)]);
	const make = async (...args) => svc.cli(['admin', 'recovery-link', ...args]);
	assert.equal((await make('--email', 'nobody@example.org')).code, 1);
	assert.equal((await make()).code, 2);
	assert.equal((await make('--email', 'nonsense')).code, 2);
	const earlier = new URL((await make('--email', admin.email)).stdout.trim());
	const made = await make('--email', admin.email, '--json');
	assert.equal(made.code, 0, made.stderr);
	const path = ((u) => u.pathname + u.search)(new URL(made.json().url));
	const token = new URL(made.json().url).searchParams.get('token');
	assert.ok(Date.parse(made.json().expires_at) - Date.now() < 901_000);
	assert.equal((await auditRows(svc.db, { event: 'recovery_link_created', subject_id: admin.auth_user_id })).length, 2);
	for (const bad of [earlier.pathname + earlier.search, '/setup/recover', '/setup/recover?token=x', `${path}x`])
		assert.equal((await svc.get(bad)).status, 403, bad);
	const form = await svc.get(path);
	assert.equal(form.status, 200);
	assert.ok(form.text.includes(admin.name) && form.text.includes('name="password"'));
	const send2 = (password, o = {}) => svc.request('POST', '/setup/recover', { form: { token, password }, ...o });
	assert.equal((await send2('short')).status, 422);
	assert.match((await send2('')).text, /Enter a password/);
	assert.equal((await send2('a new and good password', { headers: { host: 'auth.example.org' } })).status, 403);
	const rs = await Promise.all([1, 2, 3].map(() => send2('a new and good password')));
	assert.deepEqual(rs.map((r) => r.status).sort(), [303, 403, 403]);
	const done = rs.find((r) => r.status === 303);
	assert.equal((await svc.get('/setup/api/session', { headers: { cookie: cookieOf(done) } })).status, 200);
	assert.equal((await c.get('/session')).status, 401);	// the earlier ones have ended
	const again = await consoleLogin(svc, { admin: { ...admin, password: 'a new and good password' } });
	assert.deepEqual([again.session.person.mfa_enabled, again.session.person.has_totp], [false, false]);
	assert.equal((await svc.db.rows('select 1 from recovery_code where person_id = $1', [admin.auth_user_id])).length, 0);
});
