// Signing in to the console as a browser without JavaScript does: pages and
// forms, one after the other.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditRows, consoleLogin, cookieOf, makeAdmin, makeUser, setSetting, startService } from './harness.mjs';

const svc = await startService({ env: { IDENTITY_DEV_OTP: '1' }, settings: { login_address_max: 0, otp_window_max: 100, otp_day_max: 1000 } });
const page = (path, form, o) => svc.request(form === undefined ? 'GET' : 'POST', path, { form, ...o });

// The forms of a page: [{ action, fields, asks: [names that a person fills in] }].
function forms(html) {
	return [...html.matchAll(/<form method="post" action="([^"]+)"[^>]*>(.*?)<\/form>/gs)].map(([, action, inner]) => {
		const fields = {};
		const asks = [];
		for (const [tag] of inner.matchAll(/<input[^>]*>/g)) {
			const at = (n) => new RegExp(` ${n}="([^"]*)"`).exec(tag)?.[1];
			fields[at('name')] = (at('value') ?? '').replaceAll('&amp;', '&');
			if (at('type') !== 'hidden') asks.push(at('name'));
		}
		return { action, fields, asks };
	});
}
const send = (form, typed = {}, o) => page(form.action, { ...form.fields, ...typed }, o);
const devCode = (html) => /code is <code>(\d+)<\/code>/.exec(html)?.[1];

test('identifier, password, and back to where one came from', async () => {
	const admin = await makeAdmin(svc);
	const away = await svc.get('/setup/users/1?x=1');
	assert.equal(away.status, 303);
	assert.equal(away.headers.location, '/setup/signin?next=/setup/users/1');
	const [who] = forms((await page(away.headers.location)).text);
	assert.deepEqual(who.asks, ['identifier']);
	const how = await send(who, { identifier: admin.email });
	assert.equal(how.status, 200);
	const [password, other] = forms(how.text);
	assert.deepEqual(password.asks, ['identifier', 'password']);
	assert.deepEqual(other.asks, []);
	const wrong = await send(password, { password: 'wrong' });
	assert.equal(wrong.status, 401);
	assert.match(wrong.text, /role="alert"/);
	assert.ok(forms(wrong.text)[0].fields.identifier === admin.email && forms(wrong.text)[0].fields.password === '');
	const done = await send(password, { password: admin.password });
	assert.equal(done.status, 303);
	assert.equal(done.headers.location, '/setup/users/1');
	const shell = await page('/setup/users/1', undefined, { headers: { cookie: cookieOf(done) } });
	assert.equal(shell.status, 200);
	assert.match(shell.headers['content-security-policy'], /default-src 'none'.*require-trusted-types-for 'script'/);
	for (const [name, value] of Object.entries({ 'referrer-policy': 'no-referrer', 'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin', 'x-content-type-options': 'nosniff' }))
		assert.equal(shell.headers[name], value);
	assert.match(shell.headers['permissions-policy'], /camera=\(\)/);
	const tls = await page('/setup/signin', undefined, { https: true });
	assert.match(tls.headers['strict-transport-security'], /max-age=31536000/);
});

test('only paths of the console are gone back to', async () => {
	const admin = await makeAdmin(svc);
	for (const next of ['https://evil.example', '//evil.example', '/setup//evil.example', '/setup\\evil', '/setupx', '/auth/login', 'javascript:alert(1)', '"><script>', '/setup/"><script>', 'x'.repeat(900)]) {
		const first = await page(`/setup/signin?next=${encodeURIComponent(next)}`);
		assert.ok(!first.text.includes('<script>'), next);
		const done = await page('/setup/signin/password', { next, identifier: admin.email, password: admin.password });
		if (next.length < 600) assert.equal(done.status, 303, next);
		if (!next.startsWith('/setup/"')) assert.ok(['/setup', undefined].includes(done.headers.location), `${next}: ${done.headers.location}`);
	}
});

test('a code instead of the password', async () => {
	const admin = await makeAdmin(svc);
	const [, other] = forms((await page('/setup/signin', { identifier: admin.email, next: '/setup/audit' })).text);
	const sent = await send(other);
	assert.equal(sent.status, 200);
	const [verify, back] = forms(sent.text);
	assert.deepEqual(verify.asks, ['code']);
	assert.equal(back.action, '/setup/signin');
	const code = devCode(sent.text);
	const wrong = await send(verify, { code: code === '000000' ? '000001' : '000000' });
	assert.equal(wrong.status, 401);
	const done = await send(forms(wrong.text)[0], { code: `${code.slice(0, 3)} ${code.slice(3)}` });
	assert.equal(done.status, 303, done.text);
	assert.equal(done.headers.location, '/setup/audit');
	assert.equal((await send(verify, { code })).status, 401);	// once
	assert.equal((await auditRows(svc.db, { event: 'otp_failed', outcome: 'otp_invalid' })).length, 2);
	const [row] = await auditRows(svc.db, { event: 'login_succeeded', actor_id: admin.auth_user_id });
	assert.deepEqual(row.detail, { method: 'otp', console: true });
});

