// The first set-up, from the one-time link to the end, as an administrator
// does it; left in the middle and taken up again; and at 320 pixels by the
// keyboard alone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startService, waitUntil } from '../integration/harness.mjs';
import { EGRESS, startSmtp } from '../integration/delivery_kit.mjs';
import { checkAxe, openConsole, openPage, settled, stepUp } from './kit.mjs';

const svc = await startService({ env: EGRESS });
const mail = await startSmtp();
const link = await svc.cli(['setup-link']);
const setup = new URL(link.stdout.trim().split('\n').at(-1));
const page = await openPage(svc);
page.admin = { email: 'ada@example.org', password: 'a few words to remember' };
const button = (name) => page.getByRole('button', { name, exact: true });
const main = page.getByRole('main');
const trail = page.getByRole('navigation', { name: 'Steps of the set-up' });
const at = (step) => assert.equal(new URL(page.url()).pathname, `/setup/start/${step}`);

test('the link leads to the first step', async () => {
	await page.goto(setup.pathname + setup.search);
	await page.getByLabel('Name').fill('Ada Admin');
	await page.getByLabel('E-mail address').fill(page.admin.email);
	await page.getByLabel('Password').fill(page.admin.password);
	await button('Make administrator').click();
	await settled(page, 'Public address');
	at('address');
	await main.getByText('As the service saw it').waitFor();
	await checkAxe(page, 'address');
});

test('the hostname, as the browser has it', async () => {
	const field = page.getByLabel('Hostname in messages');
	assert.equal(await field.inputValue(), `localhost:${svc.port}`);
	await field.fill('');
	await button('Save and go on').click();
	await page.getByRole('alert').getByRole('link', { name: 'Enter the hostname, or skip this step.' }).waitFor();
	await field.fill('auth.example.org');
	await button('Save and go on').click();
	await stepUp(page);
	await settled(page, 'Messages');
	at('messages');
	await trail.getByText('(done)').waitFor();
});

test('a mail server is saved, tested and activated', async () => {
	await checkAxe(page, 'messages');
	await page.getByLabel('SMTP').check();
	await page.getByLabel('Host', { exact: true }).fill('127.0.0.1');
	await page.getByLabel('Port').fill(String(mail.port));
	await page.getByLabel('Connection').selectOption('none');
	await page.getByLabel('From').fill('id@example.org');
	await checkAxe(page, 'a mail server');
	await button('Save and test').click();
	await page.getByLabel('To', { exact: true }).fill('ada@example.org');
	await button('Send a test').click();
	await page.getByText('The provider took the message').waitFor();
	await waitUntil(async () => mail.mails.length === 1);
	await button('Activate').click();
	await button('Stop using it').waitFor();
	await checkAxe(page, 'a provider that is active');
	await main.getByRole('link', { name: 'Go on' }).click();
	await settled(page, 'First application');
});

test('left here and taken up again from the overview', async () => {
	await page.goto('/setup');
	await settled(page, 'Overview');
	await main.getByRole('link', { name: 'Step by step' }).click();
	await settled(page, 'First application');
	at('application');
});

test('the first application, its key, and a call with it', async () => {
	await page.getByLabel('Name', { exact: true }).waitFor();
	assert.match(await page.getByLabel('Allowed IPs').inputValue(), /^(127\.0\.0\.1|::1) /);
	await checkAxe(page, 'first application');
	await page.getByLabel('Name', { exact: true }).fill('Payroll');
	await page.getByLabel('Allowed IPs').fill('127.0.0.0/8\n::1');
	await button('Add application').click();
	await page.getByRole('dialog', { name: 'Create a key' }).getByRole('button', { name: 'Create key' }).click();
	const dialog = page.getByRole('dialog', { name: 'Key of Payroll' });
	const key = await dialog.getByLabel('Key', { exact: true }).inputValue();
	assert.match(key, /^isk_/);
	assert.equal((await svc.post('/auth/register', { identifier: page.admin.email }, { key })).status, 403);
	await dialog.getByText('It works').waitFor();
	await dialog.getByLabel('I have stored this key').check();
	await dialog.getByRole('button', { name: 'Done' }).click();
	await main.getByText('1 key').waitFor();
	await checkAxe(page, 'an application with a key');
	await main.getByRole('link', { name: 'Go on' }).click();
	await settled(page, 'People');
});

test('a person, and the end', async () => {
	await main.getByText('You are the only one').waitFor();
	await checkAxe(page, 'people');
	await main.getByLabel('Name', { exact: true }).fill('Asha Rao');
	await main.getByLabel('E-mail address').fill('asha@example.org');
	await main.getByLabel('Payroll').check();
	await button('Add person').click();
	await main.getByText('2 people in the directory', { exact: false }).waitFor();
	await main.getByRole('link', { name: 'Go on' }).click();
	await settled(page, 'Done');
	await main.getByText('It is set up').waitFor();
	await checkAxe(page, 'done');
	await main.getByRole('link', { name: 'To the overview' }).click();
	await settled(page, 'Overview');
	page.expectClean();
});

test('at 320 pixels, by the keyboard: every step can be skipped', async () => {
	const fresh = await startService();
	const narrow = await openConsole(fresh, { width: 320, height: 640, path: '/setup/start' });
	// Tab until what is focused is called |name|.
	const tabTo = async (name) => {
		for (let i = 0; i < 80; i++) {
			await narrow.keyboard.press('Tab');
			if (await narrow.evaluate(() => document.activeElement.textContent.trim()) === name) return;
		}
		assert.fail(`${name} cannot be reached by Tab`);
	};
	for (const heading of ['Public address', 'Messages', 'First application', 'People']) {
		await settled(narrow, heading);
		assert.equal(await narrow.evaluate(() => document.activeElement.textContent), heading, 'the heading has the focus');
		await tabTo('Skip this step');
		await narrow.keyboard.press('Enter');
	}
	await settled(narrow, 'Done');
	await narrow.getByText('4 steps left for later').waitFor();
	await narrow.goto('/setup/start');
	await settled(narrow, 'Public address');
	narrow.expectClean();
});
