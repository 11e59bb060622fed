// What stands around the pages: overview, navigation, search palette,
// shortcuts, theme, account, signing in again in the middle of an edit, an
// upgrade under an open page.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeApp, makeCast, makeUser, signIn, startService } from '../integration/harness.mjs';
import { consoleLogin } from '../integration/harness_console.mjs';
import { checkAxe, openConsole, settled } from './kit.mjs';

const svc = await startService({ env: { IDENTITY_DEV_OTP: '1' } });
const page = await openConsole(svc, { path: '/setup' });
const open = async (path, heading) => {
	await page.goto(`/setup${path}`);
	await settled(page, heading);
};
const focused = () => page.evaluate(() => (document.activeElement.ariaLabel ?? document.activeElement.textContent).trim());

test('the overview of an empty installation', async () => {
	await open('', 'Overview');
	await page.getByRole('region', { name: 'Set up' }).waitFor();
	await page.getByRole('region', { name: 'Health' }).getByText('Database').first().waitFor();
	await page.getByText('Nobody signed in during this time.').waitFor();
	await checkAxe(page, 'overview, empty');
	page.expectClean();
});

test('the overview of a busy one; its charts are tables too and lead to the audit log', async () => {
	await signIn(svc, await makeCast(svc, { app: { name: 'Payroll' } }));
	const r = await page.request.get('/setup/api/overview');
	const body = await r.json();
	const at = (i) => new Date(Date.UTC(2026, 0, 1, i)).toISOString();
	const fill = (draw) => Array.from({ length: 24 }, (_, i) => ({ at: at(i), ...draw(i) }));
	body.charts = {
		sign_ins: fill((i) => ({ ok: 100 + i * 7, failed: i % 5, mfa_failed: i % 3 })),
		denied: fill((i) => ({ ip_not_allowed: i % 4, rate_limited: i % 7, api_key_invalid: i % 2, a: 1, b: 1, c: 1 })),
		otp: [{ channel: 'sms', requested: 120, sent: 118, verified: 100 }, { channel: 'email', requested: 0, sent: 0, verified: 0 }],
		latency: fill((i) => ({ p50_ms: i === 3 ? null : 1.5, p95_ms: i === 3 ? null : 9 })),
	};
	await page.route('**/setup/api/overview?*', (route) => route.fulfill({ json: body }));
	await open('', 'Overview');
	const chart = page.getByRole('region', { name: 'Sign-ins' });
	await chart.getByRole('group', { name: /^Sign-ins\. 4,4\d\d in all/ }).waitFor();
	await chart.getByText('As a table').click();
	assert.equal(await chart.getByRole('row').count(), 25);
	await checkAxe(page, 'overview, full');
	await chart.locator('svg a').first().click();
	await page.waitForURL(/audit\?from=2026-01-01T00%3A00/);
	await page.unroute('**/setup/api/overview?*');
	await open('?range=30d', 'Overview');
	assert.equal(await page.locator('[aria-current=true]').textContent(), '30 days');
	page.expectClean();
});

test('the overview in error', async () => {
	await page.route('**/setup/api/overview?*', (r) => r.abort());
	await open('', 'Overview');
	await page.getByRole('heading', { name: 'No answer' }).waitFor();
	await checkAxe(page, 'overview, in error');
	await page.unroute('**/setup/api/overview?*');
	await page.getByRole('button', { name: 'Try again' }).click();
	await page.getByRole('region', { name: 'Health' }).waitFor();
	page.expectClean({ allow: /ERR_FAILED/ });
});

test('every page of the navigation is reached; its link keeps the focus, the title follows', async () => {
	await open('', 'Overview');
	const nav = page.getByRole('navigation', { name: 'Console' });
	for (const name of ['Directory', 'Applications', 'Authentication', 'Platform', 'Audit']) {
		await nav.getByRole('link', { name, exact: true }).focus();
		await page.keyboard.press('Enter');
		await settled(page, name);
		assert.equal(await focused(), name);
		assert.equal(await nav.locator('[aria-current=page]').textContent(), name);
		assert.match(await page.title(), new RegExp(`^${name} – `));
	}
	await page.goBack();
	await settled(page, 'Platform');
	page.expectClean();
});

test('Ctrl+K finds pages, people and applications; ? lists the shortcuts', async () => {
	await makeApp(svc, { name: 'Travel desk' });
	const user = await makeUser(svc, { name: 'Zara Quick' });
	await open('/audit', 'Audit');
	for (const [text, option, heading] of [['brand', 'Branding', 'Platform'], ['travel', 'Travel desk', 'Travel desk'], ['zara', 'Zara Quick', 'Zara Quick']]) {
		await page.keyboard.press('Control+k');
		const dialog = page.getByRole('dialog', { name: 'Go to' });
		await page.keyboard.type(text);
		await dialog.getByRole('option', { name: option }).waitFor();
		if (text === 'travel') await checkAxe(page, 'palette', ['dialog']);
		await page.keyboard.press('Enter');
		await settled(page, heading);
	}
	assert.match(page.url(), new RegExp(user.auth_user_id));
	await page.keyboard.press('?');
	const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
	await checkAxe(page, 'shortcuts', ['dialog']);
	await list.getByLabel('Shortcuts of a single key').uncheck();
	await page.keyboard.press('Escape');
	await list.waitFor({ state: 'detached' });
	await page.keyboard.press('?');
	await page.keyboard.press('/');
	assert.equal(await page.getByRole('dialog').count(), 0, 'they are off');
	page.expectClean();
});

