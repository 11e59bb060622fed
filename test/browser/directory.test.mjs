// The directory as an administrator works with it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditRows, makeApp, makeKey, makeUser, signIn, startService, waitUntil } from '../integration/harness.mjs';
import { checkAxe, openConsole, settled, stepUp } from './kit.mjs';

const svc = await startService({ env: { IDENTITY_DEV_OTP: '1' } });
const app = await makeApp(svc, { name: 'Payroll' });
const { key } = await makeKey(svc, app);
const page = await openConsole(svc, { path: '/setup/users' });

const open = async (path, heading) => {
	await page.goto(path);
	await settled(page, heading);
};
const row = (name) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
const message = (text) => page.getByRole('region', { name: 'Messages' }).getByText(text).last().waitFor();
const person = async (id) => (await svc.db.rows('select name, email, status, version from person where auth_user_id = $1', [id]))[0];

test('a person is added, found, and cannot be added twice', async () => {
	await open('/setup/users', 'Directory');
	await page.getByRole('link', { name: 'Add a person' }).click();
	await settled(page, 'Add a person');
	await page.getByRole('button', { name: 'Add person' }).click();
	const problem = page.getByRole('alert').filter({ hasText: 'There is a problem' });
	await problem.getByRole('link', { name: 'Enter a name.' }).click();
	assert.equal(await page.evaluate(() => document.activeElement.name), 'name', 'the summary leads to the field');
	await page.getByLabel('Name', { exact: true }).fill('Asha Rao');
	await page.getByLabel('E-mail address').fill('asha.rao@example.org');
	await page.getByLabel('Mobile number').fill('98765 43210');
	await page.getByLabel('Employee id').fill('E-1042');
	await page.getByLabel('Payroll').check();
	await page.getByRole('button', { name: 'Add person' }).click();
	await settled(page, 'Asha Rao');
	await message('Asha Rao was added.');
	const [made] = await svc.db.rows(`select p.name, p.mobile_number, (select count(*)::int from assignment a where a.person_id = p.auth_user_id) as apps from person p where p.email = 'asha.rao@example.org'`);
	assert.deepEqual(made, { name: 'Asha Rao', mobile_number: '+919876543210', apps: 1 });
	assert.equal((await auditRows(svc.db, { event: 'user_created' })).length, 1);

	await open('/setup/users/new', 'Add a person');
	await page.getByLabel('Name', { exact: true }).fill('Another Asha');
	await page.getByLabel('E-mail address').fill('Asha.Rao@example.org');
	await page.getByRole('button', { name: 'Add person' }).click();
	await page.getByRole('alert').getByRole('link', { name: 'Somebody else has this e-mail address.' }).waitFor();
	assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Another Asha', 'what was typed is kept');
	await page.getByRole('link', { name: 'open', exact: true }).click();
	await page.getByRole('button', { name: 'Leave' }).click();
	await settled(page, 'Asha Rao');
	page.expectClean();
});

test('search and filters are the address; Back goes back', async () => {
	for (const name of ['Ravi Nair', 'Meera Nair', 'Olga Petrova']) await makeUser(svc, { name, mfa: name.startsWith('Olga') });
	await open('/setup/users', 'Directory');
	const asked = [];
	page.on('request', (r) => { if (r.url().includes('/setup/api/users?')) asked.push(new URL(r.url()).searchParams.get('q')); });
	await page.getByLabel('Search people').pressSequentially('nair');
	await row('Olga Petrova').waitFor({ state: 'detached' });
	await settled(page);
	assert.equal(await page.getByRole('rowheader').count(), 2);
	assert.deepEqual(asked.filter(Boolean), ['nair'], 'one call for the word, none for its letters');
	assert.equal(new URL(page.url()).searchParams.get('q'), 'nair');
	await page.getByLabel('MFA', { exact: true }).selectOption({ label: 'On' });
	await page.getByRole('heading', { name: 'Nobody matches' }).waitFor();
	await page.goBack();
	await row('Ravi Nair').waitFor();
	await page.goForward();
	await page.getByRole('link', { name: 'Clear the filters' }).click();
	await row('Olga Petrova').waitFor();
	assert.equal(await page.getByLabel('Search people').inputValue(), '');
	// a number as somebody reads it out
	await open('/setup/users?q=543210', 'Directory');
	await row('Asha Rao').waitFor();
	const { width, height } = await page.getByLabel('Select Asha Rao').boundingBox();
	assert.ok(width >= 24 && height >= 24, `a box of ${width} by ${height}`);
	await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click();
	await page.waitForURL(/sort=name/);
	page.expectClean();
});

