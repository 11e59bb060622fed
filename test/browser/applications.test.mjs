// Applications as an administrator works with them: registry, keys, allowed
// addresses, people, quick start.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditRows, makeApp, makeKey, makeUser, startService } from '../integration/harness.mjs';
import { checkAxe, openConsole, settled, stepUp } from './kit.mjs';

const svc = await startService({ env: { IDENTITY_DEV_OTP: '1' } });
const page = await openConsole(svc, { path: '/setup/applications' });

const open = async (path, heading) => {
	await page.goto(`/setup/applications${path}`);
	await settled(page, heading);
};
const message = (text) => page.getByRole('region', { name: 'Messages' }).getByText(text).last().waitFor();
const focused = () => page.evaluate(() => (document.activeElement.ariaLabel ?? document.activeElement.textContent).trim());
const appId = async (name) => (await svc.db.rows('select id from application where name = $1', [name]))[0]?.id;
// A call as the application makes it: its status.
const tryKey = async (key) => (await svc.post('/auth/register', { identifier: 'nobody@example.org' }, { key })).status;

test('an application is added, by the keyboard alone, and its key works', async () => {
	await open('', 'Applications');
	await page.getByRole('heading', { name: 'No application yet' }).waitFor();
	await checkAxe(page, 'no application');
	// Skip link, then the page's own: no mouse from here on.
	await page.keyboard.press('Tab');
	assert.equal(await focused(), 'Skip to the content');
	await page.keyboard.press('Enter');
	await page.keyboard.press('Tab');
	assert.equal(await focused(), 'Add application');
	await page.keyboard.press('Enter');
	await settled(page, 'Add an application');
	assert.equal(await focused(), 'Add an application', 'the heading of the new page has the focus');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await page.getByRole('alert').getByRole('link', { name: 'Enter a name.' }).waitFor();
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');	// the summary leads to the field
	await page.keyboard.type('Payroll');
	await page.keyboard.press('Tab');
	await page.keyboard.type('127.0.0.1 this machine\n2001:db8::/32');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await settled(page, 'Payroll');
	await message('Payroll is added.');
	const [made] = await svc.db.rows('select name, is_enabled from application');
	assert.deepEqual(made, { name: 'Payroll', is_enabled: true });

	// create a key
	await page.getByRole('button', { name: 'Create key' }).focus();
	await page.keyboard.press('Enter');
	await page.getByRole('dialog', { name: 'Create a key' }).waitFor();
	await page.keyboard.type('production');
	await page.keyboard.press('Enter');
	const dialog = page.getByRole('dialog', { name: 'Key of Payroll' });
	const key = await dialog.getByLabel('Key', { exact: true }).inputValue();
	assert.match(key, /^isk_[A-Za-z0-9]{12}_[A-Za-z0-9]+$/);
	await checkAxe(page, 'a new key', ['dialog']);
	await dialog.getByText('Waiting for its first use').waitFor();
	// closing asks for the box first
	await page.keyboard.press('Escape');
	await dialog.getByText('Tick this when it is stored').waitFor();
	assert.equal(await tryKey(key), 404, 'the key is good, the person unknown');
	await dialog.getByText('It works').waitFor();
	await dialog.getByLabel('I have stored this key').focus();
	await page.keyboard.press('Space');
	await page.keyboard.press('Escape');
	await dialog.waitFor({ state: 'detached' });
	assert.ok(!(await page.content()).includes(key), 'it is gone from the page');
	await page.getByRole('rowheader', { name: /production/ }).waitFor();
	page.expectClean();
});

// What has the focus once |button| is pressed, before any frame is drawn.
const focusAfter = (button) => button.evaluate(async (el) => {
	el.click();
	for (let i = 0; i < 20; i++) await null;
	return document.activeElement.textContent || document.activeElement.value;
});

test('a menu and a dialog have the focus before the next key', async () => {
	const app = await makeApp(svc, { name: 'Quick' });
	await makeKey(svc, app);
	await open(`/${app.id}/keys`, 'Quick');
	assert.equal(await focusAfter(page.getByRole('button', { name: /^More for/ })), 'Disable');
	await page.keyboard.press('Escape');
	assert.equal(await focusAfter(page.getByRole('button', { name: /^Rotate/ })), '0');
	await page.keyboard.press('Escape');
	page.expectClean();
});

