// /users/sync/stream: events, going on, heartbeats, the end.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SLOW, connectRaw, makeCast, makeKey, makeUser, startService, waitUntil } from './harness.mjs';
import { SyncClient, openStream } from './sync_kit.mjs';

const svc = await startService();
const rename = (u, name) => svc.db.query('update person set name = $2 where auth_user_id = $1', [u.auth_user_id, name]);
const events = (s, n) => waitUntil(() => s.events.length >= n && s.events, { what: `${n} events` });

test('pages as events, and on from the last one', async () => {
	const { app, key, user } = await makeCast(svc);
	const s = await openStream(svc, key, { query: 'set_hash=1' });
	assert.deepEqual([s.status, s.headers['content-type'], s.headers['cache-control']], [200, 'text/event-stream', 'no-store']);
	const client = new SyncClient(svc, key);
	const [first] = await events(s, 1);
	assert.deepEqual([first.event, first.id, first.data.full], ['page', first.data.cursor, true]);
	client.apply(first.data);
	assert.equal(client.proofs, 1);
	const v = await makeUser(svc, { apps: [app] });
	client.apply((await events(s, 2))[1].data);
	await svc.db.query('delete from person where auth_user_id = $1', [user.auth_user_id]);
	client.apply((await events(s, 3))[2].data);
	assert.deepEqual([...client.users.keys()], [v.auth_user_id]);
	assert.equal(client.proofs, 3);
	s.close();
	// What has happened since the first event comes again, in one page.
	const t = await openStream(svc, key, { cursor: 'ignored', lastId: first.id });
	const [page] = await events(t, 1);
	assert.deepEqual([page.data.full, page.data.users.map((u) => u.auth_user_id), page.data.removed.length], [false, [v.auth_user_id], 1]);
	t.close();
	const u = await openStream(svc, key, { cursor: page.data.cursor, query: 'seconds=1' });
	await waitUntil(() => u.ended);
	assert.deepEqual([u.events, u.text.startsWith('retry: ')], [[], true]);
	const bad = await openStream(svc, key, { lastId: 'nonsense' });
	assert.equal(bad.status, 422);
});

test('a snapshot of many pages', async () => {
	const { app, key } = await makeCast(svc);
	await svc.db.query(`with p as (insert into person (name) select 'Crowd ' || i from generate_series(1, 2500) i returning auth_user_id)
		insert into assignment (application_id, person_id) select $1, auth_user_id from p`, [app.id]);
	const s = await openStream(svc, key, { query: 'limit=10000&set_hash=1' });
	await waitUntil(() => s.events.at(-1)?.data.has_more === false);
	const client = new SyncClient(svc, key);
	for (const e of s.events) client.apply(e.data);
	assert.deepEqual([client.users.size, client.proofs, s.events.map((e) => e.data.users.length)], [2501, 1, [1000, 1000, 501]]);
	s.close();
});

test('the feed begins anew: said, and the end', async () => {
	const { key } = await makeCast(svc);
	const s = await openStream(svc, key);
	await events(s, 1);
	await svc.db.query('truncate assignment');
	await waitUntil(() => s.ended);
	const last = s.events.at(-1);
	assert.deepEqual([last.event, last.data.code, last.id], ['resync', 'resync_required', undefined]);
});

test('a key that is disabled ends it', async () => {
	const { app, key, user } = await makeCast(svc);
	const k = await makeKey(svc, app);
	const [s, t] = [await openStream(svc, k.key), await openStream(svc, key)];
	await events(s, 1);
	await events(t, 1);
	await svc.db.query('update application_key set is_enabled = false where key_id = $1', [k.id]);
	await waitUntil(async () => (await svc.get('/users/sync', { key: k.key })).status === 401);
	await rename(user, 'Secret');
	await waitUntil(() => s.ended);
	assert.doesNotMatch(s.text, /Secret/);
	assert.equal((await events(t, 2))[1].data.users[0].name, 'Secret');
	t.close();
});

test('who does not read holds one page', { timeout: 60_000 * SLOW }, async () => {
	const { key, user } = await makeCast(svc);
	const raw = await connectRaw(svc);
	raw.socket.pause();
	await raw.write(`GET /users/sync/stream HTTP/1.1\r\nHost: localhost\r\nX-Auth-Service-Key: ${key}\r\n\r\n`);
	const s = await openStream(svc, key);
	await events(s, 1);
	for (let i = 2; i < 40; i++) {
		await rename(user, `Name ${i}`);
		await events(s, i);
	}
	// It has them all when it reads at last, perhaps in fewer pages.
	raw.socket.resume();
	await waitUntil(() => raw.received().toString().includes('Name 39'));
	raw.socket.destroy();
	s.close();
});

test('heartbeats, and the end when the service stops', { timeout: 60_000 * SLOW }, async () => {
	const last = await startService();
	const own = await makeCast(last);
	const s = await openStream(last, own.key);
	await events(s, 1);
	await waitUntil(() => s.comments > 0, { timeoutMs: 20_000 });
	const t = Date.now();
	const exit = last.stop();
	await waitUntil(() => s.ended);
	assert.deepEqual(await exit, { code: 0, signal: null });
	assert.ok(Date.now() - t < 10_000);
});