test('the filters stand in one line, above or beside', async () => {
	await open('/setup/users', 'Directory');
	const { width, height } = page.viewportSize();
	for (const w of [1040, 1280, 1680]) {
		await page.setViewportSize({ width: w, height });
		const tops = await page.locator('.toolbar .filter').evaluateAll((all) => all.map((f) => Math.round(f.getBoundingClientRect().top)));
		assert.equal(tops.length, 6);
		assert.equal(new Set(tops).size, 1, `${w} px: ${tops}`);
	}
	await page.setViewportSize({ width, height });
	page.expectClean();
});

test('nothing is scrolled sideways at any width, also with one name of 200 letters', async () => {
	const name = 'Wolfeschlegelsteinhausen'.repeat(9).slice(0, 200);
	const long = await makeUser(svc, { name, email: `${'long'.repeat(12)}@${'sub.'.repeat(20)}example.org`, mobile: '+919876500001', empId: 'L'.repeat(40), apps: [app] });
	await signIn(svc, { key, user: long });
	const { width, height } = page.viewportSize();
	const beyond = () => page.evaluate(() => [document.documentElement, ...document.querySelectorAll('.table-box, .drawer')]
		.map((e) => e.scrollWidth - e.clientWidth).filter((n) => n > 0));
	try {
		for (const at of ['/setup/users', `/setup/users/${long.auth_user_id}`, `/setup/users/${long.auth_user_id}/activity`, '/setup/audit']) {
			await open(at);
			for (const w of [320, 640, 768, 820, 1024, 1040, 1200, 1280, 1600]) {
				await page.setViewportSize({ width: w, height });
				await settled(page);
				// The page is told of its new width after it was laid out.
				let over = await beyond();
				for (let i = 0; i < 40 && over.length > 0; i++) {
					await page.waitForTimeout(50);
					over = await beyond();
				}
				assert.deepEqual(over, [], `${at} at ${w} px`);
			}
		}
	} finally {
		await page.setViewportSize({ width, height });
	}
	page.expectClean();
});

test('a menu is whole wherever its button stands', async () => {
	const { width, height } = page.viewportSize();
	for (const w of [320, 820, 1040, 1280]) {
		await page.setViewportSize({ width: w, height: 700 });
		await open('/setup/users', 'Directory');
		for (const button of [page.getByRole('button', { name: /^Actions for/ }).first(), page.getByRole('button', { name: /^Actions for/ }).last()]) {
			await button.focus();
			await page.keyboard.press('Enter');
			await page.locator('.menu-list :focus').waitFor();
			const hidden = await page.locator('.menu-list').locator('a, button').evaluateAll((all) => all.filter((e) => {
				const r = e.getBoundingClientRect();
				return ![[r.left + 4, r.top + 4], [r.right - 4, r.bottom - 4]].every(([x, y]) => e.contains(document.elementFromPoint(x, y)));
			}).map((e) => e.textContent));
			assert.deepEqual(hidden, [], `at ${w} px`);
			await page.keyboard.press('End');
			assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Delete');
			await page.keyboard.press('Escape');
			await page.locator('.menu-list').waitFor({ state: 'detached' });
			assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), /^Actions for/);
		}
	}
	await page.setViewportSize({ width, height });
	page.expectClean();
});