test('a key is rotated with overlap, disabled and back, deleted', async () => {
	const app = await makeApp(svc, { name: 'Rotating' });
	const { key: old, id: oldId } = await makeKey(svc, app);
	await svc.db.query(`insert into key_use select $1, date_trunc('hour', now()) - interval '1 hour' * n, 7 from unnest(array[1, 3, 30]) n`, [oldId]);
	await open(`/${app.id}/keys`, 'Rotating');
	await page.getByRole('cell', { name: '14', exact: true }).waitFor();
	await checkAxe(page, 'keys');
	await page.getByRole('button', { name: /^Rotate/ }).click();
	await page.getByRole('dialog').getByText('Requests in 24 h: 14.').waitFor();
	await page.getByRole('dialog').getByLabel('In 24 hours').check();
	await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
	const dialog = page.getByRole('dialog', { name: 'Key of Rotating' });
	const fresh = await dialog.getByLabel('Key', { exact: true }).inputValue();
	await dialog.getByLabel('I have stored this key').check();
	await dialog.getByRole('button', { name: 'Done' }).click();
	await dialog.waitFor({ state: 'detached' });
	assert.deepEqual([await tryKey(old), await tryKey(fresh)], [404, 404], 'both are good now');

	const row = page.getByRole('row').filter({ hasText: fresh.slice(4, 8) });
	await row.getByRole('button', { name: /^More for/ }).click();
	await row.getByRole('button', { name: 'Disable' }).click();
	await message('The key is disabled.');
	assert.equal(await tryKey(fresh), 401);
	await page.getByRole('button', { name: 'Undo' }).click();
	await row.getByText('Enabled').waitFor();
	assert.equal(await tryKey(fresh), 404);

	await row.getByRole('button', { name: /^More for/ }).click();
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');	// Delete
	const alert = page.getByRole('alertdialog');
	await alert.getByRole('button', { name: 'Cancel' }).waitFor();
	assert.equal(await focused(), 'Cancel');
	await checkAxe(page, 'delete a key', ['dialog']);
	await alert.getByRole('button', { name: 'Delete key' }).click();
	await row.waitFor({ state: 'detached' });
	assert.equal(await tryKey(fresh), 401);
	page.expectClean();
});

test('allowed addresses: your own, tested, refused ones, everybody', async () => {
	const app = await makeApp(svc, { name: 'Addresses', allow: ['10.0.0.0/8'] });
	const { key } = await makeKey(svc, app);
	assert.equal(await tryKey(key), 403);
	await open(`/${app.id}/ips`, 'Addresses');
	const mine = page.getByRole('region', { name: 'Allowed IPs' });
	await mine.getByText('outside').waitFor();
	await checkAxe(page, 'allowed addresses');
	await mine.getByRole('button', { name: /^Add it/ }).click();
	await mine.getByText('in the list').waitFor();
	await mine.getByLabel('Add', { exact: false }).last().fill('nonsense');
	await page.getByRole('button', { name: 'Save the list' }).click();
	await page.getByRole('alert').getByText('“nonsense” is no address or block').waitFor();
	await mine.getByLabel('Add', { exact: false }).last().fill('10.1.0.0/16 part of it\n0.0.0.0/0');
	await page.getByRole('button', { name: 'Save the list' }).click();
	await message('The list is saved');
	await mine.getByText('Open to everybody').waitFor();
	await mine.getByText('Covered twice').waitFor();
	assert.equal(await tryKey(key), 404, 'in force at once');

	await mine.getByRole('button', { name: 'Remove 0.0.0.0/0' }).click();
	await page.getByRole('button', { name: 'Save the list' }).click();
	await message('The list is saved');
	const tester = page.getByRole('region', { name: 'Test an address' });
	await tester.getByLabel('Address').fill('10.9.9.9');
	await page.keyboard.press('Enter');
	await tester.getByText('Allowed').waitFor();
	await tester.getByLabel('Address').fill('192.0.2.1');
	await page.keyboard.press('Enter');
	await tester.getByText('Refused').waitFor();
	page.expectClean();
});

