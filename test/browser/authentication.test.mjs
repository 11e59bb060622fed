// How messages get to people, as an administrator sets it up: a provider is
// saved, tested and activated; order, texts, policies, ceiling, outbox.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { makeCast, startService, waitUntil } from '../integration/harness.mjs';
import { EGRESS, startHttp, startSmtp } from '../integration/delivery_kit.mjs';
import { checkAxe, openConsole, settled, stepUp } from './kit.mjs';

const svc = await startService({ env: { ...EGRESS, IDENTITY_PUBLIC_URL: 'http://localhost' } });
const sms = await startHttp({ answer: () => [200, { ok: true, id: 'm-17' }] });
const mail = await startSmtp();
const { key, user } = await makeCast(svc, { user: { mobile: '+919876543210' } });
const page = await openConsole(svc, { path: '/setup/authentication' });

const open = async (path, heading) => {
	await page.goto(path);
	await settled(page, heading);
};
const message = (text) => page.getByRole('region', { name: 'Messages' }).getByText(text).last().waitFor();
const provider = async (name) => (await svc.db.rows('select is_enabled, priority, config, version from provider where name = $1', [name]))[0];
const save = (name = 'Save') => page.getByRole('button', { name, exact: true }).click();
// Settings that matter for safety ask for proof first.
async function settle(text) {
	const said = page.getByRole('region', { name: 'Messages' }).getByText(text);
	const proof = page.getByRole('dialog', { name: 'Confirm that it is you' });
	await said.or(proof).first().waitFor();
	if (await proof.count() > 0) await stepUp(page);
	await said.waitFor();
}

test('without a provider the page says what to do', async () => {
	await open('/setup/authentication', 'Authentication');
	await page.getByRole('heading', { name: 'No provider yet' }).waitFor();
	await checkAxe(page, 'no provider');
	await page.getByRole('main').getByRole('link', { name: 'Add a provider' }).first().click();
	await settled(page, 'Add a provider');
	await checkAxe(page, 'kinds of provider');
	page.expectClean();
});