test('a view is saved by name, chosen, forgotten; what the list shows stands above it', async () => {
	await open('/setup/users?q=nair&sort=name&dir=asc', 'Directory');
	const over = await page.getByRole('button', { name: 'Columns' }).boundingBox();
	const heading = await page.getByRole('heading', { level: 1 }).boundingBox();
	const table = await page.getByRole('table').boundingBox();
	assert.ok(over.y > heading.y + heading.height && over.y + over.height <= table.y, 'between heading and list');
	await page.getByRole('button', { name: 'Save this view' }).click();
	const dialog = page.getByRole('dialog', { name: 'Save this view' });
	await dialog.getByRole('button', { name: 'Save view' }).click();
	await dialog.getByRole('alert').getByRole('link', { name: 'Enter a name.' }).waitFor();
	await dialog.getByLabel('Name').fill('The Nairs');
	await dialog.getByRole('button', { name: 'Save view' }).click();
	await open('/setup/users', 'Directory');
	await page.getByLabel('View', { exact: true }).selectOption({ label: 'The Nairs' });
	await page.waitForURL(/q=nair/);
	await row('Olga Petrova').waitFor({ state: 'detached' });
	assert.equal(new URL(page.url()).searchParams.get('sort'), 'name');
	await checkAxe(page, 'a saved view');
	await page.getByRole('button', { name: 'Forget this view' }).click();
	await message('The view The Nairs is forgotten.');
	await page.getByRole('button', { name: 'Undo' }).click();
	assert.equal(await page.getByLabel('View', { exact: true }).inputValue(), 'The Nairs');
	page.expectClean();
});

test('a person opens beside the list where there is room, and Esc goes back to the row', async () => {
	await open('/setup/users?q=nair', 'Directory');
	await page.getByRole('link', { name: 'Meera Nair' }).click();
	await settled(page, 'Meera Nair');
	assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Meera Nair');
	const drawer = page.getByRole('region', { name: 'Person', exact: true });
	await drawer.waitFor();
	assert.equal(new URL(page.url()).search, '?q=nair', 'the filters come along');
	assert.equal(await page.getByRole('rowheader').count(), 2);
	await checkAxe(page, 'a person beside the list');
	await drawer.getByRole('link', { name: 'Security' }).click();
	await drawer.getByRole('region', { name: 'Wrong tries' }).waitFor();
	await page.getByRole('link', { name: 'Ravi Nair' }).click();
	await settled(page, 'Ravi Nair');
	await drawer.getByLabel('Name', { exact: true }).fill('Ravi K. Nair');
	await drawer.getByRole('button', { name: 'Save' }).click();
	await row('Ravi K. Nair').waitFor();
	await page.keyboard.press('Escape');
	await settled(page, 'Directory');
	await page.waitForFunction(() => document.activeElement.textContent === 'Ravi K. Nair');
	assert.equal(new URL(page.url()).pathname, '/setup/users');
	// Narrower, the person is the page, and leads back to the same list.
	await page.setViewportSize({ width: 1100, height: 900 });
	await page.getByRole('link', { name: 'Meera Nair' }).click();
	await settled(page, 'Meera Nair');
	assert.equal(await page.getByRole('rowheader').count(), 0);
	await page.getByRole('link', { name: 'Directory' }).last().click();
	await settled(page, 'Directory');
	assert.equal(new URL(page.url()).search, '?q=nair');
	await page.setViewportSize({ width: 1280, height: 900 });
	page.expectClean();
});