test('what would cut off today’s traffic says so', async () => {
	const app = await makeApp(svc, { name: 'Busy', allow: ['127.0.0.1', '::1'] });
	const { key } = await makeKey(svc, app);
	assert.equal(await tryKey(key), 404);
	await open(`/${app.id}/ips`, 'Busy');
	// the use of a key is written within seconds
	await page.waitForFunction(async (id) => (await (await fetch(`/setup/api/applications/${id}/allowed-ips/suggest`)).json()).seen.length > 0, app.id, { polling: 200, timeout: 30_000 });
	await page.reload();
	await settled(page, 'Busy');
	await page.getByRole('button', { name: 'Remove 127.0.0.1' }).click();
	assert.equal(await page.evaluate(() => document.activeElement.name), 'paste', 'the focus is not lost with the row');
	await page.getByRole('button', { name: 'Save the list' }).click();
	const alert = page.getByRole('alertdialog', { name: 'This cuts off traffic of today' });
	await alert.getByText('127.0.0.1').waitFor();
	await alert.getByRole('button', { name: 'Cancel' }).click();
	assert.equal(await tryKey(key), 404, 'nothing was saved');
	page.expectClean();
});

test('somebody is assigned by name, taken away, given back', async () => {
	const app = await makeApp(svc, { name: 'Assigning' });
	const user = await makeUser(svc, { name: 'Ravi Nair' });
	const count = async () => (await svc.db.rows('select count(*)::int as n from assignment where person_id = $1', [user.auth_user_id]))[0].n;
	await open(`/${app.id}/users`, 'Assigning');
	await page.getByRole('heading', { name: 'Nobody is assigned' }).waitFor();
	await page.getByRole('combobox', { name: 'Person' }).pressSequentially('ravi');
	await page.getByRole('option', { name: /Ravi Nair/ }).waitFor();
	await checkAxe(page, 'assign');
	await page.keyboard.press('Enter');
	await page.getByRole('button', { name: 'Assign' }).click();
	await page.getByRole('rowheader', { name: /Ravi Nair/ }).waitFor();
	assert.equal(await count(), 1);
	await page.getByRole('button', { name: 'Remove Ravi Nair' }).click();
	await message('may not use Assigning any more');
	assert.equal(await page.evaluate(() => document.activeElement.role ?? document.activeElement.getAttribute('role')), 'combobox', 'the focus is not lost with the row');
	assert.equal(await count(), 0);
	await page.getByRole('button', { name: 'Undo' }).click();
	await page.getByRole('rowheader', { name: /Ravi Nair/ }).waitFor();
	assert.equal(await count(), 1);
	page.expectClean();
});

test('quick start names this host in four languages', async () => {
	const app = await makeApp(svc, { name: 'Starting' });
	await open(`/${app.id}`, 'Starting');
	await page.getByText('It has no key').waitFor();
	await checkAxe(page, 'quick start');
	for (const [language, mark] of [['curl', '/auth/register'], ['JavaScript', '/* { user } when'], ['PHP', 'curl_setopt_array'], ['Python', 'urllib.request']]) {
		await page.getByText(language, { exact: true }).click();
		const text = await page.getByRole('region', { name: `Copy the ${language} example` }).textContent();
		assert.ok(text.includes(mark) && text.includes(`:${svc.port}`), `${language}: ${text}`);
	}
	await page.getByRole('button', { name: 'Copy the Python example' }).click();
	assert.match(await page.evaluate(() => navigator.clipboard.readText()), /def who_is/);
	page.expectClean();
});

