// /users/sync: pages, tags, packing, waiting; changes made by hand in SQL.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { SANITIZERS, TOP, connectRaw, makeApp, makeCast, makeKey, makeUser, onTeardown, rawRequest, startService, tempDir, waitUntil } from './harness.mjs';
import { SyncClient, call, setHashOf } from './sync_kit.mjs';

// ASan gives back what was freed, so that memory can be measured.
const svc = await startService({ env: { ASAN_OPTIONS: `${SANITIZERS.ASAN_OPTIONS}:quarantine_size_mb=1:thread_local_quarantine_size_kb=64` } });

async function cast() {
	const c = await makeCast(svc);
	return { ...c, get: (q, o = {}) => svc.get(`/users/sync${q}`, { key: c.key, ...o }) };
}
const ids = (r) => r.body.users.map((u) => u.auth_user_id);
const rename = (u, name, on = svc.db) => on.query('update person set name = $2 where auth_user_id = $1', [u.auth_user_id, name]);

// |n| more people of |app|, made in SQL.
const crowd = (app, n) => svc.db.query(`with p as (insert into person (name, email) select 'Crowd ' || i, 'c' || i || '.' || $2 || '@example.org' from generate_series(1, $3::int) i returning auth_user_id)
	insert into assignment (application_id, person_id) select $1, auth_user_id from p`, [app.id, randomUUID(), n]);

async function session() {
	const c = new pg.Client({ connectionString: svc.db.url });
	await c.connect();
	onTeardown(() => c.end());
	return c;
}

test('a snapshot, then what changes', async () => {
	const { app, user, get } = await cast();
	await makeUser(svc);	// nobody's
	const a = await get('?set_hash=1');
	assert.equal(a.status, 200);
	assert.equal(a.headers['cache-control'], 'no-store');
	assert.deepEqual([ids(a), a.body.removed, a.body.has_more, a.body.full], [[user.auth_user_id], [], false, true]);
	const { password, ...plain } = user;
	assert.ok(password);
	assert.deepEqual(a.body.users[0], plain, 'the User of every other answer');
	assert.equal(a.body.set_hash, setHashOf(a.body.users));
	const b = await get(`?cursor=${a.body.cursor}`);
	assert.deepEqual(b.body, { users: [], removed: [], cursor: a.body.cursor, has_more: false, full: false });
	const v = await makeUser(svc, { apps: [app] });
	await rename(user, 'Another');
	const c = await get(`?cursor=${a.body.cursor}`);
	assert.deepEqual(ids(c), [v.auth_user_id, user.auth_user_id]);
	assert.deepEqual((await get(`?cursor=${c.body.cursor}`)).body.users, []);
});