test('an edit that met another one is decided by the administrator', async () => {
	const user = await makeUser(svc, { name: 'John Smith' });
	await open(`/setup/users/${user.auth_user_id}`, 'John Smith');
	await page.getByLabel('Name', { exact: true }).fill('John A. Smith');
	await svc.db.query('update person set emp_id = $2, name = $3 where auth_user_id = $1', [user.auth_user_id, 'E-77', 'Johnny Smith']);
	await page.getByRole('button', { name: 'Save' }).click();
	const notice = page.getByRole('alert').filter({ hasText: 'Somebody else changed this person meanwhile' });
	await notice.getByRole('cell', { name: 'Johnny Smith' }).waitFor();
	assert.equal((await person(user.auth_user_id)).name, 'Johnny Smith', 'nothing was written over');
	await checkAxe(page, 'a conflict');
	await notice.getByRole('button', { name: 'Save mine over them' }).click();
	await settled(page, 'John A. Smith');
	const [after] = await svc.db.rows('select name, emp_id from person where auth_user_id = $1', [user.auth_user_id]);
	assert.deepEqual(after, { name: 'John A. Smith', emp_id: 'E-77' }, 'only what was changed is sent');
	page.expectClean();
});

test('disabled at once, undone, signed out, unlocked, recovered', async () => {
	const user = await makeUser(svc, { name: 'Fatima Khan', apps: [app] });
	const tokens = await signIn(svc, { key, user }, { body: { device_id: 'phone-1', device_name: 'Fatima’s phone' } });
	const alive = async () => (await svc.get('/auth/session', { key, token: tokens.access_token })).status;
	await open(`/setup/users/${user.auth_user_id}/sessions`, 'Fatima Khan');
	await page.getByRole('region', { name: 'Payroll' }).getByText('Fatima’s phone').waitFor();
	await checkAxe(page, 'sessions');
	await page.getByRole('button', { name: 'Sign out everywhere' }).click();
	const dialog = page.getByRole('alertdialog', { name: 'Sign Fatima Khan out everywhere?' });
	await dialog.getByText('Ends 1 session at once.').waitFor();
	assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Cancel', 'the safe button has the focus');
	await dialog.getByRole('button', { name: 'Sign out' }).click();
	await message('is signed out everywhere');
	assert.equal(await alive(), 401);
	await signIn(svc, { key, user });
	await page.reload();
	await settled(page, 'Fatima Khan');
	await page.getByRole('button', { name: /^End the session at Payroll/ }).click();
	await page.getByRole('heading', { name: 'No open session' }).waitFor();
	assert.match(await page.evaluate(() => document.activeElement.textContent), /^Sessions/, 'the focus is not lost with the session');

	await page.getByRole('link', { name: 'Devices' }).click();
	await page.getByRole('button', { name: 'Forget Fatima’s phone' }).click();
	await page.getByRole('heading', { name: 'No device' }).waitFor();

	await page.getByRole('button', { name: 'Disable' }).click();
	await message('Fatima Khan is disabled');
	assert.equal((await person(user.auth_user_id)).status, 'disabled');
	await page.getByRole('button', { name: 'Undo' }).click();
	await page.getByRole('button', { name: 'Disable' }).waitFor();
	assert.equal((await person(user.auth_user_id)).status, 'active');

	for (let i = 0; i < 3; i++) await svc.post('/auth/login', { identifier: user.email, password: 'wrong' }, { key });
	await page.getByRole('link', { name: 'Security' }).click();
	await page.getByText('3 wrong passwords in a row.').waitFor();
	await checkAxe(page, 'security');
	await page.getByRole('button', { name: 'Unlock' }).click();
	await page.getByText('No wrong password since the last sign-in.').waitFor();
	await page.getByRole('button', { name: 'Start a recovery' }).click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Send' }).click();
	await page.getByRole('region', { name: 'Messages' }).getByText(/Sent to|on its way/).waitFor();
	page.expectClean();
});

