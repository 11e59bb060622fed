// Signing in and setting up, as a browser without a script sends it; and with
// the keyboard alone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeAdmin, startService } from '../integration/harness.mjs';
import { checkAxe, openPage } from './kit.mjs';

const svc = await startService({ env: { IDENTITY_DEV_OTP: '1' } });
const link = await svc.cli(['setup-link']);
const setup = new URL(link.stdout.trim().split('\n').at(-1));

test('the first administrator is made without a script, by the keyboard', async () => {
	const page = await openPage(svc, { javaScript: false });
	await page.goto(setup.pathname + setup.search);
	await page.getByLabel('Name').focus();
	await page.keyboard.type('Ada Admin');
	await page.keyboard.press('Tab');
	await page.keyboard.type('ada@example.org');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Tab');
	await page.keyboard.type('short');
	await page.keyboard.press('Enter');
	await page.getByRole('alert').getByText('too short').waitFor();
	assert.match(await page.title(), /^Error: /);
	assert.equal(await page.getByLabel('Name').inputValue(), 'Ada Admin', 'what was typed is kept');
	await page.getByLabel('Password').fill('a few words to remember');
	await page.keyboard.press('Enter');
	// Signed in: the link was the proof.
	await page.getByRole('heading', { name: 'The console needs JavaScript' }).waitFor();
	assert.equal(new URL(page.url()).pathname, '/setup/start');
	page.expectClean();
});

test('signing in without a script ends at the console, which says that it needs one', async () => {
	const page = await openPage(svc, { javaScript: false });
	await page.goto('/setup/applications');
	assert.equal(new URL(page.url()).pathname, '/setup/signin', 'a page of the console sends to the sign-in');
	await page.locator('input[name=identifier]:focus').waitFor();
	await page.getByLabel('E-mail or mobile number').fill('ada@example.org');
	await page.keyboard.press('Enter');
	await page.getByLabel('Password').fill('wrong words for it');
	await page.keyboard.press('Enter');
	await page.getByRole('alert').waitFor();
	await page.getByLabel('Password').fill('a few words to remember');
	await page.keyboard.press('Enter');
	await page.getByRole('heading', { name: 'The console needs JavaScript' }).waitFor();
	assert.equal(new URL(page.url()).pathname, '/setup/applications', 'where one wanted to go');
	page.expectClean();
});

test('signing in by a code', async () => {
	const admin = await makeAdmin(svc, { name: 'Grace' });
	const page = await openPage(svc);
	await page.goto('/setup/signin');
	// autofocus comes with the first drawing, which may be after the load
	await page.locator('input[name=identifier]:focus').waitFor();
	await page.keyboard.type(admin.email);
	await page.keyboard.press('Enter');
	await page.getByRole('button', { name: 'Send me a code instead' }).click();
	const code = await page.getByText('Development: the code is').locator('code').textContent();
	await page.getByLabel('Code').fill(code);
	await page.keyboard.press('Enter');
	await page.locator('#app h1').waitFor();
	page.expectClean();
});

test('axe: every one of these pages, as it is and in error', async () => {
	const page = await openPage(svc);
	await page.goto('/setup?token=wrong');
	await checkAxe(page, 'a link that is void');
	await page.goto('/setup/signin');
	await checkAxe(page, 'sign in');
	await page.getByText('Cannot sign in?').click();
	await page.getByText('identityd admin recovery-link').waitFor();
	await checkAxe(page, 'sign in, with its help open');
	await page.getByLabel('E-mail or mobile number').fill('ada@example.org');
	await page.keyboard.press('Enter');
	await page.getByLabel('Password').waitFor();
	await checkAxe(page, 'password');
	await page.getByLabel('Password').fill('wrong');
	await page.keyboard.press('Enter');
	await page.getByRole('alert').waitFor();
	await checkAxe(page, 'a wrong password');
	await page.getByRole('button', { name: 'Send me a code instead' }).click();
	await page.getByLabel('Code').waitFor();
	await checkAxe(page, 'a code');
	page.expectClean();
});
