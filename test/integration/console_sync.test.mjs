// How far an application's copy is, and its webhook, through the console's API.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { auditRows, consoleLogin, makeCast, makeUser, startService, waitUntil } from './harness.mjs';

const svc = await startService();
const c = await consoleLogin(svc);

test('lag: nothing yet, a snapshot, a cursor, changes, a leaver', async () => {
	const { app, key, user } = await makeCast(svc);
	const show = async () => (await c.get(`/applications/${app.id}/sync`)).body;
	assert.deepEqual(await show(), { last_sync_at: null, acked_at: null, full_at: null, behind: 1, last_leaver: null });
	const page = async (q) => (await svc.get(`/users/sync${q}`, { key })).body;
	const a = await page('');
	let s = await waitUntil(async () => {
		const x = await show();
		return x.full_at && x;
	});
	assert.deepEqual([s.acked_at, s.behind], [null, 1], 'it has not said yet that it has it');
	await page(`?cursor=${a.cursor}`);
	s = await waitUntil(async () => {
		const x = await show();
		return x.acked_at && x;
	});
	assert.deepEqual([s.behind, s.last_leaver], [0, null]);
	assert.match(s.last_sync_at, /^\d{4}-.*Z$/);
	await makeUser(svc, { apps: [app] });
	await svc.db.query('delete from assignment where person_id = $1', [user.auth_user_id]);
	s = await show();
	assert.deepEqual([s.behind, s.last_leaver.acked_at], [2, null]);
	const b = await page(`?cursor=${a.cursor}`);
	assert.equal((await show()).last_leaver.acked_at, null, 'told, not confirmed');
	// Whatever writes at that moment holds the feed back: a client goes on.
	let { cursor } = b;
	s = await waitUntil(async () => {
		({ cursor } = await page(`?cursor=${cursor}`));
		const x = await show();
		return x.behind === 0 && x.last_leaver.acked_at && x;
	});
	assert.ok(s.last_leaver.acked_at >= s.last_leaver.removed_at);
	assert.equal((await c.get(`/applications/${randomUUID()}/sync`)).status, 404);
});

test('a webhook: made, shown, changed, taken away', async () => {
	const { app } = await makeCast(svc);
	const path = `/applications/${app.id}/webhook`;
	assert.equal((await c.get(path)).status, 404);
	const made = await c.put(path, { url: 'https://app.example.org/hook' });
	assert.equal(made.status, 201, made.text);
	const { secret, ...hook } = made.body;
	assert.match(secret, /^whsec_[0-9A-Za-z]{43}$/);
	assert.deepEqual(hook, { url: 'https://app.example.org/hook', is_enabled: true, last_ok_at: null, last_error: null, next_attempt_at: null });
	assert.deepEqual((await c.get(path)).body, hook, 'the secret is seen once');
	const changed = await c.put(path, { url: 'https://app.example.org/other', is_enabled: false });
	assert.deepEqual([changed.status, changed.body.url, changed.body.is_enabled, changed.body.secret], [200, 'https://app.example.org/other', false, undefined]);
	const rows = await auditRows(svc.db, { event: 'webhook_changed', application_id: app.id });
	assert.deepEqual(rows.map((r) => r.detail.url), [{ from: null, to: 'https://app.example.org/hook' }, { from: 'https://app.example.org/hook', to: 'https://app.example.org/other' }]);
	assert.doesNotMatch(JSON.stringify(rows), /whsec/);
	assert.equal((await c.del(path)).status, 204);
	assert.equal((await c.del(path)).status, 404);
	assert.equal((await auditRows(svc.db, { event: 'webhook_deleted', application_id: app.id })).length, 1);
	assert.equal((await c.put(`/applications/${randomUUID()}/webhook`, { url: 'https://app.example.org/hook' })).status, 404);
});

test('addresses that are not for a webhook', async () => {
	const { app } = await makeCast(svc);
	for (const url of [undefined, null, 7, '', 'app.example.org', 'ftp://app.example.org/', 'http://app.example.org/', 'https://user:pw@app.example.org/', 'https://127.0.0.1/',
		'https://[::1]/', 'https://169.254.169.254/latest', 'https://10.1.2.3/', 'https://app.example.org:22/', `https://app.example.org/${'a'.repeat(2000)}`]) {
		const r = await c.put(`/applications/${app.id}/webhook`, { url });
		assert.deepEqual([r.status, r.body.errors?.[0].field], [422, 'url'], `${url}: ${r.text}`);
	}
	const r = await c.put(`/applications/${app.id}/webhook`, { url: 'https://app.example.org/', is_enabled: 'yes' });
	assert.deepEqual([r.status, r.body.errors[0].field], [422, 'is_enabled']);
});