test('applications are taken and given back', async () => {
	const user = await makeUser(svc, { name: 'Tom Baker', apps: [app] });
	const count = async () => (await svc.db.rows('select count(*)::int as n from assignment where person_id = $1', [user.auth_user_id]))[0].n;
	await open(`/setup/users/${user.auth_user_id}/applications`, 'Tom Baker');
	await page.getByRole('button', { name: 'Remove Payroll' }).click();
	await message('may not use Payroll any more');
	assert.equal(await count(), 0);
	await page.getByRole('button', { name: 'Undo' }).click();
	await page.getByRole('button', { name: 'Remove Payroll' }).waitFor();
	assert.equal(await count(), 1);
	await checkAxe(page, 'applications');
	await page.getByRole('link', { name: 'Activity' }).click();
	await settled(page, 'Tom Baker');
	page.expectClean();
});

test('deleting asks for proof, and tells what goes', async () => {
	const user = await makeUser(svc, { name: 'Chen Wei', apps: [app] });
	await open(`/setup/users/${user.auth_user_id}`, 'Chen Wei');
	await page.getByRole('button', { name: 'More', exact: true }).click();
	await page.getByRole('button', { name: 'Delete', exact: true }).click();
	const dialog = page.getByRole('alertdialog', { name: 'Delete Chen Wei?' });
	await dialog.getByText('1 application').waitFor();
	await page.keyboard.press('Escape');
	await dialog.waitFor({ state: 'detached' });
	assert.ok(await person(user.auth_user_id), 'Esc changes nothing');
	await page.getByRole('button', { name: 'More', exact: true }).click();
	await page.getByRole('button', { name: 'Delete', exact: true }).click();
	await dialog.getByRole('button', { name: 'Delete' }).click();
	await stepUp(page);
	await settled(page, 'Directory');
	const [gone] = await svc.db.rows('select deleted_at is not null as gone from person where auth_user_id = $1', [user.auth_user_id]);
	assert.equal(gone.gone, true);
	// oneself stays
	await open(`/setup/users/${page.admin.auth_user_id}`, page.admin.name);
	await page.getByRole('button', { name: 'Disable' }).click();
	await page.getByRole('region', { name: 'Messages' }).locator('.is-bad').waitFor();
	assert.equal((await person(page.admin.auth_user_id)).status, 'active');
	page.expectClean();
});

test('rows are selected by mouse, Shift and keyboard; many are changed at once', async () => {
	for (let i = 0; i < 6; i++) await makeUser(svc, { name: `Bulk ${i}` });
	await open('/setup/users?q=bulk&sort=name&dir=asc', 'Directory');
	await page.getByLabel('Select Bulk 1').check();
	await page.getByLabel('Select Bulk 3').click({ modifiers: ['Shift'] });
	const bar = page.getByRole('region', { name: 'Selected' });
	await bar.getByText('3 selected').waitFor();
	await page.getByLabel('Select Bulk 3').focus();
	await page.keyboard.press('Space');
	await bar.getByText('2 selected').waitFor();
	await checkAxe(page, 'a selection');
	await bar.getByRole('button', { name: 'Assign application' }).click();
	const pick = page.getByRole('dialog', { name: 'Assign an application to 2 people' });
	await pick.getByLabel('Application').selectOption({ label: 'Payroll' });
	await pick.getByRole('button', { name: 'Assign' }).click();
	await message('2 people assigned.');
	await page.getByLabel('Select all on this page').check();
	await bar.getByRole('button', { name: 'Disable' }).click();
	await page.getByRole('alertdialog', { name: 'Disable 6 people?' }).getByRole('button', { name: 'Disable' }).click();
	await message('6 people disabled.');
	await waitUntil(async () => await page.getByRole('cell', { name: 'Disabled' }).count() === 6);
	await page.getByLabel('Select Bulk 0').check();
	await page.getByLabel('Select Bulk 1').check();
	await bar.getByRole('button', { name: 'More for the selected' }).click();
	await page.getByRole('button', { name: 'Delete', exact: true }).click();
	const dialog = page.getByRole('alertdialog', { name: 'Delete 2 people?' });
	await dialog.getByRole('textbox').fill('3');
	await dialog.getByRole('button', { name: 'Delete' }).click();
	await dialog.getByRole('link', { name: /Type the number exactly/ }).waitFor();
	await dialog.getByRole('textbox').fill('2');
	await dialog.getByRole('button', { name: 'Delete' }).click();
	const again = page.getByRole('dialog', { name: 'Confirm that it is you' });
	await waitUntil(async () => await again.count() > 0 || (await page.getByText('2 people deleted.').count()) > 0);
	if (await again.count() > 0) await stepUp(page);
	await message('2 people deleted.');
	const left = await svc.db.rows(`select count(*)::int as n from person where name like 'Bulk %' and deleted_at is null`);
	assert.equal(left[0].n, 4);
	page.expectClean();
});

