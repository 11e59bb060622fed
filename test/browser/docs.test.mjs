// The API reference and the Guide, as a developer reads them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeCast, startService } from '../integration/harness.mjs';
import { checkAxe, openConsole, openPage } from './kit.mjs';

const svc = await startService();
const doc = (await svc.get('/openapi.json')).body;
const operations = Object.entries(doc.paths).flatMap(([path, item]) => Object.entries(item).map(([method, o]) => ({ path, method, ...o })));

test('the reference has every operation with every code, without JavaScript and without a session', async () => {
	const page = await openPage(svc, { javaScript: false });
	const r = await page.goto('/setup/reference');
	assert.equal(r.status(), 200);
	assert.match(r.headers()['content-security-policy'], /trusted-types 'none'/);
	const html = await r.text();
	for (const o of operations) {
		const article = page.locator(`article[id="${o.operationId}"]`);
		assert.equal(await article.count(), 1, o.operationId);
		const text = await article.textContent();
		assert.ok(text.includes(o.path) && text.includes(o.method.toUpperCase()), o.operationId);
		for (const status of Object.keys(o.responses)) {
			const answer = o.responses[status].$ref ? doc.components.responses[o.responses[status].$ref.split('/').at(-1)] : o.responses[status];
			for (const code of Object.keys(answer.content?.['application/problem+json']?.examples ?? {}))
				assert.ok(text.includes(code), `${o.operationId} does not tell of ${code}`);
		}
		assert.equal(await page.locator(`nav a[href="#${o.operationId}"]`).count(), 1);
	}
	for (const id of html.matchAll(/href="#([^"]+)"/g)) assert.ok(html.includes(`id="${id[1]}"`), `#${id[1]} leads nowhere`);
	assert.ok(await page.getByText('curl -sS').first().isVisible());
	assert.equal(await page.getByText('Try it').count(), 0);
	page.expectClean();
});

