// My profile: an authenticator app from its picture to its end, as an
// administrator does it, and the sign-in with it.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { startService } from '../integration/harness.mjs';
import { totp } from '../integration/harness_totp.mjs';
import { checkAxe, openConsole, settled, stepUp } from './kit.mjs';

const svc = await startService({ env: { IDENTITY_DEV_OTP: '1' } });
const page = await openConsole(svc, { path: '/setup/account' });
const card = page.getByRole('region', { name: 'Second factor' });
const button = (name) => page.getByRole('button', { name, exact: true });
// A step of the app that was used is not taken again; its clock goes on.
const nextStep = () => svc.db.query('update totp set last_step = 0 where person_id = $1', [page.admin.auth_user_id]);
const proofs = () => page.getByRole('dialog', { name: 'Confirm that it is you' });
let secret;
let codes;

test('enrolling asks for proof, shows picture and key, and takes the right code alone', async () => {
	await settled(page, 'My profile');
	await card.getByText('Off', { exact: true }).waitFor();
	await button('Set up an authenticator app').click();
	await stepUp(page);
	const qr = card.getByRole('img', { name: 'QR code for the authenticator app' });
	await qr.waitFor();
	const box = await qr.boundingBox();
	assert.ok(box.width >= 150 && Math.abs(box.width - box.height) < 2, JSON.stringify(box));
	secret = (await card.locator('.lead-list code').textContent()).replaceAll(' ', '');
	assert.match(secret, /^[A-Z2-7]{32}$/);
	const uri = new URL(await card.getByRole('link', { name: 'Open it in an app on this device' }).getAttribute('href'));
	assert.equal(uri.searchParams.get('secret'), secret);
	await checkAxe(page, 'enrolling');
	await page.setViewportSize({ width: 1280, height: 900 });
	await button('Confirm').click();
	await page.getByRole('alert').getByText('Enter the digits that the app shows.').waitFor();
	await page.getByLabel('Code of the app').fill('000 000');
	await button('Confirm').click();
	await page.getByRole('alert').getByText('The code is not right.', { exact: false }).first().waitFor();
	const good = totp(secret);
	await page.getByLabel('Code of the app').fill(`${good.slice(0, 3)} ${good.slice(3)}`);
	await page.keyboard.press('Enter');
});

test('recovery codes are shown once, to be copied, downloaded and printed', async () => {
	const dialog = page.getByRole('dialog', { name: 'Recovery codes' });
	await dialog.waitFor();
	codes = await dialog.locator('.codes code').allTextContents();
	assert.equal(codes.length, 10);
	await dialog.getByRole('button', { name: 'Copy the codes' }).click();
	await dialog.getByText('Copied').waitFor();
	assert.deepEqual((await page.evaluate(() => navigator.clipboard.readText())).trim().split('\n'), codes);
	const [file] = await Promise.all([page.waitForEvent('download'), dialog.getByRole('button', { name: 'Download recovery-codes.txt' }).click()]);
	assert.deepEqual((await readFile(await file.path(), 'utf8')).trim().split('\n'), codes);
	await page.evaluate(() => { globalThis.print = () => { globalThis.printed = (globalThis.printed ?? 0) + 1; }; });
	await dialog.getByRole('button', { name: 'Print the codes' }).click();
	assert.equal(await page.evaluate(() => globalThis.printed), 1);
	// what is on paper: the codes alone, dark on white whatever the theme
	for (const colorScheme of ['light', 'dark']) {
		await page.emulateMedia({ media: 'print', colorScheme });
		assert.deepEqual((await page.evaluate(() => document.body.innerText)).split(/\s*\n\s*/).filter(Boolean), ['Recovery codes', ...codes]);
		const { ink, top } = await dialog.locator('.codes code').first().evaluate((el) => ({ ink: getComputedStyle(el).color, top: el.getBoundingClientRect().top }));
		assert.equal(ink, 'rgb(20, 24, 31)');
		assert.ok(top < 200, 'from the top of the page');
	}
	await page.emulateMedia({ media: 'screen', colorScheme: 'light' });
	await checkAxe(page, 'recovery codes');
	await dialog.getByRole('button', { name: 'Done' }).click();
	await dialog.getByText('Tick this when it is stored', { exact: false }).waitFor();
	await dialog.getByLabel('I have stored these codes').check();
	await dialog.getByRole('button', { name: 'Done' }).click();
	await card.getByText('10 left').waitFor();
	await card.getByText('Authenticator app', { exact: true }).waitFor();
	assert.ok(!(await page.content()).includes(codes[0]));
	await checkAxe(page, 'an app in force');
});

// Password and |code| by the pages; ends at the profile.
async function signIn(code) {
	await page.getByLabel('E-mail or mobile number').fill(page.admin.email);
	await page.keyboard.press('Enter');
	await page.getByLabel('Password').fill(page.admin.password);
	await page.keyboard.press('Enter');
	await page.getByLabel('Code').fill(code);
	await page.keyboard.press('Enter');
}
async function signOut() {
	await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click();
	await page.getByLabel('E-mail or mobile number').waitFor();
	await page.goto('/setup/signin?next=/setup/account');
}

test('the next sign-in wants the code of the app', async () => {
	await signOut();
	await nextStep();
	await signIn('000000');
	await page.getByRole('alert').waitFor();
	await page.getByLabel('Code').fill(totp(secret));
	await page.keyboard.press('Enter');
	await settled(page, 'My profile');
});

test('a recovery code signs in, once', async () => {
	await signOut();
	await signIn(codes[4]);
	await settled(page, 'My profile');
	await card.getByText('9 left').waitFor();
	await signOut();
	await signIn(codes[4]);
	await page.getByRole('alert').waitFor();
	await page.getByLabel('Code').fill(codes[7].replaceAll('-', ' '));
	await page.keyboard.press('Enter');
	await settled(page, 'My profile');
});

test('new codes after proof by the app; removing ends it', async () => {
	await nextStep();
	await button('New recovery codes').click();
	await page.getByRole('alertdialog', { name: 'Make new recovery codes?' }).getByRole('button', { name: 'Make new codes' }).click();
	await proofs().getByRole('button', { name: 'Use my authenticator app or a recovery code' }).click();
	await proofs().getByLabel('Authenticator or recovery code').fill(totp(secret));
	await proofs().getByRole('button', { name: 'Confirm' }).click();
	const dialog = page.getByRole('dialog', { name: 'Recovery codes' });
	await dialog.waitFor();
	assert.ok(!codes.includes(await dialog.locator('.codes code').first().textContent()));
	await dialog.getByLabel('I have stored these codes').check();
	await dialog.getByRole('button', { name: 'Done' }).click();
	await card.getByText('10 left').waitFor();
	await button('Remove the app').click();
	await page.getByRole('alertdialog', { name: 'Remove the authenticator app?' }).getByRole('button', { name: 'Remove' }).click();
	await card.getByText('Code by message').waitFor();
	assert.equal((await svc.db.rows('select 1 from totp where person_id = $1', [page.admin.auth_user_id])).length, 0);
	await button('Set up an authenticator app').waitFor();
	page.expectClean();
});