test('settings: renamed, a lost update is seen, disabled, deleted with a step-up', async () => {
	const app = await makeApp(svc, { name: 'Setting' });
	const { key } = await makeKey(svc, app);
	await open('', 'Applications');
	await page.getByRole('link', { name: 'Setting', exact: true }).click();
	await settled(page, 'Setting');
	await page.getByRole('link', { name: 'Settings', exact: true }).click();
	await settled(page);
	await checkAxe(page, 'settings of an application');
	await page.getByLabel('Name').fill('Settings app');
	await page.getByLabel('Requests a minute').fill('600');
	await page.getByRole('button', { name: 'Save' }).click();
	await settled(page, 'Settings app');
	// somebody else changes it meanwhile
	await svc.db.query('update application set name = $2 where id = $1', [app.id, 'Changed elsewhere']);
	await page.getByLabel('Name').fill('Mine');
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByRole('alert').waitFor();
	assert.equal(await page.getByLabel('Name').inputValue(), 'Mine', 'what was typed is kept');
	assert.equal(await appId('Mine'), undefined);
	// leaving asks
	await page.getByRole('link', { name: 'Audit' }).click();
	await page.getByRole('alertdialog', { name: 'Leave without saving?' }).getByRole('button', { name: 'Stay' }).click();
	await page.goBack();
	await page.getByRole('alertdialog', { name: 'Leave without saving?' }).getByRole('button', { name: 'Stay' }).click();
	assert.match(page.url(), /settings$/);
	await page.evaluate(() => { onbeforeunload = null; });
	page.once('dialog', (d) => d.accept());
	await page.reload();
	await settled(page, 'Changed elsewhere');

	await page.getByRole('button', { name: 'Disable the application' }).click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Disable' }).click();
	await message('is disabled');
	assert.equal(await tryKey(key), 403);
	await page.getByRole('button', { name: 'Delete the application' }).click();
	const typed = page.getByRole('alertdialog', { name: 'Delete Changed elsewhere?' });
	await typed.getByLabel(/To confirm/).fill('something');
	await page.keyboard.press('Enter');
	await typed.getByRole('alert').waitFor();
	await checkAxe(page, 'delete an application', ['dialog']);
	await typed.getByLabel(/To confirm/).fill('Changed elsewhere');
	await page.keyboard.press('Enter');
	await page.getByRole('dialog', { name: 'Confirm that it is you' }).waitFor();
	await checkAxe(page, 'step up', ['dialog']);
	await stepUp(page);
	await settled(page, 'Applications');
	await message('Changed elsewhere is deleted.');
	assert.equal(await appId('Changed elsewhere'), undefined);
	assert.ok((await auditRows(svc.db, {})).some((r) => /application.*deleted|app_deleted/.test(r.event)));
	page.expectClean();
});

test('the list: columns, search in the address, nothing found, the action menu', async () => {
	await open('', 'Applications');
	assert.deepEqual(await page.getByRole('columnheader').allTextContents(), ['Application', 'Allowed IPs', 'Status', 'Users', 'Created', 'Action']);
	await checkAxe(page, 'applications');
	await page.keyboard.press('/');
	await page.keyboard.type('payr');
	await page.waitForURL(/q=payr/);
	await page.getByRole('rowheader', { name: /Payroll/ }).waitFor();
	await page.getByRole('rowheader', { name: /Busy/ }).waitFor({ state: 'detached' });
	await page.getByLabel('Search applications').fill('nothing like it');
	await page.getByRole('heading', { name: /No application matches/ }).waitFor();
	await checkAxe(page, 'no match');
	await page.getByRole('button', { name: 'Clear the search' }).click();
	await page.getByRole('button', { name: 'Actions for Payroll' }).click();
	await page.keyboard.press('Enter');	// Keys
	await settled(page, 'Payroll');
	page.expectClean();
});

test('what cannot be loaded says why, and tries again', async () => {
	await page.route('**/setup/api/applications?*', (r) => r.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"title":"Unavailable","detail":"The database does not answer.","code":"unavailable","request_id":"0191f7a0-0000-7000-8000-000000000000"}' }));
	await open('', 'Applications');
	await page.getByRole('alert').getByText('The database does not answer.').waitFor();
	await checkAxe(page, 'applications in error');
	await page.unroute('**/setup/api/applications?*');
	await page.getByRole('button', { name: 'Try again' }).click();
	await page.getByRole('rowheader', { name: /Payroll/ }).waitFor();
	await open('/00000000-0000-7000-8000-000000000000', 'Application');
	await page.getByRole('heading', { name: 'Not found' }).waitFor();
	page.expectClean({ allow: /status of 503/ });
});
