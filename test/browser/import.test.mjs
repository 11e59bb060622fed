// People from a CSV file, as an administrator imports them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeApp, makeUser, startService } from '../integration/harness.mjs';
import { checkAxe, openConsole, settled, stepUp } from './kit.mjs';

const svc = await startService();
await makeApp(svc, { name: 'Payroll' });
const page = await openConsole(svc, { path: '/setup/import' });
const count = async (where) => (await svc.db.rows(`select count(*)::int as n from person where deleted_at is null and ${where}`))[0].n;

async function choose(name, text) {
	await page.goto('/setup/import');
	await settled(page, 'Import people');
	await page.getByLabel('CSV file').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
	await page.getByRole('button', { name: 'Upload and check' }).click();
}

const FILE = `Name,E-mail,Mobile,Emp no
Asha Rao,asha@example.org,9876543210,E-1
Ravi Nair,ravi@example.org,9876543211,E-2
Known Person,known@example.org,9876543212,E-9
Broken Number,broken@example.org,9.19E+11,E-3
`;

test('what is no CSV is refused in words', async () => {
	await page.goto('/setup/import');
	await settled(page, 'Import people');
	await checkAxe(page, 'the first step');
	await page.getByRole('button', { name: 'Upload and check' }).click();
	await page.getByRole('alert').getByRole('link', { name: 'Select a CSV file.' }).waitFor();
	await choose('people.xlsx', 'PK..');
	await page.getByRole('alert').getByRole('link', { name: /must be a CSV/ }).waitFor();
	await choose('people.csv', '');
	await page.getByRole('alert').getByRole('link', { name: 'The selected file is empty.' }).waitFor();
	const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Get the template' }).click()]);
	assert.match(Buffer.concat(await (await file.createReadStream()).toArray()).toString(), /name.*email/);
	page.expectClean();
});

test('a file is checked, mapped, imported and undone', async () => {
	const known = await makeUser(svc, { name: 'Old Name', email: 'known@example.org', empId: 'E-9' });
	await page.goto('/setup/import');
	await settled(page, 'Import people');
	await page.getByLabel('Payroll').check();
	await page.getByLabel('CSV file').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(FILE) });
	await page.getByRole('button', { name: 'Upload and check' }).click();
	await page.getByText('Nothing has been changed yet').waitFor();
	await page.getByLabel('Column Emp no is').selectOption('emp_id');
	const again = page.getByRole('button', { name: 'Check again with these columns' });
	if (await again.count() > 0) {
		await again.click();
		await again.waitFor({ state: 'detached' });
		await page.getByText('Nothing has been changed yet').waitFor();
	}
	assert.equal(await count(`email in ('asha@example.org', 'ravi@example.org')`), 0, 'a check changes nothing');
	await settled(page);
	await page.getByRole('cell', { name: '9.19E+11' }).last().waitFor();
	await checkAxe(page, 'a checked file');
	await page.getByRole('link', { name: /^To update/ }).click();
	await page.getByText('Old Name').waitFor();
	const errors = page.getByRole('link', { name: /^Errors/ });
	await errors.click();
	const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download errors.csv' }).click()]);
	assert.match(Buffer.concat(await (await file.createReadStream()).toArray()).toString(), /Broken Number/);
	await page.getByRole('button', { name: 'Import 3 rows' }).click();
	await page.getByRole('alertdialog', { name: 'Import 3 rows and leave out 1?' }).getByRole('button', { name: 'Import' }).click();
	await page.getByText('The import is complete').waitFor();
	await checkAxe(page, 'a result');
	assert.equal(await count(`email in ('asha@example.org', 'ravi@example.org')`), 2);
	assert.equal((await svc.db.rows('select name from person where auth_user_id = $1', [known.auth_user_id]))[0].name, 'Known Person');
	await page.getByRole('link', { name: 'Show who was created' }).click();
	await settled(page, 'Directory');
	assert.equal(await page.getByRole('rowheader').count(), 2);
	await page.goBack();
	await page.getByRole('button', { name: 'Undo' }).click();
	await page.getByRole('alertdialog', { name: 'Undo this import?' }).getByRole('button', { name: 'Undo' }).click();
	await page.getByText('This import was undone').waitFor();
	assert.equal(await count(`email in ('asha@example.org', 'ravi@example.org')`), 0);
	assert.equal((await svc.db.rows('select name from person where auth_user_id = $1', [known.auth_user_id]))[0].name, 'Old Name');
	page.expectClean();
});