test('a generic SMS provider: Save, Test, Activate; its secret never comes back', async () => {
	await open('/setup/authentication/add?type=generic', 'Add Generic API');
	await save();
	await page.getByRole('alert').getByRole('link', { name: 'Enter a name.' }).waitFor();
	await checkAxe(page, 'a form with errors');
	await page.getByLabel('Name', { exact: true }).first().fill('gateway');
	await page.getByLabel('Address', { exact: true }).fill('http://169.254.169.254/latest');
	await page.getByLabel('Body', { exact: true }).fill('{"to":"{to_e164}","text":"{message}"}');
	await page.getByLabel('How the service proves who it is').selectOption('bearer');
	await page.getByLabel('Token', { exact: true }).fill('sekret-token-1');
	await page.getByLabel('JSON pointer').fill('/ok');
	await page.getByLabel('Equals').fill('true');
	await page.getByLabel('Pointer to the message id').fill('/id');
	await save();
	await page.getByRole('alert').filter({ hasText: 'There is a problem' }).waitFor();
	assert.equal(await page.getByLabel('Address', { exact: true }).getAttribute('aria-invalid'), 'true', 'a forbidden address is told at its field');
	assert.equal(await provider('gateway'), undefined);
	await page.getByLabel('Address', { exact: true }).fill(`${sms.url}/send`);
	await save();
	await settled(page, 'gateway');
	const made = await provider('gateway');
	assert.equal(made.is_enabled, false, 'saving does not activate');
	assert.ok(!JSON.stringify(made.config).includes('sekret'));
	await page.getByText('Stored, and never shown again.').waitFor();
	assert.ok(!(await page.content()).includes('sekret-token-1'));

	await page.getByLabel('To the mobile number').fill('+919876500000');
	await page.getByRole('button', { name: 'Send a test' }).click();
	await page.getByText('The provider took the message').waitFor();
	assert.equal(sms.requests.at(-1).headers.authorization, 'Bearer sekret-token-1');
	assert.equal(sms.requests.at(-1).json.to, '+919876500000');
	assert.match(sms.requests.at(-1).json.text, /\n@localhost #\d+$/, 'bound to the host of the public address, as a real one is');
	assert.ok(!(await page.content()).includes('sekret-token-1'), 'the transcript is redacted');
	await checkAxe(page, 'a test with its transcript');

	sms.answer = () => [503, { ok: false, error: 'busy' }];
	await page.getByRole('button', { name: 'Send a test' }).click();
	await page.getByText('It was not sent').waitFor();
	await page.getByRole('heading', { name: /^Answer: 503/ }).waitFor();
	sms.answer = () => [200, { ok: true, id: 'm-18' }];

	await page.getByRole('button', { name: 'Activate' }).click();
	await message('gateway is active');
	assert.equal((await provider('gateway')).is_enabled, true);
	await page.reload();
	await settled(page, 'gateway');
	assert.equal(await page.getByLabel('To the mobile number').inputValue(), '+919876500000', 'the recipient is remembered');

	// an edit keeps the secret that it does not show
	await page.getByLabel('Sender', { exact: false }).first().fill('IDENTY');
	await save('Save changes');
	await message('Saved, and in use.');
	sms.requests.length = 0;
	await page.getByRole('button', { name: 'Send a test' }).click();
	await page.getByText('The provider took the message').waitFor();
	assert.equal(sms.requests[0].headers.authorization, 'Bearer sekret-token-1');
	page.expectClean();
});

test('a provider that signs, has its own retries and tells what it cost', async () => {
	sms.answer = () => [200, { ok: true, id: 'm-18', price: 0.0075 }];
	await open('/setup/authentication/providers/gateway', 'gateway');
	await page.getByLabel('Signing secret').fill('sign-sekret-1');
	await page.getByLabel('Time goes into').fill('X-Time');
	await page.getByLabel('Body', { exact: true }).fill('{"to":"{to}","text":"{message}"}');
	await page.getByLabel('Number in {to}').selectOption('digits');
	await page.getByLabel('Pointer to the cost').fill('/price');
	await page.getByLabel('Retries').fill('0');
	await save('Save changes');
	await message('Saved, and in use.');
	const { config } = await provider('gateway');
	assert.deepEqual([config.signature, config.number_format, config.cost_pointer, config.cost_unit, config.retries], [{ timestamp_header: 'X-Time' }, 'digits', '/price', undefined, 0]);
	sms.requests.length = 0;
	await page.getByRole('button', { name: 'Send a test' }).click();
	await page.getByText('it cost 0.0075').waitFor();
	const [r] = sms.requests;
	assert.equal(r.json.to, '919876500000');
	assert.equal(r.headers['x-signature'], createHmac('sha256', 'sign-sekret-1').update(`${r.headers['x-time']}.${r.body}`).digest('hex'));
	assert.ok(!(await page.content()).includes('sign-sekret'));
	await checkAxe(page, 'a document with a signature');
	// Taken away: nothing is signed any more.
	await page.getByRole('button', { name: /^Replace it.*Signing secret/ }).click();
	await save('Save changes');
	await waitUntil(async () => (await provider('gateway')).config.signature === undefined, { what: 'no signature' });
	page.expectClean();
});

test('each text and language has a template id of its own where the gateway wants one', async () => {
	await open('/setup/authentication/providers/gateway', 'gateway');
	const ids = page.getByRole('group', { name: 'Template ids by text' });
	assert.equal(await ids.count(), 0, 'not asked for while {template_id} is not used');
	await page.getByLabel('Body', { exact: true }).fill('{"to":"{to}","text":"{message}","template":"{template_id}"}');
	const add = ids.getByRole('button', { name: 'Add a template id' });
	for (const [i, [text, language, id]] of [['Sign-in code', '', '1107160000000000001'], ['Sign-in code', 'hi', '1107160000000000002'], ['Recovery code', '', '1107160000000000003'], ['New device', 'hi', '']].entries()) {
		await add.click();
		await ids.getByLabel(`Text ${i + 1}`).selectOption({ label: text });
		await ids.getByLabel(`Language ${i + 1}`).fill(language);
		await ids.getByLabel(`Template id ${i + 1}`).fill(id);
	}
	const problem = page.getByRole('alert').filter({ hasText: 'There is a problem' });
	await save('Save changes');
	await problem.getByRole('link', { name: 'Enter each template id, or remove its row.' }).click();
	assert.equal(await page.evaluate(() => document.activeElement.closest('fieldset')?.querySelector('legend').textContent), 'Template ids by text', 'the summary leads there');
	await ids.getByLabel('Template id 4').fill('1107160000000000004');
	await ids.getByLabel('Text 4').selectOption({ label: 'Sign-in code' });
	await save('Save changes');
	await problem.getByRole('link', { name: 'There is more than one id for the same text and language.' }).waitFor();
	await ids.getByLabel('Language 4').fill('h i');
	await save('Save changes');
	await problem.getByRole('link', { name: /names of messages/ }).waitFor();
	await checkAxe(page, 'template ids');
	await ids.getByRole('button', { name: 'Remove row 4' }).focus();
	await page.keyboard.press('Enter');
	await ids.getByLabel('Text 4').waitFor({ state: 'detached' });
	assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Add a template id', 'the focus is not lost with the row');
	await save('Save changes');
	await message('Saved, and in use.');
	const kept = { sign_in_code: '1107160000000000001', 'sign_in_code/hi': '1107160000000000002', reset_code: '1107160000000000003' };
	assert.deepEqual((await provider('gateway')).config.template_ids, kept);
	await page.reload();
	await settled(page, 'gateway');
	assert.equal(await ids.getByLabel('Language 3').inputValue() && await ids.getByLabel('Template id 3').inputValue(), kept['sign_in_code/hi']);
	sms.requests.length = 0;
	await page.getByRole('button', { name: 'Send a test' }).click();
	await page.getByText('The provider took the message').waitFor();
	assert.equal(sms.requests[0].json.template, kept.sign_in_code);
	// No longer used, no longer kept.
	await page.getByLabel('Body', { exact: true }).fill('{"to":"{to}","text":"{message}"}');
	await save('Save changes');
	await waitUntil(async () => (await provider('gateway')).config.template_ids === undefined, { what: 'no template ids' });
	page.expectClean();
});

test('Fast2SMS and the mail server have forms of their own', async () => {
	await open('/setup/authentication/add?type=fast2sms', 'Add Fast2SMS');
	await page.getByLabel('Name', { exact: true }).first().fill('india');
	await page.getByLabel('API key', { exact: true }).fill('f2s-secret');
	await page.getByLabel('Route').selectOption('dlt');
	await page.getByLabel('Sender id').fill('IDENTY');
	await page.getByLabel('Message id').fill('123456');
	await page.getByLabel('Dialling codes').fill('+91');
	await page.getByLabel('Address', { exact: false }).first().fill(sms.url);
	await checkAxe(page, 'Fast2SMS');
	await save();
	await settled(page, 'india');
	const made = await provider('india');
	assert.deepEqual([made.config.route, made.config.sender_id, made.config.message_id], ['dlt', 'IDENTY', '123456']);
	await page.getByRole('button', { name: 'Activate' }).click();
	await page.getByRole('alertdialog', { name: 'Activate india without a test?' }).getByRole('button', { name: 'Activate' }).click();
	await message('india is active');

	await open('/setup/authentication/add?type=smtp', 'Add SMTP');
	await page.getByLabel('Name', { exact: true }).first().fill('mail');
	await page.getByLabel('Host').fill('127.0.0.1');
	await page.getByLabel('Port').fill(String(mail.port));
	await page.getByLabel('Connection').selectOption('none');
	await page.getByText('Codes and passwords travel in the clear.').waitFor();
	await page.getByLabel('From', { exact: true }).fill('Identity <codes@example.org>');
	await save();
	await settled(page, 'mail');
	await page.getByLabel('To', { exact: true }).fill('asha@example.org');
	await page.getByRole('button', { name: 'Send a test' }).click();
	await page.getByText('The provider took the message').waitFor();
	assert.deepEqual(mail.mails[0].envelope.to, ['asha@example.org']);
	await page.getByRole('button', { name: 'Activate' }).click();
	await message('mail is active');

	await open('/setup/authentication/add?type=carrier_email', 'Add US carrier e-mail to SMS');
	await page.getByRole('row', { name: /Verizon vtext\.com/ }).first().waitFor();
	await page.getByLabel('Your state of Google Fi').selectOption('sunset');
	await page.getByLabel('Last day of Google Fi').fill('2027-12-31');
	await page.getByLabel('Name', { exact: true }).first().fill('carriers');
	await page.getByLabel('Sent through').selectOption('mail');
	await checkAxe(page, 'carrier gateways');
	await save();
	await settled(page, 'carriers');
	assert.equal((await provider('carriers')).config.smtp, 'mail');
	page.expectClean();
});

test('order and routing', async () => {
	await open('/setup/authentication', 'Authentication');
	const names = () => page.getByRole('region', { name: 'Text messages' }).getByRole('heading', { level: 3 }).allTextContents();
	const before = await names();
	assert.equal(before.length, 3);
	await page.getByRole('button', { name: `Move ${before[1]} up` }).click();
	await waitUntil(async () => (await names())[0] === before[1], { what: 'the new order' });
	const rows = await svc.db.rows(`select name from provider where type <> 'smtp' order by priority`);
	assert.deepEqual(rows.map((r) => r.name), [before[1], before[0], before[2]]);
	const route = page.getByRole('table', { name: 'Providers by dialling code' });
	await route.getByRole('row', { name: /^\+91/ }).waitFor();
	assert.match(await route.getByRole('row', { name: /^\+91/ }).textContent(), /india/);
	assert.ok(!/india/.test(await route.getByRole('row', { name: /^All others/ }).textContent()));
	await checkAxe(page, 'providers');
	page.expectClean();
});

test('a code goes out, and the outbox and the ceiling tell of it', async () => {
	await svc.db.query(`update provider set is_enabled = (name in ('gateway', 'mail'))`);
	const r = await svc.post('/auth/otp/request', { identifier: user.mobile_number }, { key });
	assert.equal(r.status, 200, r.text);
	await waitUntil(async () => (await svc.db.rows(`select from outbox where state = 'sent' and kind <> 'test'`)).length > 0, { what: 'a sent message' });
	await open('/setup/authentication/outbox', 'Authentication');
	await page.getByRole('rowheader', { name: 'Code', exact: true }).first().waitFor();
	assert.ok(!(await page.content()).includes('9876543210'), 'the number is masked');
	await checkAxe(page, 'the outbox');
	await page.getByLabel('State').selectOption('failed');
	await page.waitForURL(/state=failed/);
	await open('/setup/authentication/spend', 'Authentication');
	await page.getByRole('heading', { name: 'This hour' }).waitFor();
	await page.getByRole('rowheader', { name: '+91' }).waitFor();
	await checkAxe(page, 'spend');
	const ceiling = page.getByRole('region', { name: 'Ceiling' });
	await ceiling.getByLabel('Messages in an hour').fill('none');
	await ceiling.getByRole('button', { name: 'Save' }).click();
	await ceiling.getByRole('link', { name: /enter a whole number/ }).waitFor();
	await ceiling.getByLabel('Messages in an hour').fill('250');
	await ceiling.getByLabel('Countries').fill('+91, 1');
	await ceiling.getByRole('button', { name: 'Save' }).click();
	await settle('Saved. It holds for the next request.');
	const kept = Object.fromEntries((await svc.db.rows(`select name, value from setting where name in ('sms_hour_max', 'sms_countries')`)).map((s) => [s.name, s.value]));
	assert.deepEqual(kept, { sms_hour_max: 250, sms_countries: ['91', '1'] });
	const prices = page.getByRole('region', { name: 'Prices' });
	await prices.getByRole('button', { name: 'Add a price' }).click();
	await prices.getByLabel('Prefix 1', { exact: true }).fill('91');
	await prices.getByLabel('Price 1', { exact: true }).fill('0.25');
	await prices.getByRole('button', { name: 'Save prices' }).click();
	await settle('Prices saved.');
	await page.reload();
	await settled(page);
	assert.equal(await prices.getByLabel('Price 1', { exact: true }).inputValue(), '0.25');
	page.expectClean();
});

test('texts are changed with a preview that counts segments, and given back', async () => {
	await open('/setup/authentication/templates?name=sign_in_code&channel=sms', 'Authentication');
	await page.getByText('1 segment').waitFor();
	await page.getByText('Variables, in double braces: code, ttl_minutes, ttl_s, app_name, brand, name, host.').waitFor();
	await page.getByLabel('Preview of the text').getByText('@localhost #123456').waitFor();
	assert.equal(await page.getByText('has no last line').count(), 0, 'no warning of a line that is there');
	await checkAxe(page, 'texts');
	await page.getByLabel('Text', { exact: true }).fill('आपका कोड {{code}} है');
	await page.getByText('UCS-2').waitFor();
	await page.getByLabel('Text', { exact: true }).fill('No code in it');
	await save();
	await page.getByRole('alert').filter({ hasText: 'There is a problem' }).waitFor();
	await page.getByLabel('Text', { exact: true }).fill('Your own code: {{code}}');
	await page.getByLabel('Preview of the text').getByText(/Your own code: \d+/).waitFor();
	await page.getByText('Has no last line "@host #code": phones cannot bind the code to a site.').waitFor();
	await save();
	await settle('Saved. The next message says this.');
	await page.getByText('Your own', { exact: true }).waitFor();
	sms.requests.length = 0;
	const other = await makeCast(svc, { user: { mobile: '+919876543299' } });
	const r = await svc.post('/auth/otp/request', { identifier: other.user.mobile_number }, { key: other.key });
	assert.equal(r.status, 200, r.text);
	await waitUntil(() => sms.requests.length > 0, { what: 'the message' });
	assert.match(sms.requests[0].json.text, /^Your own code: \d{6}/);
	await page.getByRole('button', { name: 'Use the shipped text' }).click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Use the shipped text' }).click();
	await settle('The shipped text is used again.');
	await page.getByText('As shipped').waitFor();
	page.expectClean();
});

test('policies say what is usual, and refuse what is not allowed', async () => {
	await open('/setup/authentication/policies', 'Authentication');
	const codes = page.getByRole('region', { name: 'One-time codes' });
	await codes.getByText(/Usual: 5 min/).waitFor();
	await checkAxe(page, 'policies');
	await codes.getByLabel('Digits of a code').fill('12');
	await codes.getByRole('button', { name: 'Save' }).click();
	await codes.getByRole('link', { name: /enter a number from 6 to 8/ }).waitFor();
	await codes.getByLabel('Digits of a code').fill('8');
	await codes.getByRole('button', { name: 'Save' }).click();
	await settle('Saved. It holds for the next request.');
	assert.equal((await svc.db.rows(`select value from setting where name = 'otp_length'`))[0].value, 8);
	page.expectClean();
});