test('what is typed before the palette is there goes into its field, wherever the focus was', async () => {
	for (const [path, heading, where] of [['/audit', 'Audit', null], ['/users', 'Directory', '[data-search]']]) {
		await open(path, heading);
		let go;
		const held = new Promise((r) => { go = r; });
		await page.route('**/app/palette.js', async (r) => {
			await held;
			await r.continue();
		});
		if (where) await page.locator(where).focus();
		await page.keyboard.press('Control+k');
		await page.keyboard.type('brax');
		await page.keyboard.press('Control+k');
		await page.keyboard.press('Backspace');
		await page.keyboard.type('n');
		assert.equal(await page.getByRole('dialog').count(), 0, 'it is still being fetched');
		go();
		const box = page.getByRole('dialog', { name: 'Go to' }).getByRole('combobox');
		await box.and(page.locator(':focus')).waitFor();
		await page.keyboard.type('d');
		assert.equal(await box.inputValue(), 'brand');
		if (where) assert.equal(await page.locator(where).inputValue(), '', 'not where the focus was');
		await page.getByRole('option', { name: 'Branding' }).waitFor();
		await page.keyboard.press('Enter');
		await settled(page, 'Platform');
		await page.unroute('**/app/palette.js');
	}
	// one that cannot be fetched leaves the keys where they are
	await page.goto('/setup/users');
	await settled(page, 'Directory');
	await page.route('**/app/palette.js', (r) => r.abort());
	await page.keyboard.press('Control+k');
	await page.getByRole('region', { name: 'Messages' }).getByText('could not be loaded').waitFor();
	await page.locator('[data-search]').focus();
	await page.keyboard.type('zara');
	assert.equal(await page.locator('[data-search]').inputValue(), 'zara');
	await page.unroute('**/app/palette.js');
	page.expectClean({ allow: /ERR_FAILED/ });
});

test('the theme is a cookie that the server reads: no flash of the other one', async () => {
	await open('/account', 'My profile');
	await page.getByRole('region', { name: 'Appearance' }).getByLabel('Dark').check();
	const html = await (await page.request.get('/setup/account')).text();
	assert.match(html, /<html lang="en" data-theme="dark">/);
	await page.reload();
	await settled(page, 'My profile');
	assert.equal(await page.evaluate(() => getComputedStyle(document.body).colorScheme), 'dark');
	await checkAxe(page, 'my profile');
	await page.getByRole('button', { name: page.admin.name }).click();
	await page.locator('.account-menu').getByText('Auto', { exact: true }).click();
	assert.equal((await page.context().cookies()).some((c) => c.name === 'theme'), false);
	page.expectClean();
});

test('a narrow window has a menu button', async () => {
	await page.setViewportSize({ width: 320, height: 700 });
	await open('', 'Overview');
	const nav = page.getByRole('navigation', { name: 'Console' });
	assert.equal(await nav.isVisible(), false);
	await page.getByRole('button', { name: 'Menu' }).click();
	await nav.getByRole('link', { name: 'Audit' }).click();
	await settled(page, 'Audit');
	assert.equal(await nav.isVisible(), false, 'it closes by itself');
	await page.setViewportSize({ width: 1280, height: 900 });
	page.expectClean();
});

test('my sessions: another one is ended', async () => {
	const other = await consoleLogin(svc, { admin: page.admin });
	await open('/account/sessions', 'My sessions');
	await page.getByText('This session').waitFor();
	await checkAxe(page, 'my sessions');
	await page.getByRole('button', { name: /^End the session/ }).first().click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'End session' }).click();
	await page.getByRole('region', { name: 'Messages' }).getByText('The session has ended.').waitFor();
	assert.equal(await page.evaluate(() => document.activeElement.className), 'table-box', 'the focus is not lost with the row');
	assert.equal((await other.get('/session')).status, 401);
	page.expectClean();
});

test('signed out in the middle of an edit: signing in again keeps what was typed', async () => {
	await open('/applications/new', 'Add an application');
	await page.getByLabel('Name').fill('Kept through it');
	// another tab signs out
	await svc.db.query('delete from console_session');
	await svc.restart();
	await page.getByRole('button', { name: 'Add application' }).click();
	const dialog = page.getByRole('dialog', { name: 'You have been signed out' });
	await dialog.getByLabel(/^Password of/).fill('wrong one');
	await page.keyboard.press('Enter');
	await dialog.getByRole('alert').waitFor();
	await checkAxe(page, 'signed out', ['dialog']);
	await dialog.getByLabel(/^Password of/).fill(page.admin.password);
	await page.keyboard.press('Enter');
	await settled(page, 'Kept through it');
	assert.equal((await svc.db.rows("select 1 from application where name = 'Kept through it'")).length, 1);
	page.expectClean();
});

test('an upgrade under an open page is said, and loading again mends it', async () => {
	await open('', 'Overview');
	await page.route('**/app/pages/platform.js', (r) => r.fulfill({ status: 404, body: '' }));
	await page.getByRole('link', { name: 'Platform' }).click();
	await page.getByRole('heading', { name: 'It belongs to another version' }).waitFor();
	await page.unroute('**/app/pages/platform.js');
	await page.getByRole('button', { name: 'Load the console again' }).click();
	await settled(page, 'Platform');
	page.expectClean({ allow: /platform\.js/ });
});

test('an address that is no page', async () => {
	await open('/nothing/of/that/kind', 'There is no such page');
	await checkAxe(page, 'no such page');
	page.expectClean();
});

test('signing out ends the session and shows the sign-in', async () => {
	await open('', 'Overview');
	await page.getByRole('button', { name: page.admin.name }).click();
	await page.getByRole('button', { name: 'Sign out' }).click();
	await page.getByRole('heading', { name: 'Sign in' }).waitFor();
	await page.goto('/setup/audit');
	await page.getByRole('heading', { name: 'Sign in' }).waitFor();
	page.expectClean();
});