test('who is missing from the file is shown, disabled after the number is typed, and enabled again', async () => {
	const staff = [];
	for (let i = 0; i < 25; i++) staff.push(await makeUser(svc, { name: `Staff ${i}`, empId: `S-${i}` }));
	const status = async (u) => (await svc.db.rows('select status from person where auth_user_id = $1', [u.auth_user_id]))[0].status;
	const known = (await svc.db.rows("select name, emp_id from person where emp_id is not null and deleted_at is null and emp_id <> 'S-24'")).map((u) => `${u.name},${u.emp_id}`);
	const imported = async (name, lines) => {
		await choose(name, `name,emp_id\n${lines.join('\n')}\n`);
		await page.getByText('Nothing has been changed yet').waitFor();
		await page.getByRole('button', { name: /^Import \d+ rows?$/ }).click();
		await page.getByText('The import is complete').waitFor();
	};
	const part = page.getByRole('region', { name: 'Missing from this file' });
	await imported('staff.csv', [...known, 'Newly Come,S-new']);
	await part.getByRole('link', { name: 'Look who is missing' }).click();
	await part.getByRole('rowheader', { name: 'Staff 24' }).waitFor();
	await part.getByText(/^1 person of \d+ who are active/).waitFor();
	await checkAxe(page, 'who is missing');
	await part.getByRole('button', { name: 'Disable 1 person' }).click();
	const dialog = page.getByRole('alertdialog', { name: 'Disable 1 person?' });
	await dialog.getByRole('button', { name: 'Disable' }).click();
	await dialog.getByText('Type the number exactly').first().waitFor();
	assert.equal(await status(staff[24]), 'active');
	await dialog.getByLabel('To confirm, type the number').fill('1');
	await dialog.getByRole('button', { name: 'Disable' }).click();
	await stepUp(page);
	await part.getByText('1 person who was missing is disabled.').waitFor();
	assert.deepEqual([await status(staff[24]), await status(staff[3])], ['disabled', 'active']);
	await checkAxe(page, 'who was missing is disabled');
	await part.getByRole('button', { name: 'Enable them again' }).click();
	await part.getByText('1 person was enabled again.').waitFor();
	assert.equal(await status(staff[24]), 'active');
	await imported('half.csv', [...known.slice(0, 10), 'Another One,S-another']);
	await part.getByRole('link', { name: 'Look who is missing' }).click();
	await part.getByText('Too many are missing').waitFor();
	assert.equal(await part.getByRole('button', { name: /^Disable/ }).count(), 0);
	await checkAxe(page, 'too many are missing');
	page.expectClean();
});

test('a large file goes up in chunks, and can be left and cancelled', async () => {
	const lines = Array.from({ length: 30_000 }, (_, i) => `Person ${i},large${i}@example.org,,L-${i}`);
	await choose('large.csv', `name,email,mobile_number,emp_id\n${lines.join('\n')}\n`);
	await page.getByRole('heading', { level: 1, name: 'large.csv' }).waitFor();
	const url = page.url();
	await page.goto('/setup/users');
	await settled(page, 'Directory');
	await page.goto(url);
	await page.getByText('Nothing has been changed yet').waitFor({ timeout: 60_000 });
	await page.getByText('30,000', { exact: true }).first().waitFor();
	await page.getByRole('button', { name: 'Cancel this import' }).click();
	await settled(page, 'Import people');
	await page.getByRole('link', { name: 'people.csv' }).first().waitFor();
	assert.equal(await count(`email like 'large%'`), 0);
	await checkAxe(page, 'earlier imports');
	page.expectClean();
});
