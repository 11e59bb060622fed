// The platform as an administrator sees it: public address, token keys,
// settings, run-time values, branding.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync, crc32 as zlibCrc32 } from 'node:zlib';
import { makeCast, signIn, startService, waitUntil } from '../integration/harness.mjs';
import { checkAxe, openConsole, openPage, settled, stepUp } from './kit.mjs';

const svc = await startService({ env: { IDENTITY_DEV_OTP: '1', IDENTITY_TRUSTED_PROXIES: '127.0.0.1' } });
const cast = await makeCast(svc);
const page = await openConsole(svc, { path: '/setup/platform' });

const open = async (part) => {
	await page.goto(`/setup/platform${part}`);
	await settled(page, 'Platform');
};
const message = (text) => page.getByRole('region', { name: 'Messages' }).getByText(text).last().waitFor();

// A square PNG of one colour.
function png(size) {
	const crc = zlibCrc32 ?? ((b) => {
		let c = ~0;
		for (const x of b) {
			c ^= x;
			for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
		}
		return ~c >>> 0;
	});
	const chunk = (type, data) => {
		const body = Buffer.concat([Buffer.from(type), data]);
		const out = Buffer.alloc(body.length + 8);
		out.writeUInt32BE(data.length, 0);
		body.copy(out, 4);
		out.writeUInt32BE(crc(body), body.length + 4);
		return out;
	};
	const head = Buffer.alloc(13);
	head.writeUInt32BE(size, 0);
	head.writeUInt32BE(size, 4);
	head.set([8, 2, 0, 0, 0], 8);
	const rows = Buffer.alloc(size * (1 + size * 3), 0x60);
	for (let y = 0; y < size; y++) rows[y * (1 + size * 3)] = 0;
	return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

test('the public address against the address bar', async () => {
	await open('');
	// the service says 127.0.0.1, the browser came by localhost
	await page.getByText('The public address is not the one you use').waitFor();
	await page.getByText(`http://127.0.0.1:${svc.port}`).first().waitFor();
	await checkAxe(page, 'public address');
	page.expectClean();
});

test('run-time values say what was seen of this request, and why that address', async () => {
	await page.setExtraHTTPHeaders({ 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '198.51.100.1' });
	await open('/runtime');
	const request = page.getByRole('region', { name: 'This request' });
	await request.getByText('Effective address: 203.0.113.9').waitFor();
	await request.getByText('198.51.100.1').waitFor();
	await page.getByRole('table', { name: 'Variables' }).getByRole('rowheader', { name: 'IDENTITY_TRUSTED_PROXIES' }).waitFor();
	assert.ok(!(await page.content()).includes(new URL(svc.env.IDENTITY_DATABASE_URL).password), 'no secret is shown');
	await page.getByRole('button', { name: 'Copy the Traefik labels' }).click();
	assert.match(await page.evaluate(() => navigator.clipboard.readText()), /traefik\.http\.routers\.identity\.rule=Host/);
	await checkAxe(page, 'run-time values');
	await page.setExtraHTTPHeaders({});
	page.expectClean();
});

test('the token key: rotated with overlap, then all tokens void', async () => {
	const t = await signIn(svc, cast);
	const alive = async () => (await svc.get('/auth/session', { key: cast.key, token: t.access_token })).status;
	await open('/tokens');
	const table = page.getByRole('table', { name: 'Token keys' });
	await table.getByText('Signs new tokens').waitFor();
	await checkAxe(page, 'token keys');
	await page.getByRole('button', { name: 'Rotate with overlap' }).click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Rotate' }).click();
	await stepUp(page);
	await table.getByText('Still accepted').waitFor();
	assert.equal(await alive(), 200, 'nobody is signed out');
	await page.getByRole('button', { name: 'Void all tokens' }).click();
	const typed = page.getByRole('alertdialog');
	await typed.getByLabel(/To confirm/).fill('void all tokens');
	await page.keyboard.press('Enter');
	await message('All tokens of before are void');
	await waitUntil(async () => await alive() === 401, { what: 'every worker refuses the old tokens' });
	page.expectClean();
});

test('settings: what is wrong is said, all or nothing, in force at once', async () => {
	await open('/settings');
	const card = page.getByRole('region', { name: 'Sessions and tokens' });
	const field = card.getByLabel('Life of an access token');
	await checkAxe(page, 'settings');
	await field.fill('5');
	await card.getByRole('button', { name: 'Save' }).click();
	await card.getByRole('alert').getByRole('link', { name: /from 60 to 3,600/ }).waitFor();
	await field.fill('120');
	await card.getByRole('button', { name: 'Save' }).click();
	await message('Saved.');
	const t = await signIn(svc, cast);
	assert.equal(t.expires_in, 120);
	page.expectClean();
});

test('branding: contrast is measured, the preview follows, the sign-in page has it', async () => {
	await open('/branding');
	await checkAxe(page, 'branding');
	await page.getByLabel('Name', { exact: true }).fill('Northwind');
	const accent = page.getByRole('textbox', { name: 'Accent colour', exact: true });
	await accent.fill('#ffcc00');
	await page.getByText('too light: 4.5 is needed').waitFor();
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByRole('alert').getByRole('link', { name: /White text on this colour/ }).waitFor();
	await accent.fill('#7a1f6b');
	await page.getByLabel('Where people find help').fill('https://help.example.org/');
	await page.waitForFunction(() => getComputedStyle(document.querySelector('.preview[data-theme=light] .is-primary')).backgroundColor === 'rgb(122, 31, 107)');
	await page.getByRole('button', { name: 'Save' }).click();
	await message('Saved.');
	await page.getByRole('link', { name: 'Northwind' }).waitFor();

	await page.getByLabel('Logo file').setInputFiles({ name: 'a.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg/>') });
	await page.getByRole('alert').getByText('must be a PNG').waitFor();
	await page.getByLabel('Logo file').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
	await page.getByRole('alert').getByText(/PNG/).waitFor();
	await page.getByLabel('Logo file').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: png(64) });
	await message('The logo is changed.');
	await page.getByAltText('The logo now').waitFor();
	assert.ok(await page.locator('.brand img').evaluate((e) => e.complete && e.naturalWidth > 0));
	await checkAxe(page, 'branding, with a logo');

	const visitor = await openPage(svc, { javaScript: false });
	await visitor.goto('/setup/signin');
	assert.match(await visitor.title(), /Northwind/);
	await visitor.getByRole('button', { name: 'Continue' }).waitFor();
	// The same head and foot on every page without a script.
	const branded = async () => {
		assert.ok(await visitor.locator('.mast img').evaluate((e) => e.naturalWidth > 0), 'the logo');
		assert.equal(await visitor.getByRole('contentinfo').getByRole('link', { name: 'Get help' }).getAttribute('href'), 'https://help.example.org/');
	};
	await branded();
	await visitor.getByText('Cannot sign in?').click();
	await visitor.getByText('identityd setup-link').waitFor();
	await visitor.getByLabel('E-mail or mobile number').fill(page.admin.email);
	await visitor.keyboard.press('Enter');
	await visitor.getByRole('button', { name: 'Send me a code instead' }).waitFor();
	await branded();
	for (const address of ['/setup?token=wrong', '/setup/recover?token=wrong', (await svc.cli(['admin', 'recovery-link', '--email', page.admin.email])).stdout.trim().split('\n').at(-1)]) {
		await visitor.goto(new URL(address, visitor.origin).pathname + new URL(address, visitor.origin).search);
		await branded();
	}
	await checkAxe(await openConsole(svc, { admin: page.admin, path: '/setup/account' }), 'with another accent');
	await page.getByRole('button', { name: 'Remove' }).click();
	await message('The logo is removed.');
	page.expectClean();
	visitor.expectClean();
});