test('columns are chosen, and the export has what the list has', async () => {
	await open('/setup/users?q=nair&sort=name&dir=asc', 'Directory');
	await page.getByRole('button', { name: 'Columns' }).click();
	await page.getByRole('dialog', { name: 'Columns' }).getByLabel('E-mail').check();
	await page.getByRole('dialog', { name: 'Columns' }).getByRole('button', { name: 'Done' }).click();
	await page.getByRole('columnheader', { name: 'E-mail' }).waitFor();
	await page.reload();
	await page.getByRole('columnheader', { name: 'E-mail' }).waitFor();
	await page.getByRole('button', { name: 'Columns' }).click();
	await page.getByRole('dialog', { name: 'Columns' }).getByLabel('Source').check();
	await page.getByRole('dialog', { name: 'Columns' }).getByRole('button', { name: 'Done' }).click();
	await svc.db.query("update person set source = 'setup' where name = 'Meera Nair'");
	await page.getByLabel('Source', { exact: true }).selectOption('Setup');
	await page.waitForURL(/source=setup/);
	await row('Meera Nair').getByRole('cell', { name: 'Setup' }).waitFor();
	await waitUntil(async () => await page.getByRole('row').count() === 2);
	await page.getByLabel('Source', { exact: true }).selectOption('All');
	await waitUntil(async () => await page.getByRole('row').count() === 3);
	const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export CSV' }).click()]);
	const chunks = await (await file.createReadStream()).toArray();
	const lines = Buffer.concat(chunks).toString('utf8').trim().split(/\r?\n/);
	assert.equal(lines.length, 3);
	assert.ok(lines.some((l) => l.includes('Meera Nair')));
	page.expectClean();
});

test('without a mouse: a person is added, found and disabled', async () => {
	await open('/setup/users', 'Directory');
	const tabTo = async (name, role = 'any') => {
		for (let i = 0; i < 80; i++) {
			const at = await page.evaluate(() => {
				const e = document.activeElement;
				return e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent;
			});
			if (at.trim() === name) return;
			await page.keyboard.press('Tab');
		}
		assert.fail(`Tab does not lead to ${name} (${role})`);
	};
	await tabTo('Add a person');
	await page.keyboard.press('Enter');
	await settled(page, 'Add a person');
	assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1', 'the heading has the focus');
	await tabTo('Name');
	await page.keyboard.type('Keyboard Kim');
	await tabTo('E-mail address');
	await page.keyboard.type('kim@example.org');
	await page.keyboard.press('Enter');
	await settled(page, 'Keyboard Kim');
	await page.keyboard.press('/');
	await tabTo('Directory');
	await page.keyboard.press('Enter');
	await settled(page, 'Directory');
	await page.keyboard.press('/');
	await page.keyboard.type('keyboard kim');
	await row('Keyboard Kim').waitFor();
	await tabTo('Actions for Keyboard Kim');
	await page.keyboard.press('Enter');
	await tabTo('Open');
	for (let i = 0; i < 5 && await page.evaluate(() => document.activeElement.textContent) !== 'Disable'; i++) await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	await row('Keyboard Kim').getByText('Disabled').waitFor();
	page.expectClean();
});