test('tags: 304 for whoever stands there', async () => {
	const { user, get } = await cast();
	const known = (r) => ({ headers: { 'if-none-match': r.headers.etag } });
	const a = await get('');
	assert.match(a.headers.etag, /^W\/"/);
	const again = await get('', known(a));
	assert.deepEqual([again.status, again.text, again.headers.etag, again.headers['content-length']], [304, '', a.headers.etag, undefined]);
	assert.equal(again.headers.vary, a.headers.vary);	// RFC 9110 s.15.4.5
	for (let i = 0; i < 3; i++) assert.equal((await get(`?cursor=${a.body.cursor}`, known(a))).status, 304);
	assert.equal((await get(`?cursor=${a.body.cursor}&set_hash=1`, known(a))).status, 200, 'the proof was not in it');
	await rename(user, 'Another');
	const b = await waitUntil(async () => {
		const r = await get(`?cursor=${a.body.cursor}`, known(a));
		return r.status === 200 && r;
	});
	assert.notEqual(b.headers.etag, a.headers.etag);
	assert.equal((await get(`?cursor=${b.body.cursor}`, known(b))).status, 304);
	assert.equal((await get('', known(a))).status, 200);
});

test('a call waits for a change, wherever it is made', async () => {
	const { app, key, user, get } = await cast();
	const { body: { cursor }, headers: { etag } } = await get('');
	// On both workers, each on a connection of its own.
	const calls = Array.from({ length: 12 }, () => call(`${svc.url}/users/sync?cursor=${cursor}&wait=20`, { 'x-auth-service-key': key }));
	await waitUntil(async () => (await svc.db.rows('select last_sync_at from sync_client where application_id = $1', [app.id])).length === 1);
	const t = Date.now();
	await rename(user, 'Awaited');
	const all = await Promise.all(calls);
	assert.ok(Date.now() - t < 5_000, 'long before its time');
	for (const r of all) assert.equal(r.body.users[0].name, 'Awaited');
	// Nothing happens: the end of its time.
	const now = all[0].body.cursor;
	const empty = await get(`?cursor=${now}&wait=1`);
	assert.ok(empty.ms >= 900 && empty.ms < 5_000, `${empty.ms}`);
	assert.deepEqual([empty.body.users, empty.body.cursor], [[], now]);
	const tagged = await get(`?cursor=${now}&wait=1`, { headers: { 'if-none-match': all[0].headers.etag } });
	assert.deepEqual([tagged.status, tagged.ms >= 900], [304, true]);
	// There is something already, or another application's change.
	assert.ok((await get(`?cursor=${cursor}&wait=20`, { headers: { 'if-none-match': etag } })).ms < 5_000);
	const other = await cast();
	const waiting = get(`?cursor=${now}&wait=2`);
	await rename(other.user, 'Not yours');
	assert.ok((await waiting).ms >= 1_900);
});

test('a change that another transaction holds back is told when that ends', async () => {
	const { user, get } = await cast();
	const { body: { cursor } } = await get('');
	const old = await session();
	await old.query('begin');
	await old.query('select pg_current_xact_id()');
	await rename(user, 'Held back');
	const r = await get(`?cursor=${cursor}&set_hash=1`);
	assert.deepEqual([r.body.users, r.body.set_hash], [[], undefined]);
	const waiting = get(`?cursor=${cursor}&wait=20`);
	let isDone = false;
	waiting.then(() => { isDone = true; });
	await get(`?cursor=${cursor}&wait=1`);
	assert.equal(isDone, false);
	await old.query('rollback');	// of which nobody is notified
	const w = await waiting;
	assert.equal(w.body.users[0].name, 'Held back');
	assert.ok(w.ms < 10_000);
});

test('changes by hand: rows deleted, tables emptied', async () => {
	const { app, user, get } = await cast();
	const v = await makeUser(svc, { apps: [app] });
	const a = await get('');
	await svc.db.query('delete from person where auth_user_id = $1', [user.auth_user_id]);
	await svc.db.query('delete from assignment where person_id = $1', [v.auth_user_id]);
	const b = await get(`?cursor=${a.body.cursor}`);
	assert.deepEqual(b.body.removed.map((r) => [r.auth_user_id, r.reason]), [[user.auth_user_id, 'deleted'], [v.auth_user_id, 'unassigned']]);
	const waiting = get(`?cursor=${b.body.cursor}&wait=20`);
	await svc.db.query('truncate assignment');
	const c = await waiting;
	assert.deepEqual([c.status, c.body.code], [410, 'resync_required']);
	const d = await get('?set_hash=1');
	assert.deepEqual([d.body.users, d.body.full, d.body.set_hash], [[], true, '0'.repeat(64)]);
});

test('a cursor is of its application, and nobody can make one', async () => {
	const [a, b] = [await cast(), await cast()];
	const { body: { cursor } } = await a.get('');
	assert.equal((await a.get(`?cursor=${cursor}`)).status, 200);
	for (const q of [[b, cursor], [a, cursor.slice(1)], [a, `${cursor}A`], [a, `B${cursor.slice(1)}`], [a, cursor.slice(0, -1) + (cursor.endsWith('A') ? 'B' : 'A')]]) {
		const r = await q[0].get(`?cursor=${q[1]}`);
		assert.deepEqual([r.status, r.body.errors[0].field], [422, 'cursor']);
	}
	const r = await a.get('?cursor=x&limit=x&wait=-1&set_hash=yes');
	assert.deepEqual(r.body.errors.map((e) => e.field).sort(), ['cursor', 'limit', 'set_hash', 'wait']);
});

test('pages of any size, packed or not', { timeout: 60_000 }, async () => {
	const { app, key } = await cast();
	await crowd(app, 3_499);
	for (const [limit, gzip, pages] of [[10_000, false, 1], [10_000, true, 1], [1_000, true, 4], [1_750, false, 2]]) {
		const c = new SyncClient(svc, key);
		while ((await c.poll({ limit, gzip, setHash: true }))?.has_more !== false);
		assert.deepEqual([c.users.size, c.pages, c.proofs], [3_500, pages, 1], `${limit}`);
	}
	const r = await call(`${svc.url}/users/sync?limit=10000`, { 'x-auth-service-key': key, 'accept-encoding': 'br;q=1, gzip;q=0.5' });
	assert.deepEqual([r.headers['content-encoding'], r.headers.vary, r.headers['transfer-encoding'], r.headers.etag], ['gzip', 'accept-encoding', 'chunked', undefined]);
	// A page without people, of changes of 1 500 and of as many leavers.
	const c = new SyncClient(svc, key);
	await c.finish();
	await svc.db.query("update person set name = 'Changed ' || name where name like 'Crowd%' and length(name) = 10");
	await svc.db.query("delete from assignment a using person p where p.auth_user_id = a.person_id and a.application_id = $1 and p.name like 'Crowd%'", [app.id]);
	while ((await c.poll({ limit: 10_000, gzip: true }))?.has_more);
	await c.finish();
	assert.equal(c.users.size, (await svc.db.rows('select from assignment where application_id = $1', [app.id])).length);
});

test('a connection goes on after a long page; HTTP/1.0 and HEAD', async () => {
	const { app, key } = await cast();
	await crowd(app, 2_000);
	const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
	const sockets = new Set();
	const get = (target) => new Promise((go, fail) => {
		http.get(`${svc.url}${target}`, { agent, headers: { 'x-auth-service-key': key } }, (res) => {
			sockets.add(res.socket);
			let n = 0;
			res.on('data', (d) => { n += d.length; });
			res.on('end', () => go({ status: res.statusCode, n }));
		}).on('error', fail);
	});
	for (let i = 0; i < 3; i++) {
		const r = await get('/users/sync?limit=10000');
		assert.ok(r.status === 200 && r.n > 500_000);
		assert.equal((await get('/users/sync?limit=1')).status, 200);
	}
	assert.equal(sockets.size, 1);
	agent.destroy();

	const head = await svc.request('HEAD', '/users/sync?limit=10000', { key });
	assert.deepEqual([head.status, head.text, head.headers['transfer-encoding']], [200, '', 'chunked']);
	const old = await rawRequest(svc, `GET /users/sync?limit=10000 HTTP/1.0\r\nHost: localhost\r\nX-Auth-Service-Key: ${key}\r\n\r\n`, { close: true });
	const [top, body] = old.text.split('\r\n\r\n');
	assert.ok(old.closed && !/transfer-encoding/i.test(top), top);
	assert.equal(JSON.parse(body).users.length, 2_001);
});

// Established connections to the service (state 01), as the kernel counts them.
const connections = (s) => fs.readFileSync('/proc/net/tcp', 'latin1').split('\n')
	.filter((l) => l.trim().split(/\s+/)[1]?.endsWith(`:${s.port.toString(16).toUpperCase().padStart(4, '0')}`) && l.trim().split(/\s+/)[3] === '01').length;

// What a worker has in memory beyond its files, KiB.
function memory() {
	return svc.workerPids().reduce((sum, pid) => sum + Number(/Anonymous:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))[1]), 0);
}

