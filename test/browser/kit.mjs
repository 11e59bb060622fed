// kit - the console in a real browser: Debian's Chromium by playwright-core,
// against a service of ../integration/harness.mjs.
// Every page fails its test when the browser reports an error, a breach of the
// Content-Security-Policy or of Trusted Types, or a request to another origin.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after } from 'node:test';
import { chromium } from 'playwright-core';
import { SLOW, makeAdmin } from '../integration/harness.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
// Nothing of the browser's own goes out.
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const TIMEOUT_MS = 10_000 * SLOW;

let started = null;
const browser = () => (started ??= chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGS }));

after(async () => { if (started) await (await started).close(); });

// What a page must not have: each entry a sentence.
function watch(page, origin, found) {
	page.on('pageerror', (e) => found.push(`error: ${e.message}`));
	page.on('console', (m) => {
		if (m.type() !== 'error') return;
		// Refusals that a test brings about are no faults of the page.
		if (/^Failed to load resource: the server responded with a status of 4\d\d/.test(m.text())) return;
		found.push(`console: ${m.text()}`);
	});
	page.on('request', (r) => {
		const url = new URL(r.url());
		if (!['blob:', 'data:'].includes(url.protocol) && url.origin !== origin) found.push(`request to ${url.origin}`);
		if (url.pathname === '/csp-report') found.push(`CSP report: ${r.postData()}`);
	});
}

// A page of a fresh browser profile.  |o|: width, height, theme, javaScript.
// page.expectClean({ allow }) asserts that nothing else was found; page.origin.
export async function openPage(svc, o = {}) {
	const context = await (await browser()).newContext({
		viewport: { width: o.width ?? 1280, height: o.height ?? 900 }, colorScheme: o.theme ?? 'light',
		baseURL: `http://localhost:${svc.port}`, javaScriptEnabled: o.javaScript ?? true, acceptDownloads: true,
		permissions: ['clipboard-read', 'clipboard-write'],
	});
	context.setDefaultTimeout(TIMEOUT_MS);
	context.setDefaultNavigationTimeout(3 * TIMEOUT_MS);
	const page = await context.newPage();
	const found = [];
	page.origin = `http://localhost:${svc.port}`;
	watch(page, page.origin, found);
	page.expectClean = ({ allow } = {}) => assert.deepEqual(found.splice(0).filter((f) => !allow?.test(f)), []);
	return page;
}

// The same, signed in by the pages that people use.  |o.admin| of makeAdmin()
// or one of its own; |o.path| where to go then.
export async function openConsole(svc, o = {}) {
	const page = await openPage(svc, o);
	page.admin = o.admin ?? await makeAdmin(svc, { name: 'Ada Admin' });
	await page.goto(`/setup/signin?next=${encodeURIComponent(o.path ?? '/setup/account')}`);
	await page.locator('input[name=identifier]').fill(page.admin.email);
	await page.keyboard.press('Enter');
	await page.locator('input[name=password]').fill(page.admin.password);
	await page.keyboard.press('Enter');
	await page.locator('#app h1').waitFor();
	return page;
}

// Answers the dialog that a dangerous act brings up.
export async function stepUp(page) {
	const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' });
	await dialog.getByLabel('Your password').fill(page.admin.password);
	await dialog.getByRole('button', { name: 'Confirm' }).click();
	await dialog.waitFor({ state: 'detached' });
}

// The page is drawn: its heading is there and nothing is being loaded.
export async function settled(page, heading) {
	if (heading) await page.getByRole('heading', { level: 1, name: heading }).waitFor();
	await page.waitForFunction(() => document.querySelector('main h1, main .sheet') !== null && document.querySelector('[aria-busy=true]') === null);
}

// No breach of WCAG A and AA as axe-core sees it, in both themes, at 320 and
// at 1280 pixels, and nothing that has to be scrolled sideways.  |include|:
// selectors of what is looked at, on a page that has the same thing many times.
export async function checkAxe(page, name, include) {
	const before = page.viewportSize();
	for (const part of include ?? []) await page.locator(part).first().waitFor();
	for (const theme of ['light', 'dark']) {
		await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
		for (const width of [1280, 320]) {
			await page.setViewportSize({ width, height: before.height });
			await settled(page);
			if (!await page.evaluate(() => 'axe' in globalThis)) await page.evaluate(AXE);
			const r = await page.evaluate(([values, parts]) => globalThis.axe.run(parts ? { include: parts.map((p) => [p]) } : document,
				{ resultTypes: ['violations'], runOnly: { type: 'tag', values } }), [RULES, include]);
			const told = r.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(' | ')}`);
			assert.deepEqual(told, [], `${name}, ${theme}, ${width} px`);
			const wide = await page.evaluate(() => document.documentElement.scrollWidth);
			assert.ok(wide <= width, `${name} is ${wide} px wide at ${width}`);
		}
	}
	await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' });
	await page.setViewportSize(before);
}
