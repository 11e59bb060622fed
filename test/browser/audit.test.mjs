// The audit log as an administrator reads it: filters in the address, detail,
// follow, export, purge, seal.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeCast, makeUser, signIn, startService, waitUntil } from '../integration/harness.mjs';
import { checkAxe, openConsole, settled, stepUp } from './kit.mjs';

const svc = await startService({ env: { IDENTITY_DEV_OTP: '1' } });
const cast = await makeCast(svc, { app: { name: 'Payroll' }, user: { name: 'Ben Okafor' } });
await signIn(svc, cast);
await svc.post('/auth/login', { identifier: cast.user.email, password: 'wrong' }, { key: cast.key });
await waitUntil(async () => (await svc.db.rows("select 1 from audit where event = 'login_failed'")).length > 0);
const page = await openConsole(svc, { path: '/setup/audit' });

const open = async (query = '', heading = 'Audit') => {
	await page.goto(`/setup/audit${query}`);
	await settled(page, heading);
};
const rows = () => page.getByRole('table', { name: 'Events' }).getByRole('rowheader');
const message = (text) => page.getByRole('region', { name: 'Messages' }).getByText(text).last().waitFor();

test('the columns, and axe', async () => {
	await open();
	const heads = await page.getByRole('table', { name: 'Events' }).getByRole('columnheader').allTextContents();
	assert.deepEqual(heads.map((h) => h.replace(/ \(.*/, '')), ['Event', 'User', 'IP', 'Date', 'Time']);
	assert.match(heads[4], /\(.+\)/, 'the zone is named');
	await checkAxe(page, 'audit');
	page.expectClean();
});

test('filters are the address, and chips take them away', async () => {
	await open();
	await page.getByLabel('Outcome').selectOption({ label: 'Refused' });
	await page.waitForURL(/outcome=refused/);
	await rows().filter({ hasText: 'Login failed' }).waitFor();
	await rows().filter({ hasText: 'Login succeeded' }).first().waitFor({ state: 'detached' });
	await page.getByLabel('Outcome').selectOption({ label: 'All' });
	await page.getByRole('button', { name: 'More filters' }).click();
	const dialog = page.getByRole('dialog', { name: 'Filter events' });
	await dialog.getByRole('combobox', { name: 'Events' }).pressSequentially('login succ');
	await dialog.getByRole('option', { name: 'Login succeeded' }).waitFor();
	await page.keyboard.press('Enter');
	await dialog.getByRole('combobox', { name: 'User' }).pressSequentially('okafor');
	await dialog.getByRole('option', { name: /Ben Okafor/ }).waitFor();
	await page.keyboard.press('Enter');
	await dialog.getByLabel('IP address or block').fill('127.0.0.0/8');
	await checkAxe(page, 'filters', ['dialog']);
	await dialog.getByRole('button', { name: 'Show' }).click();
	await page.waitForURL(/event=login_succeeded/);
	const url = new URL(page.url());
	assert.deepEqual([url.searchParams.get('user'), url.searchParams.get('ip')], [cast.user.auth_user_id, '127.0.0.0/8']);
	await page.waitForFunction(() => document.querySelectorAll('main tbody tr').length === 1);
	await page.getByText('User: Ben Okafor').waitFor();
	await page.getByRole('button', { name: 'Remove User: Ben Okafor' }).click();
	await page.waitForURL((u) => !u.searchParams.has('user'));
	await page.waitForFunction(() => document.querySelectorAll('table[aria-busy] , main tbody tr').length >= 2);
	await page.goBack();
	await page.getByText('User: Ben Okafor').waitFor();
	await open('?ip=192.0.2.0/24');
	await page.getByRole('heading', { name: 'No event matches' }).waitFor();
	await checkAxe(page, 'no event');
	await page.getByRole('button', { name: 'Clear the filters' }).click();
	await rows().first().waitFor();
	page.expectClean();
});

test('an event with all that is known of it, and what belongs to it', async () => {
	await open('?event=login_failed');
	await page.getByRole('link', { name: 'Login failed' }).click();
	await settled(page, 'Login failed');
	const where = page.getByRole('region', { name: 'From where' });
	await where.getByText('127.0.0.1').first().waitFor();
	await page.getByRole('region', { name: 'What' }).getByRole('link', { name: 'Payroll' }).waitFor();
	await page.getByRole('table', { name: 'Related events' }).getByRole('link', { name: 'Login succeeded' }).first().waitFor();
	await checkAxe(page, 'an event');
	await where.getByRole('link', { name: 'all from there' }).click();
	await page.waitForURL(/ip=127/);
	await open('/999999', 'Event');
	await page.getByRole('heading', { name: 'Not found' }).waitFor();
	page.expectClean();
});

test('follow shows what happens without a reload', async () => {
	await open('?category=admin');
	const before = await rows().count();
	await page.getByRole('button', { name: 'Follow' }).click();
	await page.getByRole('button', { name: 'Following' }).waitFor();
	await makeUser(svc, { name: 'Just Made' });
	await page.getByRole('link', { name: 'Just Made' }).first().waitFor({ timeout: 20_000 });
	assert.equal(await rows().count(), before + 1);
	page.expectClean();
});

test('export takes the filter along', async () => {
	await open('?event=login_failed');
	await page.getByRole('button', { name: 'More for the audit log' }).click();
	const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export as CSV' }).click()]);
	const text = readFileSync(await file.path(), 'utf8');
	assert.match(file.suggestedFilename(), /\.csv$/);
	const lines = text.trim().split('\n');
	assert.equal(lines.length, 2, text);
	assert.match(lines[1], /login_failed/);
	page.expectClean();
});

test('purge: counted, typed, stepped up; the purge itself stays', async () => {
	await open();
	const purge = async () => {
		await page.getByRole('button', { name: 'More for the audit log' }).click();
		await page.getByRole('button', { name: 'Purge …' }).click();
	};
	await purge();
	const dialog = page.getByRole('dialog', { name: 'Purge the audit log' });
	await dialog.getByLabel('Days', { exact: true }).fill('5');
	await dialog.getByRole('button', { name: 'Count them' }).click();
	await dialog.getByRole('link', { name: 'Enter 30 days or more.' }).waitFor();
	await dialog.getByLabel('Days', { exact: true }).fill('365');
	await dialog.getByRole('button', { name: 'Count them' }).click();
	await message('There is nothing that old');
	await purge();
	await dialog.getByLabel('Everything').check();
	await dialog.getByRole('button', { name: 'Count them' }).click();
	const typed = page.getByRole('alertdialog', { name: /^Delete \d+ events\?$/ });
	const number = /(\d+)/.exec(await typed.locator('.typed').textContent())[1];
	await checkAxe(page, 'purge', ['dialog[role=alertdialog]']);
	await typed.getByLabel(/To confirm/).fill(number);
	await page.keyboard.press('Enter');
	await stepUp(page);
	await message(/^\d+ events deleted/);
	await waitUntil(async () => (await svc.db.rows("select 1 from audit where event = 'login_failed'")).length === 0, { timeoutMs: 30_000 });
	assert.ok((await svc.db.rows("select 1 from audit where event like '%purge%'")).length > 0);
	await open();
	await page.getByRole('region', { name: 'Seal' }).getByText('Unbroken').waitFor();
	page.expectClean();
});