test('nobody can tell who is an administrator', async () => {
	const admin = await makeAdmin(svc);
	const user = await makeUser(svc);
	const plain = (text, id) => text.replaceAll(id, 'ID').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UUID').replace(/<p class="hint">Development.*?<\/p>/, '');
	const pages = [];
	for (const identifier of [admin.email, user.email, 'nobody.at.all@example.org']) {
		const how = await page('/setup/signin', { identifier });
		const sent = await page('/setup/signin/code', { identifier });
		const [verify] = forms(sent.text);
		const wrong = await send(verify, { code: '00000000' });
		const password = await page('/setup/signin/password', { identifier, password: 'wrong' });
		pages.push([how, sent, wrong, password].map((r) => `${r.status} ${plain(r.text, identifier)}`).join('\n').replaceAll(/\n\n+/g, '\n'));
	}
	assert.equal(pages[0], pages[1]);
	assert.equal(pages[1], pages[2]);
	assert.equal((await svc.db.rows('select 1 from challenge where person_id = $1', [user.auth_user_id])).length, 0);
});

test('the second factor, and a code that is not enough', async () => {
	const admin = await makeAdmin(svc);
	await svc.db.query('update person set mfa_enabled = true where auth_user_id = $1', [admin.auth_user_id]);
	const first = await page('/setup/signin/password', { identifier: admin.email, password: admin.password, next: '/setup/audit' });
	assert.equal(first.status, 200);
	assert.equal(first.headers['set-cookie'], undefined);
	assert.match(first.text, /We sent a code to a\*+/);
	const [factor] = forms(first.text);
	const wrong = await send(factor, { code: '99999999' });
	assert.equal(wrong.status, 401);
	const done = await send(forms(wrong.text)[0], { code: devCode(first.text) });
	assert.deepEqual([done.status, done.headers.location], [303, '/setup/audit']);
	// By code alone: neither app nor recovery codes are there.
	const sent = await page('/setup/signin/code', { identifier: admin.email });
	const refused = await send(forms(sent.text)[0], { code: devCode(sent.text) });
	assert.equal(refused.status, 403);
	assert.match(refused.text, /Sign in with your password/);
	assert.deepEqual(forms(refused.text)[0].asks, ['identifier', 'password']);
});

test('too many tries: the page says when to come back', async () => {
	const admin = await makeAdmin(svc);
	await svc.db.query(`insert into person_login (person_id, failures, wait_until) values ($1, 20, now() + interval '4 minutes')`, [admin.auth_user_id]);
	const r = await page('/setup/signin/password', { identifier: admin.email, password: admin.password });
	assert.equal(r.status, 429);
	assert.match(r.text, /Try again in 4 minutes/);
	assert.ok(Number(r.headers['retry-after']) > 200);
	await setSetting(svc.db, 'login_address_max', 3);
	let last;
	for (let i = 0; i < 12 && last?.status !== 429; i++) last = await page('/setup/signin/password', { identifier: `n${i}@example.org`, password: 'x' });
	assert.equal(last.status, 429);
	assert.match(last.text, /Try again in \d minute/);
	await setSetting(svc.db, 'login_address_max', 0);
});

test('what is missing or wrong is said; another site\'s form is refused', async () => {
	for (const [path, form] of [['/setup/signin', {}], ['/setup/signin', { identifier: 'not an address' }], ['/setup/signin/password', { identifier: 'a@example.org' }],
		['/setup/signin/code', {}], ['/setup/signin/verify', { identifier: 'a@example.org', challenge_id: 'x', code: '1' }], ['/setup/signin/factor', { mfa_token: 'x' }]]) {
		const r = await page(path, form);
		assert.ok([401, 422].includes(r.status), `${path}: ${r.status}`);
		assert.match(r.text, /role="alert"/);
		assert.match(r.text, /<title>Error: /);
	}
	for (const path of ['/setup/signin/password', '/setup/signin/code'])
		assert.equal((await page(path, { identifier: 'a@example.org', password: 'x' }, { headers: { 'sec-fetch-site': 'cross-site' } })).status, 403);
	assert.equal((await svc.request('DELETE', '/setup/signin')).status, 405);
});

test('signing out by a form', async () => {
	const c = await consoleLogin(svc);
	const out = (form, headers) => page('/setup/signout', form, { headers: { cookie: c.cookie, ...headers } });
	assert.equal((await out({}, {})).status, 403);
	for (const csrf_token of [`${c.csrf}A`, c.csrf.slice(0, -1), c.csrf.replace(/.$/, (x) => (x === 'A' ? 'E' : 'A'))])
		assert.notEqual((await out({ csrf_token }, {})).status, 303, csrf_token);
	assert.equal((await out({}, { 'sec-fetch-site': 'cross-site' })).status, 403);
	assert.equal((await c.get('/session')).status, 200);
	const r = await out({ csrf_token: c.csrf }, {});
	assert.deepEqual([r.status, r.headers.location], [303, '/setup/signin']);
	assert.match(r.headers['set-cookie'][0], /Max-Age=0/);
	assert.equal((await c.get('/session')).status, 401);
	assert.equal((await out({ csrf_token: c.csrf }, {})).status, 303);
	const d = await consoleLogin(svc);
	assert.equal((await page('/setup/signout', {}, { headers: { cookie: d.cookie, 'sec-fetch-site': 'same-origin' } })).status, 303);
});