test('each code has its place in the Guide', async () => {
	const page = await openPage(svc, { javaScript: false });
	const guide = await (await page.goto('/setup/guide')).text();
	const reference = await (await page.goto('/setup/reference')).text();
	const codes = new Set([...reference.matchAll(/\/setup\/guide#error-(\w+)/g)].map((m) => m[1]));
	assert.ok(codes.size > 30);
	for (const code of codes) assert.ok(guide.includes(`id="error-${code}"`), code);
	for (const id of guide.matchAll(/href="#([^"]+)"/g)) assert.ok(guide.includes(`id="${id[1]}"`), `#${id[1]} leads nowhere`);
	await page.goto('/setup/guide');
	for (const part of ['Install', 'Operate', 'Integrate', 'Troubleshoot']) assert.equal(await page.locator('main').getByRole('heading', { level: 2, name: part, exact: true }).count(), 1, part);
	page.expectClean();
});

test('filter, tabs, copying, permalinks', async () => {
	const page = await openPage(svc);
	await page.goto('/setup/reference#login');
	await page.getByLabel('Filter operations').fill('refresh');
	assert.equal(await page.locator('.list li:visible').count(), 1);
	await page.getByLabel('Filter operations').fill('no such thing');
	await page.getByText('Nothing matches.').waitFor();
	await page.getByLabel('Filter operations').fill('');
	const login = page.locator('article#login');
	assert.ok(await login.getByText(`${page.origin}/auth/login`).first().isVisible(), 'the host is filled in');
	await login.getByRole('tab', { name: 'PHP' }).click();
	assert.ok(await login.getByText('curl_init(').isVisible());
	assert.ok(!await login.getByText('curl -sS').isVisible());
	await page.keyboard.press('ArrowRight');
	assert.ok(await login.getByText('requests.post(').isVisible());
	await page.reload();
	assert.equal(await login.getByRole('tab', { name: 'Python' }).getAttribute('aria-selected'), 'true', 'the language is remembered');
	await login.getByRole('button', { name: /^Copy: Python/ }).click();
	assert.match(await page.evaluate(() => navigator.clipboard.readText()), /requests\.post\(\s*"http:\/\/localhost:\d+\/auth\/login"/);
	page.expectClean();
});

test('a call is tried: what reads, and what a test user does; the key stays in the page', async () => {
	const { key, user } = await makeCast(svc);
	const page = await openPage(svc);
	await page.goto('/setup/reference');
	const offered = await page.locator('article:has(> .try)').evaluateAll((all) => all.map((a) => a.id));
	assert.deepEqual(offered.sort(), operations.filter((o) => o.method === 'get' || o.path.startsWith('/auth/')).map((o) => o.operationId).sort());
	const box = async (id) => {
		const b = page.locator(`article[id="${id}"] .try`);
		await b.locator('> summary').click();
		return b;
	};
	const send = (b) => b.getByRole('button', { name: 'Send' }).click();

	const login = await box('login');
	await login.getByText('use a test user', { exact: false }).waitFor();
	await send(login);
	await login.getByRole('status').getByText('401', { exact: false }).first().waitFor();
	await login.getByLabel('Body', { exact: true }).fill('{"identifier":');
	await send(login);
	await login.getByText('The body is no JSON', { exact: false }).waitFor();
	await login.getByLabel('Application key').fill(key);
	await login.getByLabel('Body', { exact: true }).fill(JSON.stringify({ identifier: user.email, password: user.password }));
	await send(login);
	await login.getByRole('status').getByText(/^200/).waitFor();
	await login.getByText(/in \d+ ms/).waitFor();
	const body = JSON.parse(await login.getByRole('group', { name: 'Body of the answer' }).textContent());
	assert.equal(body.user.auth_user_id, user.auth_user_id);
	await login.getByText(/^Headers \(\d+\)/).click();
	assert.match(await login.getByRole('group', { name: 'Headers of the answer' }).textContent(), /^content-type: application\/json/m);
	await checkAxe(page, 'a call that was tried', ['#login .try']);

	// the token of the answer, and the key, are at hand for the next one
	const session = await box('getSession');
	assert.equal(await session.getByLabel('Application key').inputValue(), key);
	assert.equal(await session.getByLabel('Access token').inputValue(), body.access_token);
	await send(session);
	await session.getByRole('status').getByText(/^200/).waitFor();
	assert.ok((await session.getByRole('group', { name: 'Body of the answer' }).textContent()).includes(user.auth_user_id));

	// a stream is stopped by hand
	const stream = await box('streamUsers');
	await send(stream);
	await stream.getByText('Waiting for the answer').waitFor();
	await stream.getByRole('button', { name: 'Stop' }).click();
	await stream.getByRole('status').getByText(/^(200|Stopped)/).waitFor();

	const list = await box('listPeople');
	await list.getByLabel('q (query, optional)').fill('nobody at all');
	await send(list);
	await list.getByRole('status').getByText(/^401/).waitFor();
	await list.getByText('GET /setup/api/users?q=nobody+at+all', { exact: true }).waitFor();

	const traces = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href, history.state]));
	for (const secret of [key, body.access_token, user.password]) assert.ok(!traces.includes(secret));
	await page.goto('/setup/guide');
	await page.goBack();
	await page.locator('article#login .try').waitFor();
	assert.ok(!(await page.evaluate(() => [...document.querySelectorAll('.try input')].map((i) => i.value).join())).includes(key), 'gone once the page is left');
	page.expectClean();
});

test('what the console reads is tried with its session', async () => {
	const page = await openConsole(svc, { path: '/setup/account' });
	await page.goto('/setup/reference');
	const box = page.locator('article#getPerson .try');
	await box.locator('> summary').click();
	await box.getByLabel('id (path)').fill(page.admin.auth_user_id);
	await box.getByRole('button', { name: 'Send' }).click();
	await box.getByRole('status').getByText(/^200/).waitFor();
	assert.equal(JSON.parse(await box.getByRole('group', { name: 'Body of the answer' }).textContent()).auth_user_id, page.admin.auth_user_id);
	page.expectClean();
});

test('with a session the Guide has this installation’s values', async () => {
	const page = await openConsole(svc, { path: '/setup/account' });
	await page.goto('/setup/guide#error-ip_not_allowed');
	const row = page.locator('#error-ip_not_allowed');
	assert.ok(await row.isVisible());
	const url = (await svc.get('/setup/api/session', { headers: { cookie: (await page.context().cookies()).map((c) => `${c.name}=${c.value}`).join('; ') } })).body.environment.public_url;
	await page.getByText(`ID=${url.replace(/\/$/, '')}`).first().waitFor();
	page.expectClean();
});

test('both are fine for everybody', async () => {
	const page = await openPage(svc);
	await page.goto('/setup/reference');
	await checkAxe(page, 'API reference', ['.top', '.list', '#login', '#verifyOtp', '#getSession', '#schema-User']);
	await page.goto('/setup/guide');
	await checkAxe(page, 'Guide', ['.top', '.list', 'main > p', '#part-install', '#error-api_key_missing']);
	page.expectClean();
});
