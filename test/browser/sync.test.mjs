// The sync part of an application, against a client that syncs and a server
// that takes its webhook's calls.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { makeCast, startService, waitUntil } from '../integration/harness.mjs';
import { EGRESS, startHttp } from '../integration/delivery_kit.mjs';
import { checkAxe, openConsole, settled } from './kit.mjs';

const svc = await startService({ env: EGRESS });
const { app, key, user } = await makeCast(svc);
const hook = await startHttp({ answer: () => [204, ''] });
const page = await openConsole(svc, { path: `/setup/applications/${app.id}/sync` });
const copy = page.getByRole('region', { name: 'Copy of the directory' });
const card = page.getByRole('region', { name: 'Webhook', exact: true });
const message = (text) => page.getByRole('region', { name: 'Messages' }).getByText(text).last().waitFor();
const rename = (name) => svc.db.query('update person set name = $2 where auth_user_id = $1', [user.auth_user_id, name]);
let secret;

// One call with a signature of |secret|.
function isSigned(call) {
	const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(call.headers['x-identity-signature']);
	return v1 === createHmac('sha256', secret).update(`${t}.${call.body}`).digest('hex');
}
// The client's way through all pages; the last cursor.
async function sync(cursor) {
	for (;;) {
		const r = await svc.get(`/users/sync${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ''}`, { key });
		assert.equal(r.status, 200, r.text);
		({ cursor } = r.body);
		if (!r.body.has_more) return cursor;
	}
}

test('a copy that never was, then one that lags, then one that is whole', async () => {
	await settled(page, app.name);
	await copy.getByText('It never synced.', { exact: false }).waitFor();
	await checkAxe(page, 'never synced');
	let cursor = await sync();
	cursor = await sync(cursor);	// says that the first has arrived
	await rename('Another Name');
	await waitUntil(async () => {
		await page.reload();
		await settled(page, app.name);
		return await copy.getByText('It never synced.', { exact: false }).count() === 0 && await copy.getByText(/^\d+ changes$/).count() > 0;
	}, { timeoutMs: 30_000 });
	await checkAxe(page, 'a copy that lags');
	// Whatever writes at that moment holds the feed back: a client goes on.
	await waitUntil(async () => {
		cursor = await sync(cursor);
		await page.reload();
		await settled(page, app.name);
		return await copy.getByText('Nothing', { exact: true }).count() > 0;
	}, { timeoutMs: 30_000 });
	page.expectClean();
});

test('a webhook: refused address, secret once, a test call, a real one', async () => {
	await card.getByLabel('Address').fill('nonsense');
	await card.getByRole('button', { name: 'Add webhook' }).click();
	await card.getByRole('alert').getByRole('link', { name: 'Enter an address that begins with https://.' }).waitFor();
	await card.getByLabel('Address').fill('http://10.1.2.3/hook');
	await card.getByRole('button', { name: 'Add webhook' }).click();
	await card.getByRole('alert').filter({ hasText: 'There is a problem' }).waitFor();
	await card.getByLabel('Address').fill(`${hook.url}/hook`);
	await card.getByRole('button', { name: 'Add webhook' }).click();
	const dialog = page.getByRole('dialog', { name: 'Secret of the webhook' });
	secret = await dialog.getByLabel('Secret', { exact: true }).inputValue();
	await checkAxe(page, 'the secret', ['dialog']);
	await dialog.getByLabel('I have stored this secret').check();
	await dialog.getByRole('button', { name: 'Done' }).click();
	await message('The webhook is saved.');
	assert.ok(!(await page.content()).includes(secret));
	await card.getByRole('button', { name: 'Send a test' }).click();
	await message('A test call is on its way.');
	await waitUntil(() => hook.requests.length > 0);
	assert.ok(isSigned(hook.requests[0]));
	const before = hook.requests.length;
	await rename('A Third Name');
	await waitUntil(() => hook.requests.length > before);
	assert.ok(isSigned(hook.requests.at(-1)));
	assert.equal(JSON.parse(hook.requests.at(-1).body).event, 'sync');
	await checkAxe(page, 'a webhook');
});

test('a server that fails is told, a disabled webhook is silent, a removed one gone', async () => {
	hook.answer = () => [500, ''];
	await rename('A Fourth Name');
	await waitUntil(async () => {
		await page.reload();
		await settled(page, app.name);
		return await card.getByText('Last error').count() > 0 && await card.getByText('Next attempt').count() > 0;
	});
	await checkAxe(page, 'a webhook that fails');
	hook.answer = () => [204, ''];
	await card.getByLabel('Calls are sent').uncheck();
	await card.getByRole('button', { name: 'Save' }).click();
	await message('The webhook is saved.');
	const row = async () => (await svc.db.rows('select is_enabled from webhook where application_id = $1', [app.id]))[0];
	assert.equal((await row()).is_enabled, false);
	await card.getByRole('button', { name: 'Remove' }).click();
	await page.getByRole('alertdialog', { name: 'Remove the webhook?' }).getByRole('button', { name: 'Remove' }).click();
	await message('The webhook is removed.');
	await card.getByRole('button', { name: 'Add webhook' }).waitFor();
	assert.equal(await row(), undefined);
	page.expectClean();
});
