// The first administrator, through the one-time link, as a browser without
// JavaScript sends it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditRows, startService } from './harness.mjs';

const svc = await startService();
const link = await svc.cli(['setup-link']);
const token = new URL(link.stdout.trim().split('\n').at(-1)).searchParams.get('token');
const send = (form) => svc.request('POST', '/setup', { form: { token, ...form } });
const good = { name: 'Ada <Admin>', email: 'Ada@example.org', password: 'a few words to remember' };

test('without a good link there is no form', async () => {
	for (const path of ['/setup', '/setup?token=', '/setup?token=%zz', `/setup?token=${'x'.repeat(4000)}`, '/setup?token=wrong']) {
		const r = await svc.get(path);
		assert.ok([200, 403, 414].includes(r.status), `${path}: ${r.status}`);
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
	const css = await svc.get('/setup/console.css');
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
	assert.equal(rs.filter((r) => r.status === 200).length, 1, rs.map((r) => r.status).join(' '));
	const admins = await svc.db.rows('select name, email, is_admin, password_hash from person');
	assert.equal(admins.length, 1);
	assert.equal(admins[0].is_admin, true);
	assert.equal(admins[0].name, 'Ada <Admin>');
	assert.match(admins[0].password_hash, /^\$argon2id\$/);
	assert.equal((await auditRows(svc.db, { event: 'admin_created' })).length, 1);
	assert.equal((await svc.get(`/setup?token=${token}`)).status, 403);
	const again = await svc.cli(['setup-link']);
	assert.notEqual(again.code, 0);
	assert.equal(again.stdout, '');
});