test('every state is fine for everybody: full, filtered empty, error, empty', async () => {
	await open('/setup/users', 'Directory');
	await checkAxe(page, 'the list');
	await open('/setup/users?q=nobodyatall', 'Directory');
	await checkAxe(page, 'nobody matches');
	await open('/setup/users/new', 'Add a person');
	await page.getByRole('button', { name: 'Add person' }).click();
	await checkAxe(page, 'a form with errors');
	await open('/setup/users/0198c2a1-7d3e-7b5a-9c41-5f2e8d90a6b7', 'Person');
	await page.getByRole('heading', { name: 'Not found' }).waitFor();
	await checkAxe(page, 'no such person');
	await page.route('**/setup/api/users?*', (r) => r.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ code: 'database_unavailable', status: 503, detail: 'The service cannot reach its database now. Try again shortly.', request_id: 'r-123' }) }));
	await page.goto('/setup/users');
	await page.getByRole('button', { name: 'Try again' }).waitFor();
	assert.ok(await page.getByText('r-123').isVisible());
	await checkAxe(page, 'an error');
	await page.unroute('**/setup/api/users?*');
	await page.getByRole('button', { name: 'Try again' }).click();
	await row('Asha Rao').waitFor();
	await page.route('**/setup/api/users?*', (r) => r.fulfill({ json: { data: [], page: { next_cursor: null, has_more: false } } }));
	await open('/setup/users', 'Directory');
	await page.getByRole('heading', { name: 'Nobody is here yet' }).waitFor();
	await checkAxe(page, 'an empty directory');
	await page.unroute('**/setup/api/users?*');
	assert.ok((await page.evaluate(() => performance.getEntriesByType('resource').length)) > 0);
	// the refusals above are the page's own doing
	page.expectClean({ allow: /503/ });
});

test('with 100 000 people the list stays quick', async () => {
	await svc.db.query(`insert into person (name, email, mobile_number, emp_id)
		select (array['Asha', 'Ravi', 'Meera', 'John', 'Fatima', 'Chen', 'Olga', 'Tom'])[1 + i % 8] || ' ' || (array['Rao', 'Khan', 'Smith', 'Baker', 'Wei'])[1 + i % 5] || ' ' || i,
		    'many' || i || '@example.org', '+9170' || lpad(i::text, 8, '0'), 'M-' || i
		from generate_series(1, 100000) i`);
	await svc.db.query('analyze person');
	await open('/setup/users', 'Directory');
	assert.equal(await page.getByRole('rowheader').count(), 50);
	await page.getByRole('button', { name: 'Count them' }).click();
	await page.getByText(/of 10,000\+/).waitFor();
	const first = await page.getByRole('rowheader').first().textContent();
	await page.getByRole('button', { name: 'Next' }).click();
	await page.getByRole('heading', { name: 'Directory (page 2)' }).waitFor();
	await settled(page);
	assert.notEqual(await page.getByRole('rowheader').first().textContent(), first);
	await page.getByRole('button', { name: 'Previous' }).click();
	await page.getByRole('heading', { name: 'Directory', exact: true }).waitFor();
	await page.getByRole('rowheader', { name: first }).waitFor();
	for (const [q, name] of [['many77777@', /77777$/], ['M-4242', / 4242$/], ['00099999', /99999$/], ['chen wei 3454', /3454/]]) {
		const began = Date.now();
		await page.getByLabel('Search people').fill(q);
		await page.getByRole('rowheader', { name }).first().waitFor();
		assert.ok(Date.now() - began < 10_000, `${q} took ${Date.now() - began} ms`);
	}
	await page.getByLabel('Search people').fill('smith');
	await page.getByRole('rowheader', { name: /Smith/ }).nth(49).waitFor();
	await page.getByLabel('Select all on this page').check();
	await page.getByRole('button', { name: 'Select everybody who matches' }).click();
	await page.getByText(/10,000 selected|20,001 selected|50 selected/).waitFor();
	await checkAxe(page, 'a long list', ['.page-head', '.toolbar', '.bulk', 'thead', 'tbody tr:first-child', '.pager']);
	page.expectClean();
});
