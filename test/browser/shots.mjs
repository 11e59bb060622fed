// shots - pictures of every page, small, for README and docs; "make
// screenshots" on the production build.  The people and numbers are made up
// here; nothing is drawn over.

import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { TOP, makeApp, makeKey, makeUser, signIn, startService, waitUntil } from '../integration/harness.mjs';
import { consoleLogin, makeAdmin } from '../integration/harness_console.mjs';
import { openConsole, openPage, settled } from './kit.mjs';

const OUT = path.join(TOP, 'docs/screenshots');
const MAX = 60 * 1024;
const NAMES = ['Asha Rao', 'Ben Okafor', 'Chitra Nair', 'Daniel Kim', 'Elena Petrova', 'Farid Haddad', 'Grace Mwangi', 'Hiro Tanaka', 'Ines Duarte', 'Jonas Weber', 'Kavya Iyer', 'Liam Byrne'];

mkdirSync(OUT, { recursive: true });
const svc = await startService({ settings: { brand_name: 'Northwind Identity' } });
const admin = await makeAdmin(svc, { name: 'Ada Admin', email: 'ada@northwind.example' });
const apps = [];
for (const name of ['Payroll', 'Learning portal', 'Travel desk']) apps.push(await makeApp(svc, { name, allow: ['127.0.0.1', '203.0.113.0/28'] }));
const { key } = await makeKey(svc, apps[0]);
await makeKey(svc, apps[1]);
const people = [];
for (const [i, name] of NAMES.entries()) {
	const [first, last] = name.toLowerCase().split(' ');
	people.push(await makeUser(svc, { name, email: `${first}.${last}@northwind.example`, mobile: `+9198765432${10 + i}`, empId: `N-${1040 + i}`, mfa: i % 3 === 0, apps: apps.slice(0, 1 + i % 3) }));
}
for (const user of people.filter((_, i) => i % 3 !== 0)) await signIn(svc, { key, user }, { body: { device_id: `phone-${user.emp_id}`, device_name: `${user.name.split(' ')[0]}’s phone` } });
for (let i = 0; i < 3; i++) await svc.post('/auth/login', { identifier: people[7].email, password: 'wrong' }, { key });
await svc.get('/auth/session', { key: 'isk_000000000000_nobody' });
await waitUntil(async () => (await svc.db.rows("select 1 from audit where event = 'login_failed'")).length > 0);
const c = await consoleLogin(svc, { admin });

// One PNG: the file, no larger than MAX.
async function shoot(page, name) {
	await settled(page);
	await page.evaluate(() => document.activeElement?.blur());
	const file = path.join(OUT, `${name}.png`);
	writeFileSync(file, await page.screenshot({ animations: 'disabled', caret: 'hide' }));
	execFileSync('pngquant', ['--force', '--strip', '--speed', '1', '--output', file, '48', file]);
	const { size } = statSync(file);
	if (size > MAX) throw new Error(`${name}.png has ${size} bytes, more than ${MAX}`);
}

const PAGES = [
	['overview', '/setup'], ['directory', '/setup/users'], ['person', `/setup/users/${people[0].auth_user_id}`],
	['person-sessions', `/setup/users/${people[1].auth_user_id}/sessions`], ['import', '/setup/import'],
	['applications', '/setup/applications'], ['application', `/setup/applications/${apps[0].id}`],
	['keys', `/setup/applications/${apps[0].id}/keys`], ['allowed-ips', `/setup/applications/${apps[0].id}/ips`],
	['authentication', '/setup/authentication'], ['policies', '/setup/authentication/policies'], ['messages', '/setup/authentication/templates'], ['spend', '/setup/authentication/spend'],
	['platform', '/setup/platform'], ['token-keys', '/setup/platform/tokens'], ['settings', '/setup/platform/settings'], ['runtime', '/setup/platform/runtime'], ['branding', '/setup/platform/branding'],
	['start', '/setup/start/messages'], ['audit', '/setup/audit'], ['account', '/setup/account'], ['reference', '/setup/reference'], ['guide', '/setup/guide'],
];

test('the pages of the console', async () => {
	const page = await openConsole(svc, { admin, width: 1040, height: 680, path: '/setup' });
	for (const [name, at] of PAGES) {
		await page.goto(at);
		if (name === 'messages') await page.getByLabel('Preview of the text').waitFor();
		await shoot(page, name);
	}
	const [event] = (await c.get('/audit?event=login_failed&limit=1')).body.data;
	await page.goto(`/setup/audit/${event.id}`);
	await shoot(page, 'audit-event');
});

test('dark, and narrow', async () => {
	const dark = await openConsole(svc, { admin, width: 1040, height: 680, theme: 'dark', path: '/setup/users' });
	await shoot(dark, 'directory-dark');
	await dark.goto('/setup/audit');
	await shoot(dark, 'audit-dark');
	const narrow = await openConsole(svc, { admin, width: 390, height: 760, path: '/setup/applications' });
	await shoot(narrow, 'applications-narrow');
});

test('signing in', async () => {
	const page = await openPage(svc, { width: 720, height: 520 });
	await page.goto('/setup/signin');
	await page.getByLabel('E-mail or mobile number').waitFor();
	await shoot(page, 'sign-in');
});