test('clients that do not read cost a bounded amount of memory, and nobody else his answer', { timeout: 120_000 }, async () => {
	const { app, key, get } = await cast();
	await crowd(app, 12_000);
	await get('?limit=10000');
	const before = memory();
	const slow = [];
	for (let i = 0; i < 16; i++) {
		const s = await connectRaw(svc);
		s.socket.pause();
		await s.write(`GET /users/sync?limit=10000 HTTP/1.1\r\nHost: localhost\r\nX-Auth-Service-Key: ${key}\r\n\r\n`);
		slow.push(s);
	}
	const r = await get('?limit=10000');
	assert.equal(r.body.users.length, 10_000);
	const grown = memory() - before;
	// 16 pages of 3.3 MB would be 52 MB; a piece of each is 5 MB.
	assert.ok(grown < 32 * 1024, `${grown} KiB`);
	for (const s of slow) s.socket.destroy();
	assert.equal((await get('?limit=10000')).status, 200);
});

test('waiting holds no connection of the database', { timeout: 60_000 }, async () => {
	const { key, user, get } = await cast();
	const { body: { cursor } } = await get('');
	const count = async () => Number((await svc.db.rows("select count(*) as n from pg_stat_activity where datname = current_database() and application_name <> '' or backend_type = 'client backend' and datname = current_database()"))[0].n);
	const before = await count();
	const calls = Array.from({ length: 400 }, () => call(`${svc.url}/users/sync?cursor=${cursor}&wait=30`, { 'x-auth-service-key': key }));
	await waitUntil(() => connections(svc) >= 400);
	assert.ok(await count() <= before + 2, 'no more than before');
	assert.ok((await get(`?cursor=${cursor}`)).ms < 3_000);
	await rename(user, 'For all');
	const all = await Promise.all(calls);
	assert.ok(all.every((r) => r?.body.users[0].name === 'For all'), 'each of them is told');
});

test('who misses the notification is told all the same', { timeout: 60_000 }, async () => {
	const { user, get } = await cast();
	const { body: { cursor } } = await get('');
	const waiting = get(`?cursor=${cursor}&wait=30`, { timeoutMs: 40_000 });
	await waitUntil(async () => (await svc.db.rows("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen%' or query = 'select 1' and datname = current_database()")).length > 0);
	await rename(user, 'Unheard');
	const r = await waiting;
	assert.equal(r.body.users[0].name, 'Unheard');
	assert.ok(r.ms < 15_000);
});

test('a key that is disabled ends the waiting', async () => {
	const { app, get } = await cast();
	const k = await makeKey(svc, app);
	const { body: { cursor } } = await get('');
	const waiting = call(`${svc.url}/users/sync?cursor=${cursor}&wait=30`, { 'x-auth-service-key': k.key });
	const t = Date.now();
	await svc.db.query('update application_key set is_enabled = false where key_id = $1', [k.id]);
	// Another change wakes it; a stranger would see nothing of it.
	await makeUser(svc, { apps: [app] });
	await waiting;
	assert.ok(Date.now() - t < 10_000);
	assert.equal((await svc.get('/users/sync', { key: k.key })).status, 401);
});

test('a worker that stops sends everybody home', { timeout: 60_000 }, async () => {
	const last = await startService();
	const own = await makeCast(last);
	const a = await last.get('/users/sync', { key: own.key });
	const waiting = Array.from({ length: 8 }, () => last.get(`/users/sync?cursor=${a.body.cursor}&wait=30`, { key: own.key }));
	await waitUntil(() => connections(last) >= 8);
	const t = Date.now();
	const exit = last.stop();
	for (const r of await Promise.all(waiting)) assert.deepEqual([r.status, r.body.cursor], [200, a.body.cursor]);
	assert.deepEqual(await exit, { code: 0, signal: null });
	assert.ok(Date.now() - t < 10_000);
});

test('the client of the guide', { timeout: 60_000 }, async () => {
	const { app, key, user } = await cast();
	const file = path.join(tempDir('copy'), 'people.json');
	const start = (...args) => spawn(process.execPath, [path.join(TOP, 'docs/examples/sync_client.mjs'), file, ...args], { env: { ...process.env, ID: svc.url, KEY: key }, stdio: 'inherit' });
	const copy = () => Object.values(JSON.parse(fs.readFileSync(file, 'utf8')).users);
	const [code] = await once(start('--once'), 'exit');
	assert.equal(code, 0);
	assert.deepEqual(copy().map((u) => u.auth_user_id), [user.auth_user_id]);
	const child = start();
	onTeardown(() => child.kill());
	await makeUser(svc, { apps: [app], name: 'Arrived' });
	await waitUntil(() => copy().some((u) => u.name === 'Arrived'));
	await svc.db.query('delete from person where auth_user_id = $1', [user.auth_user_id]);
	await waitUntil(() => copy().length === 1);
	// Begins again when it has to.
	await svc.db.query('update sync_feed set epoch = gen_random_uuid()');
	await svc.db.query("update person set name = 'Later' where name = 'Arrived'");
	await waitUntil(() => copy().some((u) => u.name === 'Later'));
	child.kill();
});

test('an application without people', async () => {
	const app = await makeApp(svc);
	const { key } = await makeKey(svc, app);
	const r = await svc.get('/users/sync?set_hash=1', { key });
	assert.deepEqual([r.body.users, r.body.full, r.body.has_more, r.body.set_hash], [[], true, false, '0'.repeat(64)]);
});
